package dev.capsule.repl.command;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import dev.capsule.protocol.Json;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/**
 * What the command line says of limits and grants, in the protocol's form. The values are the
 * sidecar's to check; only what names something of the user's shell is looked up here.
 *
 * @param options the caller's options
 * @param ceiling null: none is given
 * @param env values of environment variables, by name
 */
record RunPolicy(JsonObject options, @Nullable JsonObject ceiling, Map<String, String> env) {
  private static final List<String> LIMITS =
      List.of("timeout", "ram", "compute", "max_disk", "max_output", "max_result");
  private static final List<String> CEILINGS = List.of("ram", "timeout", "compute");

  static RunPolicy of(ParseResult line, Path workingFolder, Map<String, String> environment)
      throws UsageException {
    JsonObject options = new JsonObject();
    for (String name : LIMITS) {
      String value = line.matchedOptionValue("--" + name.replace('_', '-'), (String) null);
      if (value != null) {
        options.addProperty(name, value);
      }
    }
    Integer retries = line.matchedOptionValue("--max-retries", (Integer) null);
    if (retries != null) {
      options.addProperty("max_retries", retries);
    }
    addMounts(options, line, workingFolder);
    add(options, "allowed_hosts", line.matchedOptionValue("--allow-host", List.of()));
    Map<String, String> env = new LinkedHashMap<>();
    add(options, "env_variables", variables(line, environment, env));
    return new RunPolicy(options, ceiling(line), env);
  }

  private static void addMounts(JsonObject options, ParseResult line, Path workingFolder)
      throws UsageException {
    List<String> mounts = line.matchedOptionValue("--mount", List.of());
    if (!mounts.isEmpty()) {
      JsonArray array = new JsonArray();
      for (String mount : mounts) {
        array.add(MountArgument.toOption(mount, workingFolder));
      }
      options.add("mounts", array);
    }
  }

  private static void add(JsonObject options, String name, List<String> values) {
    if (!values.isEmpty()) {
      JsonArray array = new JsonArray();
      values.forEach(array::add);
      options.add(name, array);
    }
  }

  /** The names that are granted; values that are known here are put into a map. */
  private static List<String> variables(
      ParseResult line, Map<String, String> environment, Map<String, String> values)
      throws UsageException {
    Map<String, String> given = new LinkedHashMap<>();
    for (String argument : line.matchedOptionValue("--env", List.<String>of())) {
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      // What is not set here may still be in the project's .env, which the sidecar reads.
      String value = equals < 0 ? environment.get(name) : argument.substring(equals + 1);
      if (name.isEmpty() || given.putIfAbsent(name, "") != null) {
        String what = name.isEmpty() ? "names no variable" : "names " + name + " a second time";
        // The argument itself may hold a secret.
        throw new UsageException("--env " + what + "; write --env NAME or --env NAME=VALUE");
      }
      if (value != null) {
        values.put(name, value);
      }
    }
    return List.copyOf(given.keySet());
  }

  private static @Nullable JsonObject ceiling(ParseResult line) throws UsageException {
    String json = line.matchedOptionValue("--ceiling", (String) null);
    JsonObject ceiling = json == null ? new JsonObject() : parse(json);
    for (String name : CEILINGS) {
      String option = "--max-" + name;
      String value = line.matchedOptionValue(option, (String) null);
      if (value != null) {
        once(ceiling, name, option);
        ceiling.addProperty(name, value);
      }
    }
    nothing(ceiling, "allowed_hosts", "--no-network", line);
    nothing(ceiling, "allowed_files", "--no-files", line);
    return ceiling.isEmpty() && json == null ? null : ceiling;
  }

  private static void nothing(JsonObject ceiling, String name, String option, ParseResult line)
      throws UsageException {
    if (line.hasMatchedOption(option)) {
      once(ceiling, name, option);
      ceiling.add(name, new JsonArray());
    }
  }

  private static void once(JsonObject ceiling, String name, String option) throws UsageException {
    if (ceiling.has(name)) {
      throw new UsageException(
          "--ceiling and " + option + " both bound " + name + "; leave out one of them");
    }
  }

  private static JsonObject parse(String json) throws UsageException {
    try {
      JsonObject object = Json.gson().fromJson(json, JsonObject.class);
      if (object != null) {
        return object;
      }
    } catch (JsonParseException e) {
      // told below, like a text that holds nothing
    }
    throw new UsageException(
        "--ceiling must be a JSON object such as '{\"max_disk\": \"10MB\"}', not " + json);
  }
}
