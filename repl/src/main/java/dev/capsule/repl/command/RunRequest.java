package dev.capsule.repl.command;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.LoadProgramParams;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.RunTaskParams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/**
 * What {@code capsule run} was asked to do, checked as far as it can be without the sidecar.
 *
 * @param file the program, an absolute path
 * @param fileAsTyped how the user calls it
 * @param task null: the program's entry
 * @param args a JSON array
 * @param kwargs a JSON object
 * @param options the limits and mounts, in the protocol's form
 */
record RunRequest(
    Path file,
    String fileAsTyped,
    @Nullable String task,
    RawJson args,
    RawJson kwargs,
    JsonObject options) {
  private static final String SUFFIX = ".py";

  static RunRequest of(ParseResult line, Path workingFolder) throws UsageException {
    String typed = line.matchedPositionalValue(0, "");
    JsonObject options = new JsonObject();
    for (String name : List.of("timeout", "ram", "compute")) {
      String value = line.matchedOptionValue("--" + name, (String) null);
      if (value != null) {
        options.addProperty(name, value);
      }
    }
    Integer retries = line.matchedOptionValue("--max-retries", (Integer) null);
    if (retries != null) {
      options.addProperty("max_retries", retries);
    }
    List<String> mounts = line.matchedOptionValue("--mount", List.<String>of());
    if (!mounts.isEmpty()) {
      JsonArray array = new JsonArray();
      for (String mount : mounts) {
        array.add(MountArgument.toOption(mount, workingFolder));
      }
      options.add("mounts", array);
    }
    return new RunRequest(
        program(typed, workingFolder),
        typed,
        line.matchedOptionValue("--task", (String) null),
        arguments(line),
        namedArguments(line),
        options);
  }

  LoadProgramParams toLoad() {
    String name = file.getFileName().toString();
    String module = name.substring(0, name.length() - SUFFIX.length());
    Path folder = Objects.requireNonNull(file.getParent(), "an absolute file is in a folder");
    return new LoadProgramParams("python", folder.toString(), module, file.toString(), null, null);
  }

  RunTaskParams toRun(String program) {
    return new RunTaskParams(program, task, args, kwargs, options, null, null, null, null, null);
  }

  private static Path program(String typed, Path workingFolder) throws UsageException {
    Path file;
    try {
      file = workingFolder.resolve(typed).normalize();
    } catch (InvalidPathException e) {
      throw new UsageException("not a file name: " + typed);
    }
    if (Files.isDirectory(file)) {
      throw new UsageException(typed + " is a folder; name the file in it that holds the task");
    }
    if (!Files.exists(file)) {
      throw new UsageException("there is no file " + typed + " (looked for " + file + ")");
    }
    if (!typed.endsWith(SUFFIX)) {
      throw new UsageException(typed + " is not a Python file: its name must end in " + SUFFIX);
    }
    if (!Files.isReadable(file)) {
      throw new UsageException(typed + " may not be read by you; see its permissions");
    }
    return file;
  }

  private static RawJson arguments(ParseResult line) throws UsageException {
    List<String> words = line.matchedPositionalValue(1, List.<String>of());
    String json = line.matchedOptionValue("--args-json", (String) null);
    if (json == null) {
      return new RawJson(Json.gson().toJson(words));
    }
    if (!words.isEmpty()) {
      throw new UsageException(
          "--args-json replaces the arguments after the file; leave out either it or "
              + String.join(" ", words));
    }
    RawJson value = parse("--args-json", json);
    if (!value.isArray()) {
      throw new UsageException(
          "--args-json must be a JSON array such as '[1, \"two\"]', not " + json);
    }
    return value;
  }

  private static RawJson namedArguments(ParseResult line) throws UsageException {
    String json = line.matchedOptionValue("--kwargs-json", (String) null);
    if (json == null) {
      return RawJson.EMPTY_OBJECT;
    }
    RawJson value = parse("--kwargs-json", json);
    if (!value.isObject()) {
      throw new UsageException(
          "--kwargs-json must be a JSON object such as '{\"n\": 1}', not " + json);
    }
    return value;
  }

  private static RawJson parse(String option, String json) throws UsageException {
    try {
      return RawJson.parse(json);
    } catch (IOException | IllegalStateException e) {
      throw new UsageException(
          option + " is not JSON: " + json + "\nMind the shell's quoting: " + option + " '[1, 2]'");
    }
  }
}
