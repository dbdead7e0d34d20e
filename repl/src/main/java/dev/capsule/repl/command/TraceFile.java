package dev.capsule.repl.command;

import dev.capsule.protocol.ReadTraceResult;
import dev.capsule.repl.view.Screen;
import dev.capsule.repl.view.Shown;
import dev.capsule.repl.view.TracePage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** {@code --html [FILE]}: where the page of a trace goes. */
final class TraceFile {
  private static final String OUTPUT = "-";
  private static final int LONGEST_NAME = 60;

  private final @Nullable Path file;
  private final Path workingFolder;

  private TraceFile(@Nullable Path file, Path workingFolder) {
    this.file = file;
    this.workingFolder = workingFolder;
  }

  /**
   * Null: no page is asked for.
   *
   * @param run what the trace is asked for by
   */
  static @Nullable TraceFile of(ParseResult line, String run, Path workingFolder)
      throws UsageException {
    String typed = line.matchedOptionValue("--html", (String) null);
    if (typed == null) {
      return null;
    }
    if (line.hasMatchedOption("--json")) {
      throw new UsageException("--json and --html exclude each other");
    }
    if (typed.equals(OUTPUT)) {
      return new TraceFile(null, workingFolder);
    }
    if (typed.isEmpty()) {
      return new TraceFile(workingFolder.resolve(usualName(run)), workingFolder);
    }
    // What comes after --html is taken for the file; a program must not be lost to that.
    if (!typed.endsWith(".html") && !typed.endsWith(".htm")) {
      throw new UsageException(
          "--html "
              + typed
              + ": the name of the page must end in .html\n"
              + "  The ID comes first: capsule trace show ID --html [FILE]");
    }
    try {
      return new TraceFile(workingFolder.resolve(typed).normalize(), workingFolder);
    } catch (InvalidPathException e) {
      throw new UsageException("--html " + typed + ": " + e.getReason());
    }
  }

  private static String usualName(String run) {
    String plain = run.replaceAll("[^A-Za-z0-9._-]", "_");
    return "trace-" + plain.substring(0, Math.min(plain.length(), LONGEST_NAME)) + ".html";
  }

  /** Returns the exit code. */
  int write(ReadTraceResult trace, Screen screen) {
    String page = TracePage.of(trace.spans(), trace.leftOut());
    if (file == null) {
      screen.print(page);
      return ExitCode.OK;
    }
    String shown = Shown.path(file, workingFolder);
    try {
      Files.writeString(file, page);
      screen.println("wrote " + shown + "; open it in a browser");
      return ExitCode.OK;
    } catch (NoSuchFileException e) {
      screen.printErrorLine("capsule: " + shown + " cannot be written: its folder is not there");
    } catch (IOException e) {
      screen.printErrorLine("capsule: " + shown + " cannot be written: " + e);
    }
    return ExitCode.USAGE;
  }
}
