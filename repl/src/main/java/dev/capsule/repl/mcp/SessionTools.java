package dev.capsule.repl.mcp;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.capsule.protocol.OpenSessionResult;
import dev.capsule.protocol.RawJson;
import dev.capsule.repl.client.RpcException;
import java.util.List;
import java.util.Map;

/** Opens, uses and closes sessions. */
final class SessionTools {
  private static final String ID = "session_id";
  private static final List<String> LANGUAGES = List.of("python", "javascript");

  private final Sandboxes sandboxes;

  SessionTools(Sandboxes sandboxes) {
    this.sandboxes = sandboxes;
  }

  List<Tool> all() {
    return List.of(
        new SessionTool(
            "session_create",
            "Opens a sandbox that keeps names, imports and files from call to call, and returns its"
                + " session_id. Its files in /workspace are resources, capsule://session/SESSION_ID/PATH. It is closed when it has been idle for long; close it when it is no"
                + " longer needed.",
            created(),
            this::create),
        new SessionTool(
            "session_run",
            "Runs code in a session. Calls of one session are carried out in order. An exception"
                + " keeps the state; so does a time limit, where the code can be interrupted: the"
                + " result says state kept or lost.",
            Schemas.object(
                ID,
                "From session_create.",
                "code",
                "Source in the session's language. The value of its last expression is the result."),
            (given, exchange) ->
                sandboxes.runCell(
                    Arguments.string(given, ID), null, Arguments.string(given, "code"), exchange)),
        new SessionTool(
            "session_reset",
            "Forgets all names and files of a session, which stays open.",
            Schemas.object(ID, "From session_create."),
            (given, exchange) -> sandboxes.end(Arguments.string(given, ID), false, exchange)),
        new SessionTool(
            "session_close",
            "Closes a session and forgets all that is in it.",
            Schemas.object(ID, "From session_create."),
            (given, exchange) -> sandboxes.end(Arguments.string(given, ID), true, exchange)));
  }

  private static JsonObject created() {
    JsonObject schema = Schemas.object("language", "What its code is written in.");
    JsonArray languages = new JsonArray();
    LANGUAGES.forEach(languages::add);
    JsonObject properties = schema.getAsJsonObject("properties");
    properties.getAsJsonObject("language").add("enum", languages);
    properties.add("name", Schemas.string("For people who look at it."));
    return schema;
  }

  private ToolResult create(Map<String, RawJson> given, Exchange exchange)
      throws Arguments.Unfit, RpcException, InterruptedException {
    String language = Arguments.string(given, "language");
    String name = given.containsKey("name") ? Arguments.string(given, "name") : null;
    if (!LANGUAGES.contains(language)) {
      throw new Arguments.Unfit("language must be one of " + String.join(", ", LANGUAGES));
    }
    OpenSessionResult opened = sandboxes.open(language, name, exchange);
    JsonObject structured = new JsonObject();
    structured.addProperty(ID, opened.sessionId());
    structured.addProperty("language", opened.language());
    return new ToolResult()
        .text(ID + ": " + opened.sessionId() + " (" + opened.language() + ")")
        .structured(structured);
  }

  /** What such a tool does. */
  @FunctionalInterface
  private interface Action {
    ToolResult run(Map<String, RawJson> given, Exchange exchange)
        throws Arguments.Unfit, RpcException, InterruptedException;
  }

  private record SessionTool(String name, String description, JsonObject inputSchema, Action action)
      implements Tool {
    @Override
    public JsonObject describe(Exchange exchange) {
      JsonObject tool = new JsonObject();
      tool.addProperty("name", name);
      tool.addProperty("description", description);
      tool.add("inputSchema", inputSchema);
      return tool;
    }

    @Override
    public ToolResult call(RawJson arguments, Exchange exchange)
        throws RpcException, InterruptedException {
      try {
        return action.run(Arguments.members(arguments), exchange);
      } catch (Arguments.Unfit e) {
        return ToolResult.failure("invalid_arguments: " + e.getMessage());
      }
    }
  }
}
