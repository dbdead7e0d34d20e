package dev.capsule.sidecar.task;

import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Execution;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.Limits;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.policy.Mount;
import dev.capsule.sidecar.policy.TaskPolicy;
import dev.capsule.sidecar.sandbox.Attempt;
import dev.capsule.sidecar.sandbox.AttemptListener;
import dev.capsule.sidecar.sandbox.Ending;
import dev.capsule.sidecar.sandbox.Start;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One run of a task: its attempts one after the other, the tasks it calls, and its envelope. */
final class TaskRun {
  private static final long FIRST_PAUSE_MS = 50;
  private static final long LONGEST_PAUSE_MS = 5_000;

  private final RunContext context;
  private final Program program;
  private final TaskPolicy policy;
  private final String request;
  private final RunListener.Run run;
  private final int depth;
  private final CompletableFuture<Envelope> envelope = new CompletableFuture<>();
  private final long accepted = System.nanoTime();
  private final Object lock = new Object();

  private @Nullable Attempt attempt;
  private boolean cancelled;
  private boolean pausing;
  private int attempts;
  private @Nullable Long fuel;
  private @Nullable Long memory;

  TaskRun(
      RunContext context,
      Program program,
      RunListener.Run run,
      TaskPolicy policy,
      RawJson args,
      RawJson kwargs,
      int depth) {
    this.context = context;
    this.program = program;
    this.run = run;
    this.policy = policy;
    this.depth = depth;
    this.request = request(program, run.task(), args, kwargs, policy.maxResultBytes());
  }

  private static String request(
      Program program, String task, RawJson args, RawJson kwargs, long maxResultBytes) {
    return "{\"op\":\"call\",\"modules\":["
        + program.entryModule().json()
        + "],\"task\":"
        + Json.gson().toJson(task)
        + ",\"args\":"
        + args
        + ",\"kwargs\":"
        + kwargs
        + ",\"env\":{},\"max_result_bytes\":"
        + maxResultBytes
        + "}";
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

  int depth() {
    return depth;
  }

  /** Completes, always normally, when the run is over. */
  CompletableFuture<Envelope> envelope() {
    return envelope;
  }

  void start() {
    context.listener().queued(run);
    attempt();
  }

  /** Stops it and all that it called; its envelope says so, unless it is over already. */
  void cancel() {
    Attempt current;
    boolean betweenAttempts;
    synchronized (lock) {
      cancelled = true;
      current = attempt;
      betweenAttempts = pausing;
      pausing = false;
    }
    if (betweenAttempts) {
      TaskFailure end = Failures.cancelled();
      finish(end.type(), Envelope.failure(end, execution()));
    } else if (current != null) {
      current.cancel();
    }
  }

  private void attempt() {
    Calls calls = new Calls(this);
    int number;
    synchronized (lock) {
      number = attempts++;
    }
    Attempt started =
        context
            .engine()
            .start(
                new Start(
                    program.language(),
                    request,
                    context.tree(),
                    depth > 0,
                    policy.fuel(),
                    policy.memoryBytes(),
                    policy.timeout(),
                    policy.maxOutputBytes(),
                    policy.maxDiskBytes(),
                    policy.mounts().stream().filter(m -> !m.file()).map(TaskRun::folder).toList(),
                    policy.mounts().stream().filter(Mount::file).map(TaskRun::file).toList()),
                new Listener(number, calls));
    calls.answerTo(started);
    boolean stop;
    synchronized (lock) {
      if (attempts == number + 1) { // it may be over, and the next one begun
        attempt = started;
      }
      stop = cancelled;
    }
    if (stop) {
      started.cancel();
    }
  }

  private static Start.Folder folder(Mount mount) {
    return new Start.Folder(mount.host(), mount.guest(), mount.writable());
  }

  private static Start.SingleFile file(Mount mount) {
    return new Start.SingleFile(mount.host(), mount.guest(), mount.writable());
  }

  private final class Listener implements AttemptListener {
    private final int number;
    private final Calls calls;

    Listener(int number, Calls calls) {
      this.number = number;
      this.calls = calls;
    }

    @Override
    public void started() {
      context.listener().started(run, number);
    }

    @Override
    public void printed(boolean error, String text) {
      context.listener().printed(run, error, text);
    }

    @Override
    public void submitted(long id, String operation) {
      calls.submit(id, Operation.parse(operation));
    }

    @Override
    public void ended(Ending ending) {
      calls.cancelAll();
      TaskRun.this.ended(ending);
    }
  }

  private void ended(Ending ending) {
    add(ending.usage());
    if (ending instanceof Ending.Replied(String text, Ending.Usage ignored)) {
      switch (GuestReply.parse(text, policy.maxResultBytes())) {
        case GuestReply.Ok(RawJson value) -> {
          if (utf8Length(value.text()) <= policy.maxResultBytes()) {
            finish(null, Envelope.success(value, execution()));
          } else {
            fail(
                TaskFailure.of(
                    ErrorType.INVALID_RESULT,
                    "the result is longer than max_result, "
                        + policy.maxResultBytes()
                        + " bytes of JSON"));
          }
        }
        case GuestReply.Failed(GuestError error) -> fail(error.toFailure());
      }
    } else {
      fail(Failures.of(ending, policy));
    }
  }

  private static long utf8Length(String text) {
    long length = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // a pair of surrogates is four bytes
      length += c < 0x80 ? 0 : c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
    }
    return length;
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
      again = !cancelled && attempts <= policy.maxRetries() && Failures.worthRetrying(failure);
      pausing = again;
    }
    if (!again) {
      finish(failure.type(), Envelope.failure(failure, execution()));
      return;
    }
    long pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << Math.min(attempts - 1, 10));
    CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS)
        .execute(() -> {
          boolean goOn;
          synchronized (lock) {
            goOn = pausing;
            pausing = false;
          }
          if (goOn) {
            attempt();
          }
        });
  }

  private void finish(@Nullable String errorType, Envelope result) {
    context.listener().finished(run, errorType, result.execution().durationMs());
    envelope.complete(result);
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
        List.of(),
        limits(),
        run.id(),
        context.traceId());
  }
}
