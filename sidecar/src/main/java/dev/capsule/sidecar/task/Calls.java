package dev.capsule.sidecar.task;

import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.policy.DeniedException;
import dev.capsule.sidecar.policy.TaskPolicy;
import dev.capsule.sidecar.sandbox.Attempt;
import dev.capsule.sidecar.sandbox.Start;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * What one attempt asks of the host. The tasks it may call are those of its own program and those
 * of other files that the project's configuration names, each with the policy that its own
 * declaration gives it, under the ceilings of whoever started the first: a calling task has no say
 * in that. They end with it.
 */
final class Calls {
  private final TaskRun caller;
  private final CompletableFuture<Attempt> attempt = new CompletableFuture<>();
  private final Map<Long, TaskRun> running = new HashMap<>();
  private final Set<Thread> readers = new HashSet<>();
  private final ToolCalls tools;
  private final AttemptSpans span;
  private final @Nullable StepScope steps;
  private volatile @Nullable HttpCalls http;
  private boolean over;

  /**
   * @param steps where the tasks that it calls are written down; null: nowhere
   */
  Calls(TaskRun caller, AttemptSpans span, @Nullable StepScope steps) {
    this.caller = caller;
    this.span = span;
    this.steps = steps;
    this.tools = new ToolCalls(caller, span, this::answer);
  }

  /** Says who is waiting for the answers. */
  void answerTo(Attempt started) {
    attempt.complete(started);
  }

  /**
   * Takes what the guest asks for.
   *
   * @return what is still to be done for it, if the guest's own thread may do that; null: nothing
   */
  @Nullable Runnable submit(long id, Operation operation) {
    if (operation instanceof Operation.Call
        || operation instanceof Operation.Tool
        || operation instanceof Operation.OfHttp) {
      caller.noteCall();
    }
    switch (operation) {
      case Operation.Call call -> call(id, call);
      case Operation.Import(String name) ->
          Thread.ofVirtual()
              .start(() -> answer(id, Answers.module(caller.program().modules(), name)));
      case Operation.Cancel(long target) -> {
        cancel(target);
        answer(id, Answers.NOTHING);
      }
      case Operation.Tool tool -> tools.start(id, tool);
      case Operation.OfHttp http -> {
        HttpCalls calls = http();
        return calls == null ? null : calls.submit(id, http);
      }
      case Operation.Invalid(String why) ->
          answer(id, Answers.failed(TaskFailure.of(ErrorType.INVALID_ARGUMENTS, why), null));
    }
    return null;
  }

  private void cancel(long target) {
    TaskRun run = running(target);
    if (run != null) {
      run.cancel();
    } else {
      tools.cancel(target);
    }
    HttpCalls requests = http;
    if (requests != null) {
      requests.cancel(target);
    }
  }

  private void call(long id, Operation.Call call) {
    Program program = caller.program();
    String task = call.task();
    boolean here = program.tasks().containsKey(task);
    if (!here && !program.others().has(task)) {
      refuse(id, task, notFound(task, program));
      return;
    }
    TaskFailure refusal = refusal(task);
    if (refusal != null) {
      refuse(id, task, refusal);
    } else if (here) {
      call(id, call, caller.context(), program);
    } else if (program.others().isUnread(task)) {
      readAndCall(id, call);
    } else {
      callElsewhere(id, call);
    }
  }

  private void callElsewhere(long id, Operation.Call call) {
    try {
      Program other = caller.program().others().of(call.task(), caller.depth() + 1);
      call(id, call, caller.context().in(other), other);
    } catch (RequestException e) {
      refuse(id, call.task(), e.toFailure());
    } catch (RuntimeException e) {
      refuse(
          id,
          call.task(),
          TaskFailure.of(ErrorType.INTERNAL, "Capsule failed to read the task's file: " + e));
    }
  }

  /** Reads the task's file first, which takes a while; that ends with the attempt, too. */
  private void readAndCall(long id, Operation.Call call) {
    Thread reader =
        Thread.ofVirtual()
            .unstarted(() -> {
              try {
                callElsewhere(id, call);
              } finally {
                synchronized (running) {
                  readers.remove(Thread.currentThread());
                }
              }
            });
    synchronized (running) {
      if (over) {
        return;
      }
      readers.add(reader);
    }
    reader.start();
  }

  private void call(long id, Operation.Call call, RunContext context, Program program) {
    Program.Declared declared = Objects.requireNonNull(program.tasks().get(call.task()));
    TaskPolicy policy;
    try {
      policy = context.ceilings().bound(declared.info().name(), declared.options());
    } catch (DeniedException e) {
      refuse(id, call.task(), Failures.denied(e));
      return;
    }
    if (steps == null) {
      call(id, call, context, program, policy, null);
      return;
    }
    var _ =
        steps
            .begin(
                StepIdentity.ofTask(
                    program.entryFile().module(), call.task(), call.args(), call.kwargs()))
            .whenComplete((begun, problem) -> {
              switch (begun) {
                case null -> answer(id, Answers.failed(refused(problem), call.task()));
                case Begun.Before done -> {
                  span.replayed(done);
                  answer(id, Answers.of(done.envelope()));
                }
                case Begun.Now(Step step) -> call(id, call, context, program, policy, step);
              }
            });
  }

  /** Why a step may not begin. */
  private static TaskFailure refused(Throwable problem) {
    Throwable cause = problem instanceof CompletionException ? problem.getCause() : problem;
    return TaskFailure.of(
        ErrorType.INTERNAL, String.valueOf((cause == null ? problem : cause).getMessage()));
  }

  private void call(
      long id,
      Operation.Call call,
      RunContext context,
      Program program,
      TaskPolicy policy,
      @Nullable Step step) {
    Program.Declared declared = Objects.requireNonNull(program.tasks().get(call.task()));
    if (!context.tree().enter()) {
      refuse(id, call.task(), tooMany(call.task()));
      return;
    }
    RunListener.Run run = new RunListener.Run(Ids.run(), caller.run().id(), declared.info().name());
    RunSpans spans =
        RunSpans.begin(
            span.span(), context, program, run, declared.options(), call.args(), call.kwargs());
    TaskRun child =
        new TaskRun(context, program, run, policy, call.args(), call.kwargs(), caller, spans, step);
    synchronized (running) {
      if (over) {
        caller.context().tree().leave();
        return;
      }
      running.put(id, child);
    }
    var _ =
        child
            .envelope()
            .thenAccept(envelope -> {
              synchronized (running) {
                running.remove(id);
              }
              caller.context().tree().leave();
              answer(id, Answers.of(envelope));
            });
    child.begin();
  }

  private void refuse(long id, String task, TaskFailure why) {
    span.refused(task, why);
    answer(id, Answers.failed(why, task));
  }

  /** Why the caller may not call a task; null if it may. */
  private @Nullable TaskFailure refusal(String task) {
    List<String> granted = caller.policy().tasks();
    if (granted != null && !granted.contains(task)) {
      return TaskFailure.of(
          ErrorType.POLICY_DENIED,
          "the task \""
              + caller.run().task()
              + "\" may not call \""
              + task
              + "\": it was given tasks="
              + Json.gson().toJson(granted)
              + "; name it there if it may");
    }
    if (caller.depth() >= Start.MAX_DEPTH) {
      caller.context().tree().sawTooDeep();
      return TaskFailure.of(
          ErrorType.OVERLOADED,
          "tasks call one another at most "
              + Start.MAX_DEPTH
              + " deep: "
              + String.join(" → ", caller.chain())
              + " → "
              + task
              + "; end the recursion earlier, or recurse in a plain function");
    }
    return null;
  }

  private static TaskFailure tooMany(String task) {
    return TaskFailure.of(
        ErrorType.OVERLOADED,
        String.format(
            Locale.ROOT,
            "%,d nested tasks of this run are waiting or running, the most there may be; wait for"
                + " some to end before calling \"%s\"",
            RunTree.MAX_OPEN,
            task));
  }

  static TaskFailure notFound(String task, Program program) {
    return TaskFailure.of(
        ErrorType.TASK_NOT_FOUND,
        "there is no task \""
            + (task.length() <= 80 ? task : task.substring(0, 79) + "…")
            + "\"; "
            + program.suggest(task));
  }

  /** Made by the first request, because most tasks make none; null when the attempt is over. */
  private @Nullable HttpCalls http() {
    synchronized (running) {
      if (http == null && !over) {
        http = new HttpCalls(caller, span, this::answer);
      }
      return http;
    }
  }

  private @Nullable TaskRun running(long id) {
    synchronized (running) {
      return running.get(id);
    }
  }

  private void answer(long id, String completion) {
    answer(id, completion, "");
  }

  private void answer(long id, String completion, String apart) {
    var _ = attempt.thenAccept(waiting -> waiting.complete(id, completion, apart));
  }

  /**
   * Stops all that was started; nothing else will be.
   *
   * @return completes, always normally, when all of it has ended
   */
  CompletableFuture<Void> cancelAll() {
    List<TaskRun> left;
    synchronized (running) {
      over = true;
      left = new ArrayList<>(running.values());
      readers.forEach(Thread::interrupt);
    }
    left.forEach(TaskRun::cancel);
    tools.cancelAll();
    HttpCalls requests = http;
    if (requests != null) {
      requests.close();
    }
    return CompletableFuture.allOf(
        left.stream().map(TaskRun::envelope).toArray(CompletableFuture<?>[]::new));
  }
}
