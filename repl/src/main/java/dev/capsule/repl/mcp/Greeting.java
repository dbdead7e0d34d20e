package dev.capsule.repl.mcp;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.RawJson;
import java.util.Map;

/** What we say of ourselves. */
final class Greeting {
  private static final String INSTRUCTIONS =
      "Runs code in WebAssembly sandboxes with limits that hold. run_python and run_javascript start a"
          + " fresh sandbox, or go on in one from session_create, which keeps names and files. Each"
          + " task of the project is a tool, too; list_tasks tells them all. Code in a sandbox sees no files, network or environment"
          + " variables but those that the user has granted; tool descriptions say which. A result"
          + " with isError says what to do about it.";

  private final JsonObject server = new JsonObject();
  private final boolean changes;

  /**
   * @param changes whether we tell of our own accord that there are other tools
   */
  Greeting(String version, boolean changes) {
    this.changes = changes;
    server.addProperty("name", "capsule");
    server.addProperty("title", "Capsule");
    server.addProperty("version", version);
  }

  JsonObject initialize(Map<String, RawJson> params) throws McpException {
    String wanted;
    try {
      wanted = Arguments.string(params, "protocolVersion");
    } catch (Arguments.Unfit e) {
      throw new McpException(ErrorCode.INVALID_PARAMS, "params: " + e.getMessage());
    }
    JsonObject result = new JsonObject();
    result.addProperty("protocolVersion", Revision.agreed(wanted));
    result.add("capabilities", capabilities(changes));
    result.add("serverInfo", server);
    result.addProperty("instructions", INSTRUCTIONS);
    return result;
  }

  /** In place of a handshake. */
  JsonObject discover() {
    JsonArray versions = new JsonArray();
    versions.add(Revision.WITHOUT_HANDSHAKE);
    Revision.WITH_HANDSHAKE.forEach(versions::add);
    JsonObject result = new JsonObject();
    result.add("supportedVersions", versions);
    result.add("capabilities", capabilities(false));
    result.addProperty("instructions", INSTRUCTIONS);
    return result;
  }

  private static JsonObject capabilities(boolean changes) {
    JsonObject tools = new JsonObject();
    tools.addProperty("listChanged", changes);
    JsonObject resources = new JsonObject();
    resources.addProperty("listChanged", false);
    resources.addProperty("subscribe", false);
    JsonObject capabilities = new JsonObject();
    capabilities.add("tools", tools);
    capabilities.add("resources", resources);
    return capabilities;
  }

  /** Adds what the revision without a handshake wants in each result; lists may be out of date. */
  JsonObject finish(JsonObject result, boolean withoutHandshake) {
    if (!withoutHandshake) {
      return result;
    }
    JsonObject meta = new JsonObject();
    meta.add(Revision.SERVER_KEY, server);
    result.addProperty("resultType", "complete");
    if (!result.has("isError")) {
      result.addProperty("ttlMs", 0);
      result.addProperty("cacheScope", "private");
    }
    result.add("_meta", meta);
    return result;
  }
}
