package dev.capsule.repl.mcp;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import org.jspecify.annotations.Nullable;

/** What a tool answers to the model: texts and other content, or what went wrong. */
final class ToolResult {
  private final JsonArray content = new JsonArray();
  private @Nullable JsonElement structured;
  private boolean failed;

  /** A failure that the model can do something about. */
  static ToolResult failure(String message) {
    ToolResult result = new ToolResult().text(message);
    result.failed = true;
    return result;
  }

  ToolResult text(String text) {
    if (!text.isEmpty()) {
      JsonObject block = new JsonObject();
      block.addProperty("type", "text");
      block.addProperty("text", text);
      content.add(block);
    }
    return this;
  }

  /** A picture. */
  ToolResult image(String mimeType, String base64) {
    JsonObject block = new JsonObject();
    block.addProperty("type", "image");
    block.addProperty("data", base64);
    block.addProperty("mimeType", mimeType);
    content.add(block);
    return this;
  }

  ToolResult failed(boolean isError) {
    failed = isError;
    return this;
  }

  /** The same for programs, as the tool's output schema says. */
  ToolResult structured(JsonObject value) {
    structured = value;
    return this;
  }

  JsonObject toJson() {
    JsonObject result = new JsonObject();
    result.add("content", content);
    if (structured != null) {
      result.add("structuredContent", structured);
    }
    result.addProperty("isError", failed);
    return result;
  }
}
