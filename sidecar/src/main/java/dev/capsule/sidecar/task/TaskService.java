package dev.capsule.sidecar.task;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.DescribeConfigParams;
import dev.capsule.protocol.DescribeConfigResult;
import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Execution;
import dev.capsule.protocol.LoadProgramParams;
import dev.capsule.protocol.LoadProgramResult;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.RunTaskParams;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.http.HttpGate;
import dev.capsule.sidecar.journal.Journals;
import dev.capsule.sidecar.policy.Ceiling;
import dev.capsule.sidecar.policy.Ceilings;
import dev.capsule.sidecar.policy.DeniedException;
import dev.capsule.sidecar.policy.OptionException;
import dev.capsule.sidecar.policy.Options;
import dev.capsule.sidecar.policy.Source;
import dev.capsule.sidecar.policy.TaskPolicy;
import dev.capsule.sidecar.sandbox.Engine;
import dev.capsule.sidecar.trace.ActiveSpan;
import dev.capsule.sidecar.trace.Trace;
import dev.capsule.sidecar.trace.TraceContext;
import dev.capsule.sidecar.trace.Tracing;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What clients ask for: programs to be read and tasks to be run. Safe to use from any thread. */
public final class TaskService {
  private static final Pattern RUN_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private final Engine engine;
  private final Traces traces;
  private final Languages languages;
  private final ProgramLoader programs;
  private final Workflows workflows;
  private final WorkflowRecords records;
  private final HttpGate http = new HttpGate();
  private final Backoff backoff = Backoff.real();
  private final Map<String, String> environment;
  private final Sessions sessions;

  /**
   * @param languages those that there are; programs can be run in those that the engine has guests
   *     for
   * @param journals where workflows are written down
   * @param tracing where traces go
   * @param environment of this process
   */
  public TaskService(
      Engine engine,
      Collection<Language> languages,
      Journals journals,
      Tracing tracing,
      Map<String, String> environment) {
    this.engine = engine;
    this.environment = Map.copyOf(environment);
    this.traces = new Traces(tracing, environment);
    this.languages = new Languages(languages, engine.languages());
    this.programs = new ProgramLoader(engine, this.languages);
    StoreFinder stores = new StoreFinder(journals, environment);
    this.workflows = new Workflows(stores, traces);
    this.records = new WorkflowRecords(stores);
    this.sessions =
        new Sessions(
            new CellSpace.Services(engine, http, backoff, traces, this.languages, this.environment),
            stores);
  }

  /** The workflows that are open here. */
  public Workflows workflows() {
    return workflows;
  }

  /** Code that is run as it stands. */
  public Sessions sessions() {
    return sessions;
  }

  /** The workflows that are written down. */
  public WorkflowRecords records() {
    return records;
  }

  /** The languages of the programs that it can run. */
  public List<String> languages() {
    return languages.available();
  }

  /**
   * Prepares for programs in some languages, in the background.
   *
   * @param names those that the client means to use; others are prepared when they are asked for.
   *     Null: it does not say, and all are prepared
   */
  public void prepare(@Nullable List<String> names) {
    languages().stream()
        .filter(language -> names == null || names.contains(language))
        .forEach(engine::prepare);
  }

  /**
   * Reads a program. Blocks until it is read.
   *
   * @param progress told what takes long
   * @throws RequestException if it cannot be
   */
  public LoadProgramResult loadProgram(LoadProgramParams params, Consumer<String> progress) {
    return programs.load(params, progress).describe();
  }

  /**
   * Tells what is set where. Blocks until the program that it is about, if any, is read.
   *
   * @param progress told what takes long
   * @throws RequestException if it cannot be, or the configuration has a mistake
   */
  public DescribeConfigResult describeConfig(
      DescribeConfigParams params, Consumer<String> progress) {
    return programs.describeConfig(params, progress);
  }

  /** The traces of what it runs. */
  public Traces traces() {
    return traces;
  }

  /** A run that was started. */
  public interface Running {
    /**
     * Completes when the run is over: normally, but by {@link RequestException} where it is a step
     * that the workflow refuses or whose end could not be written down.
     */
    CompletableFuture<Envelope> envelope();

    /** Stops the run and all that it started. */
    void cancel();
  }

  /** Whether the task of a run is in another file of the project, which has to be read before. */
  public boolean mustReadFirst(RunTaskParams params) {
    String task = params.task();
    return task != null && programs.get(params.program()).others().isUnread(task);
  }

  /**
   * Reads the file that the task of a run is in. Blocks until it is read.
   *
   * @throws RequestException if it cannot be
   */
  public void readFirst(RunTaskParams params) {
    Program _ =
        programs.get(params.program()).others().of(Objects.requireNonNull(params.task()), 0);
  }

  /**
   * Starts a run. Blocks if the task is in another file that must be read first.
   *
   * @param caller runs the tools that the request offers
   * @throws RequestException if the request is not one that can be carried out
   */
  public Running runTask(RunTaskParams params, RunListener listener, ToolCaller caller) {
    Program asked = programs.get(params.program());
    String id = runId(params.run());
    RawJson args = orElse(params.args(), RawJson.EMPTY_ARRAY);
    RawJson kwargs = orElse(params.kwargs(), RawJson.EMPTY_OBJECT);
    if (!args.isArray()) {
      throw RequestException.invalid("args", args.text(), "must be an array");
    }
    if (!kwargs.isObject()) {
      throw RequestException.invalid("kwargs", kwargs.text(), "must be an object");
    }
    ClientTools tools = ClientTools.of(id, params.tools(), caller);
    Options options = options(params.options(), asked);
    Ceilings ceilings = ceilings(params.ceiling(), asked);
    String name = params.task() == null ? asked.entry() : params.task();
    Program program = name != null && asked.others().has(name) ? asked.others().of(name, 0) : asked;
    Program.Declared task = name == null ? null : program.tasks().get(name);
    RunListener.Run run =
        new RunListener.Run(id, null, name == null ? program.entryModule().name() : name);
    if (task == null) {
      return refused(
          run, listener, name == null ? noEntry(program) : Calls.notFound(name, program));
    }
    TaskPolicy policy;
    try {
      policy = ceilings.bound(task.info().name(), options.over(task.options()));
    } catch (DeniedException e) {
      return refused(run, listener, Failures.denied(e));
    }
    RunContext.Variables variables =
        new RunContext.Variables(Environment.given(params.env()), environment);
    Workflow workflow = params.workflow() == null ? null : workflows.get(params.workflow());
    ActiveSpan parent = workflow == null ? trace(params, asked).outside() : workflow.spans().span();
    RunContext context =
        new RunContext(
            engine,
            http.share(),
            listener,
            backoff,
            ceilings,
            new RunTree(),
            parent.trace(),
            tools,
            variables,
            variables.of(program, policy.env()),
            workflow);
    if (workflow != null) {
      workflow.spans().hide(context.environment().values());
    }
    Function<@Nullable Steps, TaskRun> make =
        steps ->
            new TaskRun(
                context,
                program,
                run,
                policy,
                args,
                kwargs,
                null,
                RunSpans.begin(
                    parent, context, program, run, options.over(task.options()), args, kwargs),
                steps);
    if (workflow == null) {
      return started(make.apply(null));
    }
    if (Boolean.TRUE.equals(params.main())) {
      return WorkflowRun.ofMain(workflow, make.apply(workflow.asMain()));
    }
    return WorkflowRun.ofStep(
        workflow,
        workflow
            .client()
            .begin(
                StepIdentity.ofTask(asked.entryFile().module(), run.task(), args, kwargs),
                params.occurrence()),
        make::apply,
        workflow.spans()::replayed);
  }

  private Trace trace(RunTaskParams params, Program program) {
    return traces.begin(
        TraceContext.parse(params.traceparent(), params.tracestate()),
        program.config(),
        program.entryFile().root(),
        false);
  }

  private static Running started(TaskRun run) {
    run.begin();
    return new Running() {
      @Override
      public CompletableFuture<Envelope> envelope() {
        return run.envelope();
      }

      @Override
      public void cancel() {
        run.cancel();
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

  private static Options options(@Nullable JsonElement given, Program program) {
    try {
      Options options = Options.ofCaller(objectOrNull("options", given), program.config().folder());
      options.requireTasks(program.callable(), Source.caller());
      return options;
    } catch (OptionException e) {
      throw RequestException.invalidOption(e);
    }
  }

  /** The configuration's ceiling and the caller's: what is allowed must be so by both. */
  private static Ceilings ceilings(@Nullable JsonElement given, Program program) {
    JsonObject ceiling = objectOrNull("ceiling", given);
    if (ceiling == null) {
      return program.config().ceilings();
    }
    try {
      return program
          .config()
          .ceilings()
          .and(Ceiling.read(ceiling, Source.callersCeiling(), program.config().folder()));
    } catch (OptionException e) {
      throw RequestException.invalidOption(e);
    }
  }

  private static @Nullable JsonObject objectOrNull(String field, @Nullable JsonElement given) {
    if (given == null || given.isJsonNull()) {
      return null;
    }
    if (given instanceof JsonObject object) {
      return object;
    }
    throw RequestException.invalid(field, given.toString(), "must be an object");
  }

  private static TaskFailure noEntry(Program program) {
    return TaskFailure.of(
        ErrorType.TASK_NOT_FOUND,
        (program.tasks().isEmpty()
            ? "the program declares no task; make a function a task, or name one main"
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
        new Execution(
            run.task(), 0, 0, null, null, List.of(), null, run.id(), Ids.trace(), null, false));
  }

  static String runId(@Nullable String asked) {
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
