package dev.capsule.repl.mcp;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.capsule.protocol.CellResult;
import dev.capsule.protocol.CellValue;
import dev.capsule.protocol.MimePart;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.repl.client.RpcException;

/** What code that a model wrote came to. */
final class CellOutcome {
  private static final int MAX_TEXT = 100_000;

  private CellOutcome() {}

  /** Runs it, given the id of the run. */
  @FunctionalInterface
  interface Running {
    CellResult run(String id) throws RpcException, InterruptedException;
  }

  /**
   * @param keeps whether it runs in a session
   */
  static ToolResult run(Exchange exchange, boolean keeps, Running running)
      throws RpcException, InterruptedException {
    Outcome outcome = new Outcome(exchange.progress());
    try (Backend.Run run = exchange.backend().listen(outcome::printed)) {
      return of(running.run(run.id()), keeps, outcome);
    }
  }

  private static ToolResult of(CellResult cell, boolean keeps, Outcome outcome) {
    TaskFailure failure = cell.error();
    CellValue value = cell.value();
    ToolResult result = new ToolResult().failed(failure != null);
    if (failure != null) {
      result.text(FailureText.of(failure, cell.execution()));
      outcome.tellPrinted(result);
    } else {
      outcome.tellPrinted(result);
      if (value != null) {
        result.text(Texts.cut(value.text(), MAX_TEXT));
        value.parts().forEach(part -> add(result, part));
      } else {
        result.text("It has no value.");
      }
    }
    JsonObject structured =
        outcome.structured(
            "value", value == null ? JsonNull.INSTANCE : json(value), failure, cell.execution());
    structured.addProperty("repr", value == null ? null : Texts.cut(value.text(), MAX_TEXT));
    structured.addProperty("state", keeps ? cell.state() : null);
    return result.structured(structured);
  }

  private static void add(ToolResult result, MimePart part) {
    if (part.mime().startsWith("image/") && !part.mime().equals("image/svg+xml")) {
      result.image(part.mime(), part.data());
    } else if (part.data().length() <= MAX_TEXT) {
      result.text(part.mime() + ":\n" + part.data());
    }
  }

  private static JsonElement json(CellValue value) {
    return value.json() == null || value.json().text().length() > MAX_TEXT
        ? JsonNull.INSTANCE
        : JsonParser.parseString(value.json().text());
  }

  static JsonObject schema() {
    JsonObject schema =
        Outcome.schema("value", "the value of the last expression, if it has a form in JSON");
    JsonObject properties = schema.getAsJsonObject("properties");
    JsonArray required = schema.getAsJsonArray("required");
    properties.add(
        "repr",
        Schemas.property(
            "the value as the language shows it; null: there is none", "string", "null"));
    properties.add(
        "state",
        Schemas.property(
            "of a session: kept, or lost, which means that it begins anew; else null",
            "string",
            "null"));
    required.add("repr");
    required.add("state");
    return schema;
  }
}
