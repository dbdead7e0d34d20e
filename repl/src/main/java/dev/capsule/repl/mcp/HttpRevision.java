package dev.capsule.repl.mcp;

import com.sun.net.httpserver.HttpExchange;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which revision a message by HTTP belongs to, by its headers and by itself. */
final class HttpRevision {
  private static final String VERSION = "MCP-Protocol-Version";
  private static final String METHOD = "Mcp-Method";
  private static final String NAME = "Mcp-Name";
  private static final Map<String, String> NAMED =
      Map.of("tools/call", "name", "prompts/get", "name", "resources/read", "uri");
  private static final Pattern ENCODED = Pattern.compile("=\\?base64\\?([A-Za-z0-9+/=]*)\\?=");

  private HttpRevision() {}

  /**
   * Whether it is of the revision without a handshake.
   *
   * @throws Http.Refused if its headers say otherwise than it does, or are of no revision of ours
   */
  static boolean isWithoutHandshake(HttpExchange exchange, Message message) throws Http.Refused {
    String version = Http.header(exchange, VERSION);
    boolean named = Revision.WITHOUT_HANDSHAKE.equals(version);
    RawJson said = said(message);
    String method = message.method();
    boolean request = message.id() != null;
    if (method == null || !request || method.equals("initialize") || (said == null && !named)) {
      check(
          version == null || named || Revision.WITH_HANDSHAKE.contains(version),
          message,
          VERSION + " is of no revision that is spoken here");
      return named && !(request && method != null);
    }
    check(is(said, version), message, VERSION + " must be what params._meta says");
    check(
        method.equals(Http.header(exchange, METHOD)),
        message,
        METHOD + " must be the message's method");
    String key = NAMED.get(method);
    RawJson name = key == null ? null : Arguments.members(message.params()).get(key);
    check(
        name == null || is(name, decoded(Http.header(exchange, NAME))),
        message,
        NAME + " must be params." + key);
    return true;
  }

  /** The revision that a message itself names; null: none. */
  private static @Nullable RawJson said(Message message) {
    RawJson meta =
        message.method() == null ? null : Arguments.members(message.params()).get("_meta");
    return meta == null || !meta.isObject()
        ? null
        : Arguments.members(meta).get(Revision.VERSION_KEY);
  }

  /** Whether a value is this string. What is no string is judged later. */
  private static boolean is(@Nullable RawJson value, @Nullable String header) {
    return value != null
        && header != null
        && (!value.text().startsWith("\"")
            || Json.gson().fromJson(value.text(), String.class).equals(header));
  }

  /** The text that a header carries: as it is, or in base64; null: it carries none. */
  private static @Nullable String decoded(@Nullable String header) {
    Matcher encoded = ENCODED.matcher(header == null ? "" : header);
    if (!encoded.matches()) {
      return header;
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(encoded.group(1));
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return null;
    }
  }

  private static void check(boolean holds, Message message, String problem) throws Http.Refused {
    if (!holds) {
      RawJson id = message.id() == null ? RawJson.NULL : message.id();
      throw new Http.Refused(Http.BAD_REQUEST, Revision.HEADER_MISMATCH, problem, id);
    }
  }
}
