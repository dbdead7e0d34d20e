package dev.capsule.sidecar.task;

import com.google.gson.JsonPrimitive;
import dev.capsule.sidecar.policy.DotEnv;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Values of the environment variables that tasks were granted by name. A value is the client's,
 * else this process's own, else that of the project's {@code .env}; a name without a value is
 * absent in the sandbox. No message holds a value.
 */
final class Environment {
  private static final String FILE = ".env";
  private static final int MAX_FILE_BYTES = 1 << 20;
  private static final int MAX_VALUE = 128 << 10;
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private Environment() {}

  /**
   * Checks what a client sends.
   *
   * @return the values, without those that are null
   * @throws RequestException if a name or a value cannot be one of an environment
   */
  static Map<String, String> given(@Nullable Map<String, String> env) {
    Map<String, String> values = new LinkedHashMap<>();
    if (env == null) {
      return values;
    }
    for (Map.Entry<String, String> variable : env.entrySet()) {
      String name = variable.getKey();
      @Nullable String value = variable.getValue();
      if (!NAME.matcher(name).matches()) {
        throw RequestException.invalid(
            "env",
            new JsonPrimitive(name).toString(),
            "is no name: letters, digits and _, not a digit first");
      }
      if (value != null) {
        if (value.length() > MAX_VALUE || value.indexOf(0) >= 0) {
          throw RequestException.invalid(
              "env." + name,
              null,
              "must be at most " + MAX_VALUE + " characters, without a NUL among them");
        }
        values.put(name, value);
      }
    }
    return values;
  }

  /**
   * The values of some names.
   *
   * @param names those that tasks were granted
   * @param given the client's values, which come first
   * @param own the values of this process
   * @param project the folder that may hold a {@code .env}; it is read only if a name has no value
   *     yet
   * @throws RequestException if the {@code .env} is needed and cannot be read
   */
  static Map<String, String> values(
      Collection<String> names, Map<String, String> given, Map<String, String> own, Path project) {
    Map<String, String> values = new LinkedHashMap<>();
    Map<String, String> file = null;
    for (String name : names) {
      String value = given.get(name);
      if (value == null) {
        value = own.get(name);
      }
      if (value == null) {
        file = file == null ? read(project) : file;
        value = file.get(name);
      }
      if (value != null) {
        values.put(name, value);
      }
    }
    return values;
  }

  private static Map<String, String> read(Path project) {
    Path file = project.resolve(FILE);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Map.of();
    }
    try {
      return DotEnv.parse(text(file, project));
    } catch (DotEnv.Malformed e) {
      throw refused(file + ":" + e.line() + ": the line " + e.getMessage());
    } catch (CharacterCodingException e) {
      throw refused(file + " must be text in UTF-8");
    } catch (IOException e) {
      throw refused(file + " cannot be read: " + e.getMessage());
    }
  }

  /** A task may write to the project's folder: a link that it makes there must not be followed. */
  private static String text(Path file, Path project) throws IOException {
    Path real = file.toRealPath();
    if (!real.startsWith(project.toRealPath()) || !Files.isRegularFile(real)) {
      throw refused(file + " must be a file in the project's folder, not a link out of it");
    }
    try (InputStream in = Files.newInputStream(real, LinkOption.NOFOLLOW_LINKS)) {
      byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
      if (bytes.length > MAX_FILE_BYTES) {
        throw refused(file + " must be at most " + MAX_FILE_BYTES + " bytes long");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }
  }

  private static RequestException refused(String why) {
    return RequestException.invalid("env_variables", null, why);
  }
}
