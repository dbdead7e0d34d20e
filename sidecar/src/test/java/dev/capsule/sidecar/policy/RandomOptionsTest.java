package dev.capsule.sidecar.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever options say, they are taken within the limits or refused in words. */
class RandomOptionsTest {
  private static final long SEED = 20_261_121;
  private static final int ROUNDS = 20_000;
  private static final List<String> NAMES =
      List.of(
          "compute",
          "ram",
          "timeout",
          "max_retries",
          "max_output",
          "max_result",
          "allowed_files",
          "mounts",
          "allowed_hosts",
          "rma");
  private static final List<String> PIECES =
      List.of(
          "0",
          "1",
          "9",
          "512",
          "4096",
          ".",
          "-",
          "+",
          "e",
          "E",
          " ",
          "MB",
          "GiB",
          "kib",
          "ms",
          "s",
          "m",
          "h",
          "LOW",
          "high",
          "..",
          "/",
          "./",
          "::",
          ":",
          ":ro",
          ":rw",
          "data",
          "link",
          "file",
          "\0",
          "\n",
          "\ud800",
          "é",
          "٣",
          "path",
          "mode",
          "read-only",
          "~",
          "$HOME",
          "99999999999",
          "\\",
          "a".repeat(300));

  private final Random random = new Random(SEED);

  @Test
  void nothingButAnOptionExceptionComesOut(@TempDir Path folder) throws IOException {
    Path root = Files.createDirectory(folder.resolve("root"));
    Path outside = Files.createDirectory(folder.resolve("outside"));
    Files.createDirectory(root.resolve("data"));
    Files.createFile(root.resolve("file"));
    Files.createSymbolicLink(root.resolve("link"), outside);
    Path real = root.toRealPath();
    int taken = 0;
    for (int round = 0; round < ROUNDS; round++) {
      JsonObject options = new JsonObject();
      for (int i = random.nextInt(3); i >= 0; i--) {
        options.add(NAMES.get(random.nextInt(NAMES.size())), value(2));
      }
      boolean caller = random.nextBoolean();
      try {
        TaskPolicy policy =
            (caller
                    ? Options.ofCaller(options, real)
                    : Options.ofTask(options, Source.declaration("main.py", 1), real))
                .policy(List.of());
        taken++;
        assertThat(policy.fuel()).as("%s", options).isBetween(1L, 1_000_000_000_000_000L);
        assertThat(policy.memoryBytes()).as("%s", options).isBetween(40_000_000L, 4L << 30);
        assertThat(policy.timeout().toMillis()).as("%s", options).isBetween(1L, 86_400_000L);
        assertThat(policy.maxRetries()).as("%s", options).isBetween(0, 100);
        assertThat(policy.maxOutputBytes()).as("%s", options).isBetween(0L, 1L << 30);
        assertThat(policy.maxResultBytes()).as("%s", options).isBetween(1L, 64_000_000L);
        for (Mount mount : policy.mounts()) {
          assertThat(mount.guest()).as("%s", options).startsWith("/").doesNotContain("..");
          assertThat(mount.host()).isDirectory();
          assertThat(caller || mount.host().startsWith(real)).as("%s", options).isTrue();
        }
      } catch (OptionException e) {
        assertThat(e.field()).isNotNull();
        assertThat(e.allowed()).isNotBlank();
        assertThat(JsonParser.parseString(String.valueOf(e.value()))).isNotNull();
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + SEED + ", round " + round + ": " + options, e);
      }
    }
    assertThat(taken).as("options that were taken").isGreaterThan(ROUNDS / 20);
  }

  private JsonElement value(int depth) {
    return switch (random.nextInt(depth == 0 ? 6 : 8)) {
      case 0 -> JsonNull.INSTANCE;
      case 1 -> new JsonPrimitive(random.nextBoolean());
      case 2 -> new JsonPrimitive(random.nextInt(200) - 50);
      case 3 -> new JsonPrimitive(random.nextLong());
      case 4 -> JsonParser.parseString(number());
      case 5 -> new JsonPrimitive(text());
      case 6 -> {
        JsonArray array = new JsonArray();
        for (int i = random.nextInt(3); i > 0; i--) {
          array.add(value(depth - 1));
        }
        yield array;
      }
      default -> {
        JsonObject object = new JsonObject();
        for (int i = random.nextInt(3); i > 0; i--) {
          object.add(PIECES.get(35 + random.nextInt(3)), value(depth - 1));
        }
        yield object;
      }
    };
  }

  private String number() {
    return (random.nextBoolean() ? "-" : "")
        + random.nextInt(1000)
        + (random.nextBoolean() ? "." + random.nextInt(1000) : "")
        + (random.nextBoolean()
            ? "E" + (random.nextBoolean() ? "-" : "") + random.nextLong(1L << random.nextInt(1, 40))
            : "");
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return text.toString();
  }
}
