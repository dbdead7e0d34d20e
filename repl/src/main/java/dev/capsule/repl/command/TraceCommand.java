package dev.capsule.repl.command;

import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.ListTracesParams;
import dev.capsule.protocol.ListTracesResult;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.ReadTraceParams;
import dev.capsule.protocol.ReadTraceResult;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.SidecarException;
import dev.capsule.repl.view.Failures;
import dev.capsule.repl.view.Screen;
import dev.capsule.repl.view.TraceTable;
import dev.capsule.repl.view.TraceTree;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** {@code capsule trace}: what was kept of what happened. */
final class TraceCommand {
  private final ParseResult line;
  private final Path folder;
  private final @Nullable String config;
  private final Session session;
  private final Screen screen;
  private final Path workingFolder;

  /**
   * @param line that of {@code trace ls}, {@code show} or {@code follow}
   */
  TraceCommand(ParseResult line, Session session, Screen screen, Path workingFolder)
      throws UsageException {
    this.line = line;
    this.folder = folder(line, workingFolder);
    this.config = ConfigArgument.of(line, workingFolder);
    this.session = session;
    this.screen = screen;
    this.workingFolder = workingFolder;
  }

  private static Path folder(ParseResult line, Path workingFolder) throws UsageException {
    String typed = line.matchedOptionValue("--folder", (String) null);
    if (typed == null) {
      return workingFolder;
    }
    try {
      Path folder = workingFolder.resolve(typed).normalize();
      if (Files.isDirectory(folder)) {
        return folder;
      }
    } catch (InvalidPathException e) {
      // told below
    }
    throw new UsageException("--folder " + typed + ": is no folder");
  }

  /** Returns the exit code. */
  int run() throws InterruptedException, UsageException {
    Failures failures = new Failures("capsule trace");
    try {
      return switch (line.commandSpec().name()) {
        case "ls" -> list();
        case "show" -> show();
        default -> follow();
      };
    } catch (RpcException e) {
      String message = String.valueOf(e.getMessage());
      screen.printErrorLine(
          e.code() == ErrorCode.INVALID_PARAMS || e.code() == ErrorCode.CANCELLED
              ? failures.plain(message)
              : failures.ofSidecar("refused: " + message));
      return e.code() == ErrorCode.INVALID_PARAMS ? ExitCode.USAGE : ExitCode.SIDECAR_FAILED;
    } catch (SidecarException e) {
      screen.printErrorLine(failures.ofSidecar(String.valueOf(e.getMessage())));
      return ExitCode.SIDECAR_FAILED;
    }
  }

  private ListTracesResult traces(@Nullable Integer limit, boolean failed)
      throws RpcException, InterruptedException {
    return session.await(
        Method.LIST_TRACES,
        new ListTracesParams(folder.toString(), config, limit, failed),
        ListTracesResult.class);
  }

  private int list() throws RpcException, InterruptedException, UsageException {
    ListTracesResult found = traces(limit(), line.hasMatchedOption("--failed"));
    if (line.hasMatchedOption("--json")) {
      screen.println(Json.gson().toJson(found));
    } else if (found.traces().isEmpty()) {
      screen.printErrorLine("There are no traces in " + found.folder() + ".");
      screen.printAside(
          "`capsule run` keeps them; programs do with CAPSULE_TRACE=store. --folder names the"
              + " folder of a program that is elsewhere.");
    } else {
      for (TraceTable.Line each : TraceTable.of(found.traces(), ZoneId.systemDefault())) {
        screen.printMarked(each.text(), each.failed());
      }
    }
    return ExitCode.OK;
  }

  private @Nullable Integer limit() throws UsageException {
    String typed = line.matchedOptionValue("--limit", (String) null);
    try {
      return typed == null ? null : Integer.valueOf(typed);
    } catch (NumberFormatException e) {
      throw new UsageException("--limit " + typed + ": must be a number");
    }
  }

  private int show() throws RpcException, InterruptedException, UsageException {
    String run = line.matchedPositionalValue(0, "");
    TraceFile file = TraceFile.of(line, run, workingFolder);
    ReadTraceResult found =
        session.await(
            Method.READ_TRACE,
            new ReadTraceParams(folder.toString(), config, run),
            ReadTraceResult.class);
    if (line.hasMatchedOption("--json")) {
      screen.println(Json.gson().toJson(found));
      return ExitCode.OK;
    }
    if (file != null) {
      return file.write(found, screen);
    }
    for (TraceTree.Line each : TraceTree.of(found.spans())) {
      screen.printMarked(each.text(), each.failed());
    }
    if (found.leftOut() > 0) {
      screen.printErrorLine("and " + found.leftOut() + " more spans, too many to show");
    }
    return ExitCode.OK;
  }

  private int follow() throws RpcException, InterruptedException {
    Path store = Path.of(traces(1, false).folder());
    session.close(); // what comes is read from the files
    boolean json = line.hasMatchedOption("--json");
    screen.printAside("following " + store + "; Ctrl-C ends it");
    TraceFollower follower = new TraceFollower(store);
    while (!screen.isClosed() && !session.isInterrupted()) {
      for (TraceFollower.Found found : follower.more()) {
        screen.printMarked(
            json ? found.json() : TraceTree.line(found.span()),
            !json && found.span().status().equals("error"));
      }
      Thread.sleep(TraceFollower.LOOK_AGAIN_MS);
    }
    return ExitCode.OUTPUT_CLOSED;
  }
}
