package dev.capsule.repl.view;

import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Execution;
import dev.capsule.protocol.InvalidParamData;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.Limits;
import dev.capsule.protocol.LoadProgramResult;
import dev.capsule.protocol.SourceErrorData;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.TaskInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Puts failures into words: what happened, where, and what to do about it. */
public final class Failures {
  private static final Pattern FRAME = Pattern.compile("File \"([^\"]+)\", line (\\d+)");

  private final String file;

  /**
   * @param file how the user calls the program
   */
  public Failures(String file) {
    this.file = file;
  }

  public String plain(String message) {
    return "capsule: " + message;
  }

  public String ofSidecar(String message) {
    return plain(
        "the sidecar "
            + message
            + "\n  This is a fault of Capsule, not of your program. `capsule doctor` checks the"
            + " installation; --debug shows more.");
  }

  /** A task that ran and failed, or could not be run. */
  public String ofTask(
      TaskFailure failure, Envelope envelope, @Nullable LoadProgramResult program) {
    StringBuilder text = new StringBuilder();
    String traceback = failure.traceback() == null ? "" : failure.traceback().stripTrailing();
    if (!traceback.isEmpty()) {
      text.append(traceback).append('\n');
    }
    String where = lastFrame(traceback);
    if (where == null) {
      where = declaration(envelope.execution().taskName(), program);
    }
    text.append("capsule: ").append(where == null ? file : where).append(": ");
    if (failure.className() != null && !failure.message().startsWith(failure.className())) {
      text.append(failure.className()).append(failure.message().isEmpty() ? "" : ": ");
    }
    text.append(failure.message());
    String advice = advice(failure.type(), envelope.execution(), program);
    return advice.isEmpty() ? text.toString() : text.append("\n  ").append(advice).toString();
  }

  private static @Nullable String lastFrame(String traceback) {
    String last = null;
    Matcher frames = FRAME.matcher(traceback);
    while (frames.find()) {
      last = frames.group(1) + ":" + frames.group(2);
    }
    return last;
  }

  /** Where a task is declared: a limit ends it without a word of its own, and is said there. */
  private static @Nullable String declaration(String task, @Nullable LoadProgramResult program) {
    List<TaskInfo> tasks = program == null ? List.of() : program.tasks();
    return tasks.stream()
        .filter(info -> info.name().equals(task))
        .map(info -> info.file() + ":" + info.line())
        .findFirst()
        .orElse(null);
  }

  private static String advice(
      String type, Execution execution, @Nullable LoadProgramResult program) {
    List<TaskInfo> tasks = program == null ? List.of() : program.tasks();
    String task = execution.taskName();
    return switch (ErrorType.of(type)) {
      case TIMEOUT -> more("Give it longer", "timeout", "", execution);
      case OUT_OF_FUEL -> more("Give it more", "compute", " HIGH", execution);
      case OUT_OF_MEMORY -> more("Give it more", "ram", "", execution);
      case STACK_OVERFLOW ->
          "It recurses too deeply: use a loop, or check that the recursion ends.";
      case INVALID_ARGUMENTS ->
          tasks.stream()
              .filter(info -> info.name().equals(task))
              .findFirst()
              .map(info -> "The task is " + info.name() + info.signature() + ".")
              .orElse("");
      case TASK_NOT_FOUND ->
          tasks.isEmpty()
              ? "Declare one with @task from the module capsule, or define a function main."
              : ""; // the message names those that there are
      case INTERNAL, WORKER_LOST ->
          "This is a fault of Capsule, not of your program; --debug shows more.";
      case null, default -> "";
    };
  }

  private static String more(String wish, String option, String value, Execution execution) {
    Limits limits = execution.limits();
    return limits != null && limits.lowered().contains(option)
        ? "The task asks for more, but the ceiling allows no more: raise --max-%s, or %s in [ceiling] of capsule.toml."
            .formatted(option, option)
        : "%s with --%s%s, or %s= where the task is declared."
            .formatted(wish, option, value, option);
  }

  /** A program that cannot be loaded; shows the line with a caret if the message does not. */
  public String ofSource(SourceErrorData error, Path entry) {
    StringBuilder text = new StringBuilder();
    if (error.traceback() != null && !error.traceback().isBlank()) {
      text.append(error.traceback().stripTrailing()).append('\n');
    }
    text.append("capsule: ");
    String where = where(error);
    if (!error.message().startsWith(where)) {
      text.append(where).append(": ");
    }
    if (error.className() != null && !error.message().contains(error.className())) {
      text.append(error.className()).append(": ");
    }
    text.append(error.message().stripTrailing());
    Integer line = error.line();
    Integer column = error.column();
    if (line != null && column != null && !error.message().contains("^")) {
      Path source = error.file() == null ? entry : entry.resolveSibling(error.file());
      text.append(Excerpt.of(source, line, column));
    }
    return text.toString();
  }

  private String where(SourceErrorData error) {
    String where = error.file() == null ? file : error.file();
    if (error.line() != null) {
      where += ":" + error.line();
      if (error.column() != null) {
        where += ":" + error.column();
      }
    }
    return where;
  }

  /**
   * An option that cannot be: the user's on the command line, or one in a file of theirs, whose
   * line is shown.
   *
   * @param folder where the names of files start
   * @param workingFolder where the user stands
   */
  public String ofOption(InvalidParamData error, Path folder, Path workingFolder) {
    if (error.field().equals("config") && error.value() != null) {
      // Found by the sidecar or named by the user: either way it is about a file.
      String path = Json.gson().fromJson(error.value().text(), String.class);
      return plain(Shown.path(Path.of(path), workingFolder) + ": " + error.allowed());
    }
    String value = error.value() == null ? "" : " " + error.value().text();
    if (error.where() == null) {
      return plain(option(error.field()) + value + ": " + error.allowed());
    }
    String where = error.where();
    String excerpt = "";
    Place place = Place.parse(where);
    Path found = place == null ? null : place.find(folder);
    if (place != null && found != null) {
      where = place.named(Shown.path(found, workingFolder)).toString();
      excerpt = Excerpt.of(found, place.line(), place.column());
    }
    String what = error.field().replaceFirst("^options\\.", "") + value;
    return plain(where + ": " + (what.isEmpty() ? "" : what + ": ") + error.allowed()) + excerpt;
  }

  /** What a user types to say what a request says in this field. */
  private static String option(String field) {
    String name =
        field
            .replaceFirst("\\[.*", "")
            .replaceFirst("^options\\.", "")
            .replaceFirst("^env\\..*", "env");
    return switch (name) {
      case "mounts" -> "--mount";
      case "allowed_hosts" -> "--allow-host";
      case "env_variables", "env" -> "--env";
      case "ceiling.ram", "ceiling.timeout", "ceiling.compute" ->
          name.replace("ceiling.", "--max-");
      default ->
          name.startsWith("ceiling.")
              ? "--ceiling " + name.substring("ceiling.".length())
              : "--" + name.replace('_', '-');
    };
  }
}
