package dev.capsule.repl.mcp;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.capsule.protocol.ErrorCode;
import java.util.List;

/** The revisions of the Model Context Protocol that we speak, and what they call things. */
final class Revision {
  /** Reached by {@code initialize}; the newest first. */
  static final List<String> WITH_HANDSHAKE =
      List.of("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05");

  /** Has no handshake: every request says what it needs to. */
  static final String WITHOUT_HANDSHAKE = "2026-07-28";

  static final String PROGRESS_TOKEN = "progressToken";
  static final int HEADER_MISMATCH = -32020;
  static final int UNSUPPORTED_VERSION = -32022;

  private static final String PREFIX = "io.modelcontextprotocol/";
  static final String VERSION_KEY = PREFIX + "protocolVersion";
  static final String CAPABILITIES_KEY = PREFIX + "clientCapabilities";
  static final String SERVER_KEY = PREFIX + "serverInfo";

  private Revision() {}

  /** The revision that answers the one that a client would like. */
  static String agreed(String wanted) {
    return WITH_HANDSHAKE.contains(wanted) ? wanted : WITH_HANDSHAKE.getFirst();
  }

  /** Whether a request belongs to the revision without a handshake. */
  static boolean isWithoutHandshake(JsonObject meta) {
    return meta.has(VERSION_KEY);
  }

  /** Fails unless what a request says of itself is complete, and of a revision that we speak. */
  static void check(JsonObject meta) throws McpException {
    if (!meta.has(CAPABILITIES_KEY)) {
      throw new McpException(
          ErrorCode.INVALID_PARAMS,
          "params._meta has " + VERSION_KEY + " but no " + CAPABILITIES_KEY);
    }
    var version = meta.get(VERSION_KEY);
    if (!version.isJsonPrimitive() || !version.getAsJsonPrimitive().isString()) {
      throw new McpException(
          ErrorCode.INVALID_PARAMS, "params._meta: " + VERSION_KEY + " must be a string");
    }
    if (!version.getAsString().equals(WITHOUT_HANDSHAKE)) {
      JsonArray supported = new JsonArray();
      supported.add(WITHOUT_HANDSHAKE);
      JsonObject data = new JsonObject();
      data.add("supported", supported);
      data.add("requested", version);
      throw new McpException(UNSUPPORTED_VERSION, "Unsupported protocol version", data);
    }
  }
}
