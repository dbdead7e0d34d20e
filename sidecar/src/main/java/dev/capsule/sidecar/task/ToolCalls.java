package dev.capsule.sidecar.task;

import dev.capsule.protocol.CallToolParams;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.TaskInfo;
import dev.capsule.sidecar.trace.ActiveSpan;
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
  private final AttemptSpans spans;
  private final BiConsumer<Long, String> answer;
  private final Map<Long, CompletableFuture<RawJson>> running = new HashMap<>();
  private boolean over;

  /**
   * @param answer takes an operation's id and its completion
   */
  ToolCalls(TaskRun caller, AttemptSpans spans, BiConsumer<Long, String> answer) {
    this.caller = caller;
    this.spans = spans;
    this.answer = answer;
  }

  void start(long id, Operation.Tool operation) {
    ClientTools client = caller.context().tools();
    String tool = operation.tool();
    ActiveSpan span = spans.tool(tool, operation.args(), operation.kwargs());
    String refusal =
        !caller.policy().tools().contains(tool)
            ? notGranted(tool)
            : !client.offered().contains(tool) ? notOffered(tool) : null;
    if (refusal != null) {
      TaskFailure denied = TaskFailure.of(ErrorType.POLICY_DENIED, refusal);
      spans.toolEnded(span, null, denied);
      answer.accept(id, Answers.failed(denied, null));
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
                      operation.kwargs(),
                      span.context().parent(),
                      span.context().state(),
                      caller.stepId()));
      running.put(id, reply);
    }
    var _ = reply.whenComplete((value, problem) -> ended(id, span, value, problem));
  }

  private void ended(
      long id, ActiveSpan span, @Nullable RawJson value, @Nullable Throwable problem) {
    ToolReply reply = value == null ? new ToolReply(null, failed(problem)) : ToolReply.of(value);
    spans.toolEnded(span, reply.result(), reply.failure());
    synchronized (running) {
      running.remove(id);
      if (over) {
        return;
      }
    }
    answer.accept(id, reply.completion());
  }

  private static TaskFailure failed(@Nullable Throwable problem) {
    Throwable cause =
        problem instanceof CompletionException completion ? completion.getCause() : problem;
    return cause instanceof ToolCaller.NotCalledException e
        ? TaskFailure.of(e.type(), String.valueOf(e.getMessage()))
        : TaskFailure.of(ErrorType.CANCELLED, "the tool's call was cancelled");
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
}
