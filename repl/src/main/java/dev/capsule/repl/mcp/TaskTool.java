package dev.capsule.repl.mcp;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.LoadProgramResult;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.RunTaskParams;
import dev.capsule.protocol.Setting;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.TaskInfo;
import dev.capsule.repl.client.RpcException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task of the project. Its program is loaded anew for each call, which costs nothing unless its
 * source has changed.
 *
 * @param settings what holds for it, as the sidecar says
 * @param ceiling what it may not exceed; null: what the configuration says
 */
record TaskTool(
    String name,
    TaskInfo task,
    ProgramSource program,
    List<Setting> settings,
    @Nullable JsonElement ceiling)
    implements Tool {

  @Override
  public JsonObject describe(Exchange exchange) {
    JsonObject tool = new JsonObject();
    tool.addProperty("name", name);
    tool.addProperty("title", task.name() + ", a task of " + task.file());
    tool.addProperty("description", description());
    tool.add("inputSchema", signature(task).schema());
    tool.add("outputSchema", Outcome.schema("result", "the task's result"));
    return tool;
  }

  /** For a list of tasks. */
  String line() {
    return name + task.signature() + "  [" + task.file() + ":" + task.line() + "]";
  }

  /** The same for programs. */
  JsonObject summary() {
    JsonObject summary = new JsonObject();
    summary.addProperty("tool", name);
    summary.addProperty("task", task.name());
    summary.addProperty("signature", task.signature());
    summary.addProperty("file", task.file());
    summary.addProperty("line", task.line());
    summary.addProperty("limits", SettingsText.of(settings));
    return summary;
  }

  private String description() {
    return "Runs the task "
        + task.name()
        + task.signature()
        + " of "
        + task.file()
        + ":"
        + task.line()
        + ". "
        + SettingsText.of(settings);
  }

  private Signature signature(TaskInfo of) {
    return Signature.of(of.signature(), program.takesNames());
  }

  @Override
  public ToolResult call(RawJson arguments, Exchange exchange)
      throws RpcException, InterruptedException {
    LoadProgramResult loaded = Project.load(program, exchange);
    TaskInfo current =
        loaded.tasks().stream()
            .filter(each -> each.name().equals(task.name()))
            .findFirst()
            .orElse(null);
    if (current == null) {
      return ToolResult.failure(
          "task_not_found: " + program.shown() + " no longer declares a task " + task.name());
    }
    Outcome outcome = new Outcome(exchange.progress());
    try (Backend.Run run = exchange.backend().listen(outcome::printed)) {
      Arguments given = Arguments.of(signature(current), Arguments.members(arguments));
      exchange.progress().step("running " + task.name());
      Envelope envelope =
          exchange.ask(Method.RUN_TASK, toRun(loaded.program(), given, run.id()), Envelope.class);
      ToolResult result = outcome.of(envelope);
      return isUnfit(envelope.error())
          ? result.text("What to do: it takes " + current.signature() + ".")
          : result;
    } catch (Arguments.Unfit e) {
      return ToolResult.failure("invalid_arguments: " + e.getMessage());
    }
  }

  private static boolean isUnfit(@Nullable TaskFailure failure) {
    return failure != null && ErrorType.of(failure.type()) == ErrorType.INVALID_ARGUMENTS;
  }

  private RunTaskParams toRun(String id, Arguments given, String run) {
    return new RunTaskParams(
        id,
        task.name(),
        given.args(),
        given.kwargs(),
        null,
        ceiling,
        null,
        null,
        run,
        null,
        System.getenv("TRACEPARENT"),
        System.getenv("TRACESTATE"),
        null,
        null,
        null);
  }
}
