package dev.capsule.sidecar.task;

import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.policy.DeniedException;
import dev.capsule.sidecar.policy.Names;
import dev.capsule.sidecar.policy.TaskPolicy;
import dev.capsule.sidecar.sandbox.Attempt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What one attempt asks of the host. The tasks it may call are those of its own program, each with
 * the policy that its own declaration gives it, under the ceilings of whoever started the first: a
 * calling task has no say in that. They end with it.
 */
final class Calls {
  private static final int MAX_DEPTH = 16;

  private final TaskRun caller;
  private final CompletableFuture<Attempt> attempt = new CompletableFuture<>();
  private final Map<Long, TaskRun> running = new HashMap<>();
  private final ToolCalls tools;
  private volatile @Nullable HttpCalls http;
  private boolean over;

  Calls(TaskRun caller) {
    this.caller = caller;
    this.tools = new ToolCalls(caller, this::answer);
  }

  /** Says who is waiting for the answers. */
  void answerTo(Attempt started) {
    attempt.complete(started);
  }

  void submit(long id, Operation operation) {
    switch (operation) {
      case Operation.Call call -> call(id, call);
      case Operation.Import(String name) ->
          Thread.ofVirtual()
              .start(() -> answer(id, Answers.module(caller.program().modules(), name)));
      case Operation.Cancel(long target) -> {
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
        answer(id, Answers.NOTHING);
      }
      case Operation.Tool tool -> tools.start(id, tool);
      case Operation.OfHttp http -> {
        HttpCalls calls = http();
        if (calls != null) {
          calls.submit(id, http);
        }
      }
      case Operation.Invalid(String why) ->
          answer(id, Answers.failed(TaskFailure.of(ErrorType.INVALID_ARGUMENTS, why), null));
    }
  }

  private void call(long id, Operation.Call call) {
    Program program = caller.program();
    Program.Declared declared = program.tasks().get(call.task());
    if (declared == null) {
      answer(id, Answers.failed(notFound(call.task(), program), call.task()));
      return;
    }
    if (caller.depth() >= MAX_DEPTH) {
      answer(
          id,
          Answers.failed(
              TaskFailure.of(
                  ErrorType.OVERLOADED, "tasks call one another more than " + MAX_DEPTH + " deep"),
              call.task()));
      return;
    }
    TaskPolicy policy;
    try {
      policy = caller.context().ceilings().bound(declared.info().name(), declared.options());
    } catch (DeniedException e) {
      answer(id, Answers.failed(Failures.denied(e), call.task()));
      return;
    }
    RunListener.Run run = new RunListener.Run(Ids.run(), caller.run().id(), declared.info().name());
    TaskRun child =
        new TaskRun(
            caller.context(), program, run, policy, call.args(), call.kwargs(), caller.depth() + 1);
    synchronized (running) {
      if (over) {
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
              answer(id, Answers.of(envelope));
            });
    child.start();
  }

  private static String denied(String what) {
    return Answers.failed(
        TaskFailure.of(ErrorType.POLICY_DENIED, "the task was not granted " + what), null);
  }

  static TaskFailure notFound(String task, Program program) {
    return TaskFailure.of(
        ErrorType.TASK_NOT_FOUND,
        "there is no task \""
            + (task.length() <= 80 ? task : task.substring(0, 79) + "…")
            + "\"; "
            + Names.suggest(task, program.tasks().keySet()));
  }

  /** Made by the first request, because most tasks make none; null when the attempt is over. */
  private @Nullable HttpCalls http() {
    synchronized (running) {
      if (http == null && !over) {
        http = new HttpCalls(caller, this::answer);
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
    var _ = attempt.thenAccept(waiting -> waiting.complete(id, completion));
  }

  /** The caller is over, and so is all that it started. */
  void cancelAll() {
    List<TaskRun> left;
    synchronized (running) {
      over = true;
      left = new ArrayList<>(running.values());
    }
    left.forEach(TaskRun::cancel);
    tools.cancelAll();
    HttpCalls requests = http;
    if (requests != null) {
      requests.close();
    }
  }
}
