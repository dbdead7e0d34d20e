package dev.capsule.repl.mcp;

import com.google.gson.JsonObject;
import dev.capsule.protocol.CellResult;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.RunSnippetParams;
import dev.capsule.repl.client.RpcException;
import java.util.Map;

/** Runs code that the model writes: in a fresh sandbox, or in a session that keeps its state. */
final class CodeTool implements Tool {
  private static final String SESSION = "session_id";

  private final String language;
  private final String title;
  private final Sandboxes sandboxes;

  /**
   * @param language of a guest
   * @param title of the language, for people
   */
  CodeTool(String language, String title, Sandboxes sandboxes) {
    this.language = language;
    this.title = title;
    this.sandboxes = sandboxes;
  }

  @Override
  public String name() {
    return "run_" + language;
  }

  @Override
  public JsonObject describe(Exchange exchange) throws RpcException, InterruptedException {
    JsonObject schema =
        Schemas.object(
            "code",
            title
                + " source. The value of its last expression is the result; await works at its"
                + " top level.");
    JsonObject session =
        Schemas.string(
            "From session_create: run it there, where names and files are kept from call to call."
                + " Without it, the sandbox is fresh and nothing is kept.");
    schema.getAsJsonObject("properties").add(SESSION, session);
    JsonObject tool = new JsonObject();
    tool.addProperty("name", name());
    tool.addProperty("title", "Run " + title);
    tool.addProperty(
        "description",
        "Runs "
            + title
            + " in a sandbox and tells the value of its last expression and what it printed. "
            + sandboxes.limits(exchange));
    tool.add("inputSchema", schema);
    tool.add("outputSchema", CellOutcome.schema());
    return tool;
  }

  @Override
  public ToolResult call(RawJson arguments, Exchange exchange)
      throws RpcException, InterruptedException {
    Map<String, RawJson> given = Arguments.members(arguments);
    try {
      String code = Arguments.string(given, "code");
      RawJson session = given.get(SESSION);
      if (session != null && !session.isNull()) {
        return sandboxes.runCell(Arguments.string(given, SESSION), language, code, exchange);
      }
      return CellOutcome.run(
          exchange,
          false,
          run -> exchange.ask(Method.RUN_SNIPPET, toRun(code, run), CellResult.class));
    } catch (Arguments.Unfit e) {
      return ToolResult.failure("invalid_arguments: " + e.getMessage());
    }
  }

  private RunSnippetParams toRun(String code, String run) {
    Grants grants = sandboxes.grants();
    return new RunSnippetParams(
        language,
        code,
        null,
        grants.root(),
        grants.config(),
        grants.options(),
        grants.ceiling(),
        null,
        grants.env().isEmpty() ? null : grants.env(),
        run,
        null,
        System.getenv("TRACEPARENT"),
        System.getenv("TRACESTATE"));
  }
}
