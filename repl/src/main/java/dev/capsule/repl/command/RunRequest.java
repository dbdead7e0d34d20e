package dev.capsule.repl.command;

import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.RunTaskParams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/**
 * What {@code capsule run} was asked to do, checked as far as it can be without the sidecar.
 *
 * @param program null: the entrypoint that the configuration names
 * @param task null: the program's entry
 * @param args a JSON array
 * @param kwargs a JSON object
 * @param policy limits and grants
 * @param config the configuration's path; null: the nearest one; empty: none
 * @param workflow null: the run is none
 * @param command what was typed
 */
record RunRequest(
    @Nullable ProgramFile program,
    @Nullable String task,
    RawJson args,
    RawJson kwargs,
    RunPolicy policy,
    @Nullable String config,
    @Nullable WorkflowArgument workflow,
    List<String> command) {

  static RunRequest of(ParseResult line, Path workingFolder) throws UsageException {
    List<String> words = new ArrayList<>(line.matchedPositionalValue(1, List.<String>of()));
    String file = line.matchedPositionalValue(0, (String) null);
    if (file != null && words.size() + 1 == wordsAfterDashes(line)) {
      words.addFirst(file);
      file = null;
    }
    return new RunRequest(
        file == null ? null : ProgramFile.of(file, workingFolder),
        line.matchedOptionValue("--task", (String) null),
        arguments(line, words),
        namedArguments(line),
        RunPolicy.of(line, workingFolder, System.getenv()),
        ConfigArgument.of(line, workingFolder),
        WorkflowArgument.of(line),
        Stream.concat(Stream.of("capsule"), line.originalArgs().stream()).toList());
  }

  /** What stands after {@code --} is all for the task. */
  private static int wordsAfterDashes(ParseResult line) {
    List<String> words = line.originalArgs();
    int dashes = words.indexOf("--");
    return dashes < 0 ? 0 : words.size() - dashes - 1;
  }

  /** What a workflow is given: where that is another, it is another workflow. */
  record Input(@Nullable String task, RawJson args, RawJson kwargs) {}

  Input input() {
    return new Input(task, args, kwargs);
  }

  /**
   * Asks to run it.
   *
   * @param program its id, as the sidecar has loaded it
   * @param handle of the workflow that the run is; null: it is none
   */
  RunTaskParams toRun(String program, @Nullable String handle) {
    return new RunTaskParams(
        program,
        task,
        args,
        kwargs,
        policy.options(),
        policy.ceiling(),
        null,
        policy.env().isEmpty() ? null : policy.env(),
        null,
        null,
        System.getenv("TRACEPARENT"),
        System.getenv("TRACESTATE"),
        handle,
        handle == null ? null : true,
        null);
  }

  private static RawJson arguments(ParseResult line, List<String> words) throws UsageException {
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
