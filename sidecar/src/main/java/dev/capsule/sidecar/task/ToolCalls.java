package dev.capsule.sidecar.task;

import dev.capsule.protocol.CallToolParams;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.TaskInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The tools that one attempt calls: only those that its task's policy names and that the client
 * offered for this very run. They end with it.
 */
final class ToolCalls {
  private static final int LONGEST_SHOWN = 80;

  private final TaskRun caller;
  private final BiConsumer<Long, String> answer;
  private final Map<Long, CompletableFuture<RawJson>> running = new HashMap<>();
  private boolean over;

  /**
   * @param answer takes an operation's id and its completion
   */
  ToolCalls(TaskRun caller, BiConsumer<Long, String> answer) {
    this.caller = caller;
    this.answer = answer;
  }

  void start(long id, Operation.Tool operation) {
    ClientTools client = caller.context().tools();
    String tool = operation.tool();
    if (!caller.policy().tools().contains(tool)) {
      answer.accept(id, denied(notGranted(tool)));
      return;
    }
    if (!client.offered().contains(tool)) {
      answer.accept(id, denied(notOffered(tool)));
      return;
    }
    CompletableFuture<RawJson> reply;
    synchronized (running) {
      if (over) {
        return;
      }
      reply =
          client
              .caller()
              .call(
                  new CallToolParams(
                      caller.run().id(),
                      client.root(),
                      caller.run().task(),
                      tool,
                      operation.args(),
                      operation.kwargs()));
      running.put(id, reply);
    }
    var _ = reply.whenComplete((value, problem) -> ended(id, value, problem));
  }

  private void ended(long id, @Nullable RawJson value, @Nullable Throwable problem) {
    synchronized (running) {
      running.remove(id);
      if (over) {
        return;
      }
    }
    answer.accept(id, value == null ? failed(problem) : ToolReply.completion(value));
  }

  private static String failed(@Nullable Throwable problem) {
    Throwable cause =
        problem instanceof CompletionException completion ? completion.getCause() : problem;
    return Answers.failed(
        cause instanceof ToolCaller.NotCalledException e
            ? TaskFailure.of(e.type(), String.valueOf(e.getMessage()))
            : TaskFailure.of(ErrorType.CANCELLED, "the tool's call was cancelled"),
        null);
  }

  /** Stops the tool of that operation, if there is one. */
  void cancel(long id) {
    CompletableFuture<RawJson> reply;
    synchronized (running) {
      reply = running.get(id);
    }
    if (reply != null) {
      reply.cancel(false);
    }
  }

  void cancelAll() {
    List<CompletableFuture<RawJson>> left;
    synchronized (running) {
      over = true;
      left = new ArrayList<>(running.values());
    }
    left.forEach(reply -> reply.cancel(false));
  }

  private String notGranted(String tool) {
    return "the task "
        + place()
        + " was not given the tool "
        + shown(tool)
        + ": name it in its own options, tools=[...], or let the caller give it";
  }

  private String notOffered(String tool) {
    return "the tool "
        + shown(tool)
        + " of the task "
        + place()
        + " is not there: the program that started the run has no such function. Tools are"
        + " functions that a program marks with tool: start the task from that program, by a call"
        + " or by run(..., tools=[...]); the command `capsule run` has none";
  }

  private String place() {
    String task = caller.run().task();
    Program.Declared declared = caller.program().tasks().get(task);
    if (declared == null) {
      return task;
    }
    TaskInfo info = declared.info();
    return task + " (" + info.file() + ":" + info.line() + ")";
  }

  private static String shown(String name) {
    return "\"" + (name.length() <= LONGEST_SHOWN ? name : name.substring(0, 79) + "…") + "\"";
  }

  private static String denied(String message) {
    return Answers.failed(TaskFailure.of(ErrorType.POLICY_DENIED, message), null);
  }
}
