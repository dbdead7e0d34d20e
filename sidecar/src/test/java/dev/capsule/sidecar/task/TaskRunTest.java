package dev.capsule.sidecar.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.TaskInfo;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.http.HttpGate;
import dev.capsule.sidecar.policy.Ceilings;
import dev.capsule.sidecar.policy.DeniedException;
import dev.capsule.sidecar.policy.OptionException;
import dev.capsule.sidecar.policy.Options;
import dev.capsule.sidecar.policy.ProjectConfig;
import dev.capsule.sidecar.policy.TaskPolicy;
import dev.capsule.sidecar.sandbox.Attempt;
import dev.capsule.sidecar.sandbox.AttemptListener;
import dev.capsule.sidecar.sandbox.Compiled;
import dev.capsule.sidecar.sandbox.Ending;
import dev.capsule.sidecar.sandbox.Engine;
import dev.capsule.sidecar.sandbox.KeptSandbox;
import dev.capsule.sidecar.sandbox.Start;
import dev.capsule.sidecar.trace.Trace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Attempts, pauses and what is stopped, step by step: an engine that does what the test says. */
class TaskRunTest {
  private static final String FAILURE =
      "{\"error\":{\"type\":\"task_error\",\"message\":\"no\",\"class\":\"E\",\"traceback\":null}}";

  /** What the run under test has been given; nothing goes on by itself. */
  private final List<FakeAttempt> attempts = new ArrayList<>();

  private final List<Duration> pauses = new ArrayList<>();
  private final List<String> events = new ArrayList<>();
  private Runnable whileStarting = () -> {};
  private Runnable whenQueued = () -> {};
  private boolean engineIsClosed;
  private @Nullable Runnable afterPause;

  private static final class FakeAttempt implements Attempt {
    final Start start;
    final AttemptListener listener;
    final List<String> completions = new ArrayList<>();
    boolean cancelled;

    FakeAttempt(Start start, AttemptListener listener) {
      this.start = start;
      this.listener = listener;
    }

    @Override
    public void complete(long id, String completion, String apart) {
      completions.add(id + " " + completion);
    }

    @Override
    public void interrupt() {
      cancel();
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    void ends(String reply) {
      listener.ended(new Ending.Replied(reply, new Ending.Usage(1L, 1L)));
    }
  }

  private static final Language PYTHON =
      new Language("python", List.of(".py"), new Language.Files(".py", "__init__.py"), null, "");

  private final class FakeEngine implements Engine {
    @Override
    public Set<String> languages() {
      return Set.of("python");
    }

    @Override
    public void prepare(String language) {}

    @Override
    public Attempt start(Start start, AttemptListener listener) {
      if (engineIsClosed) {
        throw new IllegalStateException("the engine is closed");
      }
      FakeAttempt attempt = new FakeAttempt(start, listener);
      attempts.add(attempt);
      whileStarting.run();
      return attempt;
    }

    @Override
    public KeptSandbox keep(String language, long maxDiskBytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Attempt start(Start start, KeptSandbox sandbox, AttemptListener listener) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String build(String language) {
      return "build";
    }

    @Override
    public Compiled compile(String language, String request) {
      return new Compiled.Code("code");
    }

    @Override
    public void close() {}
  }

  private final class Recorder implements RunListener {
    @Override
    public void queued(Run run) {
      whenQueued.run();
    }

    @Override
    public void started(Run run, int attempt) {
      events.add("started " + attempt);
    }

    @Override
    public void printed(Run run, boolean error, String text) {}

    @Override
    public void finished(Run run, @Nullable String errorType, long durationMs) {
      events.add("finished " + run.task() + " " + errorType);
    }
  }

  private final Engine engine = new FakeEngine();
  private final RunTree tree = new RunTree();

  private static Options options(int maxRetries, @Nullable List<String> tasks) {
    JsonObject json = new JsonObject();
    json.addProperty("max_retries", maxRetries);
    if (tasks != null) {
      json.add("tasks", Json.array(tasks.toArray(String[]::new)));
    }
    try {
      return Options.ofCaller(json, Path.of("/"));
    } catch (OptionException e) {
      throw new AssertionError(e);
    }
  }

  private static TaskPolicy bound(Options options) {
    try {
      return new Ceilings(List.of()).bound("main", options);
    } catch (DeniedException e) {
      throw new AssertionError(e);
    }
  }

  private Modules modules(EntryFile file, EntryFile.Content content) {
    try {
      return file.modules(engine, content);
    } catch (Modules.RejectedException e) {
      throw new AssertionError(e);
    }
  }

  private TaskRun run(Options options) {
    Map<String, Program.Declared> tasks = new LinkedHashMap<>();
    for (String name : List.of("main", "other")) {
      tasks.put(
          name,
          new Program.Declared(
              new TaskInfo(name, name, "main.py", 1, "()", new JsonObject()), options));
    }
    EntryFile file = new EntryFile(PYTHON, Path.of("/"), "main", Path.of("/main.py"), "");
    EntryFile.Content content = file.read();
    ProjectConfig config = ProjectConfig.none(Path.of("/"));
    OtherFiles none =
        new OtherFiles(
            config,
            file.file(),
            (other, depth) -> {
              throw new AssertionError(other);
            });
    Program program =
        new Program("id", file, content, config, modules(file, content), "main", null, tasks, none);
    Backoff backoff =
        new Backoff(
            () -> 0.5,
            (pause, then) -> {
              pauses.add(pause);
              afterPause = then;
              return () -> afterPause = null;
            });
    Trace trace = new Trace(null, Ids.trace(), List.of());
    RunContext context =
        new RunContext(
            engine,
            new HttpGate().share(),
            new Recorder(),
            backoff,
            new Ceilings(List.of()),
            tree,
            trace,
            new ClientTools("run", Set.of(), params -> new CompletableFuture<>()),
            new RunContext.Variables(Map.of(), Map.of()),
            Map.of(),
            null);
    RunListener.Run run = new RunListener.Run("run", null, "main");
    RawJson args = RawJson.EMPTY_ARRAY;
    RawJson kwargs = RawJson.EMPTY_OBJECT;
    return new TaskRun(
        context,
        program,
        run,
        bound(options),
        args,
        kwargs,
        null,
        RunSpans.begin(trace.outside(), context, program, run, Options.NONE, args, kwargs),
        null);
  }

  private void pauseIsOver() {
    Objects.requireNonNull(afterPause).run();
  }

  private static TaskFailure failure(TaskRun run) {
    return Objects.requireNonNull(envelope(run).error());
  }

  private static Envelope envelope(TaskRun run) {
    return Objects.requireNonNull(run.envelope().getNow(null), "the run is not over");
  }

  @Test
  void pausesGrowAndEachAttemptIsAnotherStart() {
    TaskRun run = run(options(3, null));
    run.begin();
    for (int i = 0; i < 3; i++) {
      attempts.getLast().listener.started();
      attempts.getLast().ends(FAILURE);
      assertThat(attempts).as("nothing is begun during the pause").hasSize(i + 1);
      pauseIsOver();
    }
    attempts.getLast().listener.started();
    attempts.getLast().ends(FAILURE);
    assertThat(pauses)
        .containsExactly(Duration.ofMillis(25), Duration.ofMillis(50), Duration.ofMillis(100));
    assertThat(attempts).hasSize(4);
    assertThat(envelope(run).execution().retries()).isEqualTo(3);
    assertThat(events)
        .containsExactly(
            "started 0", "started 1", "started 2", "started 3", "finished main task_error");
  }

  @Test
  void aCancellationDuringThePauseEndsItAtOnce() {
    TaskRun run = run(options(3, null));
    run.begin();
    attempts.getLast().ends(FAILURE);
    Runnable late = Objects.requireNonNull(afterPause);
    run.cancel();
    assertThat(failure(run).type()).isEqualTo("cancelled");
    assertThat(afterPause).as("the pause is called off").isNull();
    late.run();
    assertThat(attempts).hasSize(1);
  }

  /** It would have been tried again: that it failed is not how it ended. */
  @Test
  void aFailureAfterACancellationIsNoEndWhileThereAreRetries() {
    TaskRun run = run(options(1, null));
    run.begin();
    run.cancel();
    attempts.getLast().ends(FAILURE);
    assertThat(pauses).isEmpty();
    assertThat(failure(run).type()).isEqualTo("cancelled");

    TaskRun last = run(options(0, null));
    last.begin();
    last.cancel();
    attempts.getLast().ends(FAILURE);
    assertThat(failure(last).type()).isEqualTo("task_error");
    assertThat(attempts).hasSize(2);
  }

  @Test
  void whatAFailedAttemptStartedHasEndedBeforeTheNextBegins() {
    TaskRun run = run(options(1, null));
    run.begin();
    FakeAttempt first = attempts.getLast();
    first.listener.submitted(1, "{\"op\":\"call\",\"task\":\"other\"}");
    FakeAttempt nested = attempts.getLast();
    assertThat(attempts).hasSize(2);
    first.ends(FAILURE);
    assertThat(nested.cancelled).isTrue();
    assertThat(pauses).as("the nested task has not ended").isEmpty();
    nested.listener.ended(new Ending.Cancelled(Ending.Usage.UNKNOWN));
    assertThat(pauses).hasSize(1);
    pauseIsOver();
    assertThat(attempts).hasSize(3);
    first.listener.submitted(2, "{\"op\":\"call\",\"task\":\"other\"}");
    assertThat(attempts).as("an attempt that is over starts nothing").hasSize(3);
    attempts.getLast().ends("{\"ok\":7}");
    assertThat(envelope(run).success()).isTrue();
  }

  @Test
  void aCancellationStopsAllDepthsAtOnce() {
    TaskRun run = run(options(3, null));
    run.begin();
    for (int depth = 0; depth < 5; depth++) {
      attempts.getLast().listener.submitted(1, "{\"op\":\"call\",\"task\":\"other\"}");
    }
    assertThat(attempts).hasSize(6);
    run.cancel();
    assertThat(attempts).allMatch(attempt -> attempt.cancelled);
    for (FakeAttempt attempt : attempts) {
      assertThat(run.envelope()).isNotDone();
      attempt.listener.ended(new Ending.Cancelled(Ending.Usage.UNKNOWN));
    }
    assertThat(failure(run).type()).isEqualTo("cancelled");
  }

  @Test
  void aRunThatIsCancelledBeforeItBeginsNeverDoes() {
    TaskRun run = run(options(3, null));
    whenQueued = run::cancel;
    run.begin();
    assertThat(attempts).isEmpty();
    assertThat(failure(run).type()).isEqualTo("cancelled");
    assertThat(envelope(run).execution().retries()).isZero();
  }

  @Test
  void aCancellationWhileTheAttemptIsStartedFindsIt() {
    TaskRun run = run(options(3, null));
    whileStarting = run::cancel;
    run.begin();
    assertThat(attempts.getLast().cancelled).isTrue();
    attempts.getLast().listener.ended(new Ending.Cancelled(Ending.Usage.UNKNOWN));
    assertThat(failure(run).type()).isEqualTo("cancelled");
  }

  /** Between the moment when its caller knows of it and that when it has an attempt to stop. */
  @Test
  void aNestedTaskThatIsJustBeginningDoesNotEscapeItsCallersEnd() {
    TaskRun run = run(options(3, null));
    run.begin();
    FakeAttempt root = attempts.getFirst();
    whenQueued = run::cancel;
    root.listener.submitted(1, "{\"op\":\"call\",\"task\":\"other\"}");
    assertThat(attempts).as("cancelled before it began").hasSize(1);
    assertThat(root.cancelled).isTrue();

    TaskRun second = run(options(3, null));
    whenQueued = () -> {};
    second.begin();
    FakeAttempt other = attempts.getLast();
    whileStarting = second::cancel;
    other.listener.submitted(1, "{\"op\":\"call\",\"task\":\"other\"}");
    FakeAttempt nested = attempts.getLast();
    assertThat(nested).isNotSameAs(other);
    assertThat(nested.cancelled).as("cancelled while it was started").isTrue();
    other.listener.ended(new Ending.Cancelled(Ending.Usage.UNKNOWN));
    assertThat(second.envelope()).as("the nested one has not ended").isNotDone();
    nested.listener.ended(new Ending.Cancelled(Ending.Usage.UNKNOWN));
    assertThat(failure(second).type()).isEqualTo("cancelled");
  }

  @Test
  void aCancellationAsThePauseEndsIsNotLost() {
    TaskRun run = run(options(3, null));
    run.begin();
    attempts.getLast().ends(FAILURE);
    whileStarting = run::cancel;
    pauseIsOver();
    assertThat(attempts).hasSize(2);
    assertThat(attempts.getLast().cancelled).isTrue();
  }

  @Test
  void anEngineThatIsClosedKeepsNobodyWaiting() {
    TaskRun run = run(options(0, null));
    run.begin();
    engineIsClosed = true;
    attempts.getFirst().listener.submitted(1, "{\"op\":\"call\",\"task\":\"other\"}");
    assertThat(attempts.getFirst().completions).singleElement().asString().contains("internal");
    attempts.getFirst().ends("{\"ok\":7}");
    assertThat(envelope(run).success()).isTrue();
  }

  @Test
  void aTaskCallsOnlyTheTasksThatItWasGiven() {
    TaskRun run = run(options(0, List.of("main")));
    run.begin();
    attempts.getFirst().listener.submitted(1, "{\"op\":\"call\",\"task\":\"other\"}");
    attempts.getFirst().listener.submitted(2, "{\"op\":\"call\",\"task\":\"main\"}");
    assertThat(attempts).hasSize(2);
    assertThat(attempts.getFirst().completions)
        .singleElement()
        .asString()
        .contains("policy_denied")
        .contains("\\\"main\\\" may not call \\\"other\\\": it was given tasks=[\\\"main\\\"]");
  }

  @Test
  void runawayRecursionTellsTheChainAndIsNotTriedAgain() {
    TaskRun run = run(options(5, null));
    run.begin();
    for (int depth = 0; depth < Start.MAX_DEPTH; depth++) {
      attempts
          .getLast()
          .listener
          .submitted(
              1, "{\"op\":\"call\",\"task\":\"" + (depth % 2 == 0 ? "other" : "main") + "\"}");
    }
    FakeAttempt deepest = attempts.getLast();
    assertThat(deepest.start.depth()).isEqualTo(Start.MAX_DEPTH);
    deepest.listener.submitted(1, "{\"op\":\"call\",\"task\":\"other\"}");
    assertThat(deepest.completions)
        .singleElement()
        .asString()
        .contains("overloaded")
        .contains("at most 16 deep: main → other → main → other")
        .contains("main → other; end the recursion earlier");
    for (FakeAttempt attempt : List.copyOf(attempts).reversed()) {
      attempt.ends(FAILURE);
    }
    assertThat(pauses).isEmpty();
    assertThat(failure(run).type()).isEqualTo("task_error");
  }

  @Test
  void aRunHasSoManyNestedRunsAtOnce() {
    TaskRun run = run(options(0, null));
    run.begin();
    FakeAttempt root = attempts.getFirst();
    for (int i = 1; i <= RunTree.MAX_OPEN + 1; i++) {
      root.listener.submitted(i, "{\"op\":\"call\",\"task\":\"other\"}");
    }
    assertThat(attempts).hasSize(RunTree.MAX_OPEN + 1);
    assertThat(root.completions)
        .singleElement()
        .asString()
        .contains("overloaded")
        .contains("10,000 nested tasks of this run");
    attempts.getLast().ends("{\"ok\":1}");
    root.listener.submitted(20_000, "{\"op\":\"call\",\"task\":\"other\"}");
    assertThat(attempts).as("one has ended, so there is room for one").hasSize(10_002);
  }
}
