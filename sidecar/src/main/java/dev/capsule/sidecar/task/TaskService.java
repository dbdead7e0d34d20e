package dev.capsule.sidecar.task;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Execution;
import dev.capsule.protocol.LoadProgramParams;
import dev.capsule.protocol.LoadProgramResult;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.RunTaskParams;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.policy.OptionException;
import dev.capsule.sidecar.policy.Options;
import dev.capsule.sidecar.sandbox.Engine;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What clients ask for: programs to be read and tasks to be run. Safe to use from any thread. */
public final class TaskService {
  private static final Pattern RUN_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private final Engine engine;
  private final ProgramLoader programs;
  private final Backoff backoff = Backoff.real();

  /**
   * @param layouts of the languages that the engine has guests for
   */
  public TaskService(Engine engine, Map<String, SourceLayout> layouts) {
    this.engine = engine;
    this.programs = new ProgramLoader(engine, layouts);
  }

  /** The languages of the programs that it can run. */
  public List<String> languages() {
    return engine.languages().stream().sorted().toList();
  }

  /**
   * Reads a program. Blocks until it is read.
   *
   * @throws RequestException if it cannot be
   */
  public LoadProgramResult loadProgram(LoadProgramParams params) {
    return programs.load(params).describe();
  }

  /** A run that was started. */
  public interface Running {
    /** Completes, always normally, when the run is over. */
    CompletableFuture<Envelope> envelope();

    /** Stops the run and all that it started. */
    void cancel();
  }

  /**
   * Starts a run.
   *
   * @throws RequestException if the request is not one that can be carried out
   */
  public Running runTask(RunTaskParams params, RunListener listener) {
    Program program = programs.get(params.program());
    String id = runId(params.run());
    RawJson args = orElse(params.args(), RawJson.EMPTY_ARRAY);
    RawJson kwargs = orElse(params.kwargs(), RawJson.EMPTY_OBJECT);
    if (!args.isArray()) {
      throw RequestException.invalid("args", args.text(), "must be an array");
    }
    if (!kwargs.isObject()) {
      throw RequestException.invalid("kwargs", kwargs.text(), "must be an object");
    }
    Options options = options(params.options(), program);
    String name = params.task() == null ? program.entry() : params.task();
    Program.Declared task = name == null ? null : program.tasks().get(name);
    RunListener.Run run =
        new RunListener.Run(id, null, name == null ? program.entryModule().name() : name);
    if (task == null) {
      return refused(
          run, listener, name == null ? noEntry(program) : Calls.notFound(name, program));
    }
    RunContext context = new RunContext(engine, listener, backoff, new RunTree(), Ids.trace());
    TaskRun started =
        new TaskRun(context, program, run, options.over(task.policy()), args, kwargs, null);
    started.start();
    return new Running() {
      @Override
      public CompletableFuture<Envelope> envelope() {
        return started.envelope();
      }

      @Override
      public void cancel() {
        started.cancel();
      }
    };
  }

  /**
   * The end of a run that cannot be taken because there are too many.
   *
   * @throws RequestException if the request is not one that could be carried out
   */
  public Envelope overloaded(RunTaskParams params, String why) {
    String task = params.task() == null ? "" : params.task();
    return refusal(
        new RunListener.Run(runId(params.run()), null, task),
        TaskFailure.of(ErrorType.OVERLOADED, why));
  }

  private static Options options(@Nullable JsonElement options, Program program) {
    if (options != null && !options.isJsonNull() && !options.isJsonObject()) {
      throw RequestException.invalid("options", options.toString(), "must be an object");
    }
    try {
      return Options.ofCaller(options instanceof JsonObject object ? object : null, program.root());
    } catch (OptionException e) {
      throw RequestException.invalidOption(e);
    }
  }

  private static TaskFailure noEntry(Program program) {
    return TaskFailure.of(
        ErrorType.TASK_NOT_FOUND,
        (program.tasks().isEmpty()
            ? "the program declares no task; mark a function with @task, or name one main"
            : "the program has several tasks and none is named main; name the one to run: "
                + String.join(", ", program.tasks().keySet())));
  }

  /** A run that ends before it begins. */
  private static Running refused(RunListener.Run run, RunListener listener, TaskFailure failure) {
    listener.queued(run);
    listener.finished(run, failure.type(), 0);
    CompletableFuture<Envelope> envelope = CompletableFuture.completedFuture(refusal(run, failure));
    return new Running() {
      @Override
      public CompletableFuture<Envelope> envelope() {
        return envelope;
      }

      @Override
      public void cancel() {}
    };
  }

  private static Envelope refusal(RunListener.Run run, TaskFailure failure) {
    return Envelope.failure(
        failure,
        new Execution(run.task(), 0, 0, null, null, List.of(), null, run.id(), Ids.trace()));
  }

  private static String runId(@Nullable String asked) {
    if (asked == null) {
      return Ids.run();
    }
    if (!RUN_ID.matcher(asked).matches()) {
      throw RequestException.invalid(
          "run",
          new JsonPrimitive(asked).toString(),
          "must be 1 to 64 letters, digits, '-', '_' or '.'");
    }
    return asked;
  }

  private static RawJson orElse(@Nullable RawJson value, RawJson otherwise) {
    return value == null || value.isNull() ? otherwise : value;
  }
}
