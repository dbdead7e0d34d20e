package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.SidecarProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays the exchange at the end of docs/protocol.md, so that the document cannot be wrong. */
class DocumentedExchangeTest {
  private static final String HEADING = "## A complete exchange";
  private static final Pattern PLACEHOLDER = Pattern.compile("<[a-z0-9 ]+>");

  /** What each name in angle brackets stands for in this conversation. */
  private final Map<String, JsonElement> values = new HashMap<>();

  private static List<String> exchange() throws IOException {
    Path checkout = Path.of(System.getProperty("capsule.checkout", ".."));
    String document = Files.readString(checkout.resolve("docs/protocol.md"));
    String section = document.substring(document.indexOf(HEADING));
    String fence = "```text\n";
    int start = section.indexOf(fence) + fence.length();
    return section.substring(start, section.indexOf("\n```", start)).lines().toList();
  }

  @Test
  void theSidecarSaysWhatTheDocumentSays(@TempDir Path folder) throws IOException {
    values.put("<root>", new JsonPrimitive(folder.toRealPath().toString()));
    List<String> lines = exchange();
    assertThat(lines).hasSizeGreaterThan(10);
    try (SidecarProcess sidecar = SidecarProcess.start(Map.of())) {
      int received = 0;
      for (String line : lines) {
        String json = line.substring(2);
        if (line.startsWith("→ ")) {
          sidecar.sendBody(filledIn(json).getBytes(StandardCharsets.UTF_8));
        } else {
          assertThat(line).startsWith("← ");
          int next = ++received;
          Deadline.await(line, () -> sidecar.messages().size() >= next);
          JsonObject message = sidecar.messages().get(next - 1);
          assertThat(canonical(JsonParser.parseString(json), message))
              .isEqualTo(message.toString());
        }
      }
      assertThat(sidecar.awaitExit()).isZero();
      assertThat(sidecar.messages()).hasSize(received);
    }
  }

  /** A message of the client with the values in place. */
  private String filledIn(String json) {
    return PLACEHOLDER
        .matcher(json)
        .replaceAll(match -> {
          JsonElement value = values.get(match.group());
          if (value == null) {
            throw new AssertionError(match.group() + " has no value yet");
          }
          return Matcher.quoteReplacement(value.getAsString());
        });
  }

  /**
   * The documented message with this conversation's values in place; a name that comes for the
   * first time gets the value that stands at its place in the real message.
   */
  private String canonical(JsonElement documented, JsonElement real) {
    bind(documented, real);
    String text = documented.toString();
    for (Map.Entry<String, JsonElement> value : values.entrySet()) {
      text = text.replace('"' + value.getKey() + '"', value.getValue().toString());
    }
    return text;
  }

  private void bind(JsonElement documented, JsonElement real) {
    if (documented instanceof JsonObject object && real instanceof JsonObject other) {
      object
          .asMap()
          .forEach((name, value) -> {
            if (other.has(name)) {
              bind(value, other.get(name));
            }
          });
    } else if (documented instanceof JsonPrimitive text
        && text.isString()
        && PLACEHOLDER.matcher(text.getAsString()).matches()
        && !real.isJsonObject()) {
      values.putIfAbsent(text.getAsString(), real);
    }
  }
}
