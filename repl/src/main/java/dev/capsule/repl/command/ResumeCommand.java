package dev.capsule.repl.command;

import dev.capsule.protocol.FindWorkflowParams;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.WorkflowInfo;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.SidecarException;
import dev.capsule.repl.view.CommandWords;
import dev.capsule.repl.view.Screen;
import dev.capsule.repl.view.Shown;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.ParseResult;

/** {@code capsule resume}: runs the command again that began a workflow. */
final class ResumeCommand {
  private static final long PATIENCE_SECONDS = 3;

  private final String id;
  private final StoreArgument store;
  private final Session session;
  private final Screen screen;
  private final Path workingFolder;

  ResumeCommand(ParseResult line, Session session, Screen screen, Path workingFolder)
      throws UsageException {
    this.id = line.matchedPositionalValue(0, "");
    this.store = StoreArgument.of(line, workingFolder);
    this.session = session;
    this.screen = screen;
    this.workingFolder = workingFolder;
  }

  /** Returns the exit code of the command. */
  int run() throws InterruptedException {
    Refusals refusals = new Refusals(screen, workingFolder);
    try {
      WorkflowInfo workflow =
          session.await(
              Method.RESUME_WORKFLOW,
              new FindWorkflowParams(store.root(), store.config(), id),
              WorkflowInfo.class);
      // What is run starts a sidecar of its own.
      session.close();
      return resume(workflow);
    } catch (RpcException e) {
      return refusals.tell(e, id);
    } catch (SidecarException e) {
      return refusals.tell(e);
    }
  }

  private int resume(WorkflowInfo workflow) throws InterruptedException {
    if (workflow.state().equals("finished")) {
      screen.printAside(id + " has finished: nothing is left to do");
      return ExitCode.OK;
    }
    if (workflow.command().isEmpty()) {
      return fail(
          "nobody has written down how %s was started; start %s again as before"
              .formatted(id, workflow.program().isEmpty() ? "its program" : workflow.program()));
    }
    Path folder = Path.of(workflow.folder().isEmpty() ? "." : workflow.folder()).toAbsolutePath();
    if (!Files.isDirectory(folder)) {
      return fail("%s was started in %s, which is not there".formatted(id, folder));
    }
    screen.printAside(
        "resuming "
            + id
            + (folder.equals(workingFolder) ? "" : " in " + Shown.path(folder, workingFolder))
            + ": "
            + CommandWords.of(workflow.command()));
    return execute(workflow.command(), folder.toFile());
  }

  private int execute(List<String> command, File folder) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(executable(command)).directory(folder).inheritIO().start();
      Thread ending = Thread.ofPlatform().unstarted(() -> end(process));
      Runtime.getRuntime().addShutdownHook(ending);
      int code = process.waitFor();
      try {
        var _ = Runtime.getRuntime().removeShutdownHook(ending);
      } catch (IllegalStateException e) {
        // We are ending as well.
      }
      return code;
    } catch (IOException e) {
      return fail("%s cannot be run: %s".formatted(CommandWords.of(command), e.getMessage()));
    }
  }

  /** Commands of our own are written down by this name, wherever Capsule may be. */
  private static List<String> executable(List<String> command) {
    String launcher = System.getProperty("capsule.launcher", "");
    List<String> words = new ArrayList<>(command);
    if (words.getFirst().equals("capsule") && !launcher.isEmpty()) {
      words.set(0, launcher);
    }
    return words;
  }

  /** A terminal tells Ctrl-C to the command as well; who ends us otherwise means it, too. */
  private static void end(Process process) {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroy();
        int _ = process.waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int fail(String message) {
    screen.printErrorLine("capsule: " + message);
    return ExitCode.TASK_FAILED;
  }
}
