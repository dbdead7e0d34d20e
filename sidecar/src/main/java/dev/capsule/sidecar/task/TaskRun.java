package dev.capsule.sidecar.task;

import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Execution;
import dev.capsule.protocol.Limits;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.policy.TaskPolicy;
import dev.capsule.sidecar.sandbox.Attempt;
import dev.capsule.sidecar.sandbox.AttemptListener;
import dev.capsule.sidecar.sandbox.Ending;
import dev.capsule.sidecar.sandbox.Opening;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One run of a task: its attempts one after the other, the tasks it calls, and its envelope. */
final class TaskRun {
  private final RunContext context;
  private final Program program;
  private final TaskPolicy policy;
  private final Work work;
  private final RunListener.Run run;
  private final @Nullable TaskRun caller;
  private final @Nullable Step step;
  private final @Nullable Steps steps;
  private final CompletableFuture<Envelope> envelope = new CompletableFuture<>();
  private final long accepted = System.nanoTime();
  private final Object lock = new Object();
  private final HostRequests hostRequests;
  private final RunSpans spans;

  private @Nullable RequestException unwritten;
  private @Nullable Attempt attempt;
  private @Nullable Calls calls;
  private @Nullable Runnable pause;
  private boolean cancelled;
  private volatile boolean called;
  private int attempts;
  private @Nullable Long fuel;
  private @Nullable Long memory;

  /**
   * A run of a task.
   *
   * @param caller the run that calls it; null: a client does
   * @param spans the run's own span, which ends with it
   * @param steps the step of a workflow that it is, or where else the tasks that it calls are
   *     written down; null: nowhere
   */
  TaskRun(
      RunContext context,
      Program program,
      RunListener.Run run,
      TaskPolicy policy,
      RawJson args,
      RawJson kwargs,
      @Nullable TaskRun caller,
      RunSpans spans,
      @Nullable Steps steps) {
    this(
        context,
        program,
        run,
        policy,
        Invocation.of(program, run.task(), policy, args, kwargs, context),
        caller,
        spans,
        steps);
  }

  /** A run of anything. */
  TaskRun(
      RunContext context,
      Program program,
      RunListener.Run run,
      TaskPolicy policy,
      Work work,
      @Nullable TaskRun caller,
      RunSpans spans,
      @Nullable Steps steps) {
    this.context = context;
    this.program = program;
    this.run = run;
    this.policy = policy;
    this.caller = caller;
    this.spans = spans;
    this.steps = steps;
    this.step = steps instanceof Step own ? own : null;
    if (step != null) {
      spans.isStep(step.id());
    }
    this.work = work;
    this.hostRequests = new HostRequests(context.environment().values());
  }

  RunContext context() {
    return context;
  }

  Program program() {
    return program;
  }

  RunListener.Run run() {
    return run;
  }

  TaskPolicy policy() {
    return policy;
  }

  HostRequests hostRequests() {
    return hostRequests;
  }

  /** How many tasks, each waiting for the next, wait for it. */
  int depth() {
    return caller == null ? 0 : caller.depth() + 1;
  }

  /** The names of the tasks that wait for it, from the first, and its own. */
  List<String> chain() {
    List<String> names = caller == null ? new ArrayList<>() : caller.chain();
    names.add(run.task());
    return names;
  }

  /** Whether it has asked the host for anything that others may see, whatever came of it. */
  boolean hasCalled() {
    return called;
  }

  /** A tool was called, or a task, or there was an HTTP request. */
  void noteCall() {
    called = true;
  }

  /** Completes, always normally, when the run is over; a workflow's step: when that is written. */
  CompletableFuture<Envelope> envelope() {
    return envelope;
  }

  /** Why its end could not be written down, once it is over; null: it could, or need not. */
  @Nullable RequestException unwritten() {
    return unwritten;
  }

  void begin() {
    context.listener().queued(run);
    attempt();
  }

  /** Stops it and all that it called; its envelope says so, unless it is over already. */
  void cancel() {
    Attempt current;
    Calls open;
    Runnable pausing;
    synchronized (lock) {
      cancelled = true;
      current = attempt;
      open = calls;
      pausing = pause;
      pause = null;
    }
    if (pausing != null) {
      pausing.run();
      endCancelled();
      return;
    }
    if (current != null) {
      current.cancel();
    }
    if (open != null) {
      var _ = open.cancelAll(); // all at once, not one depth after the other
    }
  }

  /**
   * Has what runs come to its end by itself, which keeps a sandbox that is kept; what does not run
   * yet is stopped.
   */
  void interrupt() {
    Attempt current;
    synchronized (lock) {
      current = attempt;
      cancelled |= current == null;
    }
    if (current != null) {
      current.interrupt();
    }
  }

  private void attempt() {
    int number;
    synchronized (lock) {
      number = cancelled ? -1 : attempts++;
    }
    if (number < 0) { // it was cancelled while nothing of it ran
      endCancelled();
      return;
    }
    AttemptSpans span = spans.attempt(number);
    Calls mine = new Calls(this, span, steps == null ? null : steps.attempt());
    synchronized (lock) {
      calls = mine; // whoever cancels it from now on stops the attempt, and that stops these
    }
    Listener listener = new Listener(number, mine, span);
    Attempt started;
    try {
      started = work.start(context.engine(), context.tree(), depth(), called(number), listener);
    } catch (IllegalStateException e) {
      // the engine is closed: whoever waits for this run must not wait for ever
      listener.ended(new Ending.Failed(e, Ending.Usage.UNKNOWN));
      return;
    }
    mine.answerTo(started);
    boolean stop;
    synchronized (lock) {
      if (attempts == number + 1) { // it may be over, and the next one begun
        attempt = started;
      }
      stop = cancelled; // a cancellation that came meanwhile has found no attempt to stop
    }
    if (stop) {
      started.cancel();
    }
  }

  /** What the task is told of this attempt. */
  private CallContext called(int number) {
    return new CallContext(
        run.id(),
        number,
        context.trace().id(),
        context.workflow() == null ? null : context.workflow().id(),
        stepId());
  }

  /** The step of a workflow that it is; null: none. */
  @Nullable String stepId() {
    return step == null ? null : step.id();
  }

  private final class Listener implements AttemptListener {
    private final int number;
    private final Calls calls;
    private final AttemptSpans span;

    Listener(int number, Calls calls, AttemptSpans span) {
      this.number = number;
      this.calls = calls;
      this.span = span;
    }

    @Override
    public void placed() {
      span.placed();
    }

    @Override
    public void started() {
      span.started();
      context.listener().started(run, number);
    }

    @Override
    public void printed(boolean error, String text) {
      span.printed(error, text);
      context.listener().printed(run, error, text);
    }

    @Override
    public Opening.Closed opened(Opening opening) {
      return span.opened(opening);
    }

    @Override
    public @Nullable Runnable submitted(long id, String operation) {
      return calls.submit(id, Operation.parse(operation));
    }

    @Override
    public void ended(Ending ending) {
      long now = System.nanoTime();
      // another attempt, and whoever waits for the envelope, finds nothing of this one running
      var _ = calls.cancelAll().thenRun(() -> TaskRun.this.ended(ending, span, now));
    }
  }

  private void ended(Ending ending, AttemptSpans span, long at) {
    add(ending.usage());
    RawJson value = null;
    TaskFailure failure = null;
    switch (ending) {
      case Ending.Replied(String text, Ending.Usage ignored) -> {
        GuestReply reply = GuestReply.parse(text, work.maxResultChars());
        value = reply.value();
        failure = reply.failure();
      }
      case Ending.Interrupted(String text, boolean timeout, Ending.Usage ignored) -> {
        GuestReply reply = GuestReply.parse(text, work.maxResultChars());
        value = reply.value();
        failure = Failures.interrupted(reply.failure(), timeout, policy);
      }
      default -> failure = Failures.of(ending, policy);
    }
    if (value != null) {
      failure = work.objection(value);
    }
    span.end(ending.usage(), failure, at);
    if (failure != null || value == null) {
      fail(Objects.requireNonNull(failure));
    } else {
      finish(null, Envelope.success(value, execution()));
    }
  }

  private void add(Ending.Usage usage) {
    Long used = usage.fuel();
    if (used != null) {
      fuel = fuel == null ? used : fuel + used;
    }
    Long size = usage.memoryBytes();
    if (size != null) {
      memory = memory == null ? size : Math.max(memory, size);
    }
  }

  private void fail(TaskFailure failure) {
    boolean again;
    synchronized (lock) {
      again =
          attempts <= policy.maxRetries()
              && policy.retryOn().contains(ErrorType.of(failure.type()))
              && !context.tree().isTooDeep();
      if (again && !cancelled) {
        pause = context.backoff().after(attempts, this::attemptAgain);
        return;
      }
    }
    if (again) {
      endCancelled(); // not by the failure, which a workflow would take for its end
    } else {
      finish(failure.type(), Envelope.failure(failure, execution()));
    }
  }

  private void attemptAgain() {
    synchronized (lock) {
      if (pause == null) {
        return; // it was cancelled
      }
      pause = null;
    }
    attempt();
  }

  private void endCancelled() {
    TaskFailure end = Failures.cancelled();
    finish(end.type(), Envelope.failure(end, execution()));
  }

  private void finish(@Nullable String errorType, Envelope result) {
    context.listener().finished(run, errorType, result.execution().durationMs());
    spans.end(result);
    if (step == null || Failures.cancelled().type().equals(errorType)) {
      envelope.complete(result); // a step that was stopped is run again, as one that never ended
      return;
    }
    var _ =
        step.end(result)
            .whenComplete((written, problem) ->
                envelope.complete(problem == null ? result : unwritten(problem)));
  }

  private Envelope unwritten(Throwable problem) {
    Throwable cause = problem instanceof CompletionException ? problem.getCause() : problem;
    unwritten =
        cause instanceof RequestException e
            ? e
            : new RequestException(ErrorCode.INTERNAL_ERROR, "a fault of Capsule: " + cause, null);
    return Envelope.failure(
        TaskFailure.of(ErrorType.INTERNAL, String.valueOf(unwritten.getMessage())), execution());
  }

  private Limits limits() {
    return new Limits(
        policy.fuel(), policy.memoryBytes(), policy.timeout().toMillis(), policy.lowered());
  }

  private Execution execution() {
    return new Execution(
        run.task(),
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - accepted),
        Math.max(0, attempts - 1),
        fuel,
        memory,
        hostRequests.list(),
        limits(),
        run.id(),
        context.trace().id(),
        step == null ? null : step.id(),
        false);
  }
}
