package dev.capsule.repl.view;

import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.InvalidParamData;
import dev.capsule.protocol.LoadProgramResult;
import dev.capsule.protocol.SourceErrorData;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.TaskInfo;
import java.io.IOException;
import java.nio.file.Files;
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
    text.append("capsule: ").append(where == null ? file : where).append(": ");
    if (failure.className() != null && !failure.message().startsWith(failure.className())) {
      text.append(failure.className()).append(failure.message().isEmpty() ? "" : ": ");
    }
    text.append(failure.message());
    String advice = advice(failure.type(), envelope.execution().taskName(), program);
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

  private static String advice(String type, String task, @Nullable LoadProgramResult program) {
    List<TaskInfo> tasks = program == null ? List.of() : program.tasks();
    return switch (ErrorType.of(type)) {
      case TIMEOUT -> "Give it longer with --timeout, or timeout= where the task is declared.";
      case OUT_OF_FUEL ->
          "Give it more with --compute HIGH, or compute= where the task is declared.";
      case OUT_OF_MEMORY -> "Give it more with --ram, or ram= where the task is declared.";
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
              : "Its tasks: "
                  + String.join(", ", tasks.stream().map(TaskInfo::name).toList())
                  + ".";
      case INTERNAL, WORKER_LOST ->
          "This is a fault of Capsule, not of your program; --debug shows more.";
      case null, default -> "";
    };
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
      text.append(excerpt(source, line, column));
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

  private static String excerpt(Path source, int line, int column) {
    try (var lines = Files.lines(source)) {
      return lines
          .skip(line - 1L)
          .findFirst()
          .map(text -> "\n    " + text + "\n    " + caret(text, column))
          .orElse("");
    } catch (IOException | RuntimeException e) {
      // The place is named already; the excerpt is only a courtesy.
      return "";
    }
  }

  /** Spaces up to the column, with the line's own tabs so that the caret stands below it. */
  private static String caret(String line, int column) {
    String before = line.substring(0, Math.min(line.length(), Math.max(0, column - 1)));
    return before.replaceAll("[^\t]", " ") + "^";
  }

  /** An option that cannot be: the user's on the command line, or the program's own. */
  public String ofOption(InvalidParamData error) {
    String name = error.field().replaceFirst("^options\\.", "");
    String value = error.value() == null ? "" : " " + error.value().text();
    if (error.where() != null) {
      return plain(error.where() + ": " + name + value + ": " + error.allowed());
    }
    String option = name.startsWith("mounts") ? "--mount" : "--" + name.replace('_', '-');
    return plain(option + value + ": " + error.allowed());
  }
}
