package dev.capsule.repl.command;

import dev.capsule.protocol.CancelWorkflowResult;
import dev.capsule.protocol.FindWorkflowParams;
import dev.capsule.protocol.Method;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.SidecarException;
import dev.capsule.repl.view.Screen;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** {@code capsule cancel}: stops workflows, whoever runs them. */
final class CancelCommand {
  private final List<String> ids;
  private final StoreArgument store;
  private final Session session;
  private final Screen screen;
  private final Path workingFolder;

  CancelCommand(ParseResult line, Session session, Screen screen, Path workingFolder)
      throws UsageException {
    this.ids = line.matchedPositionalValue(0, List.of());
    this.store = StoreArgument.of(line, workingFolder);
    this.session = session;
    this.screen = screen;
    this.workingFolder = workingFolder;
  }

  /** Returns the exit code; that of the last failure. */
  int run() throws InterruptedException {
    Refusals refusals = new Refusals(screen, workingFolder);
    int code = ExitCode.OK;
    for (String id : ids) {
      try {
        CancelWorkflowResult found =
            session.await(
                Method.CANCEL_WORKFLOW,
                new FindWorkflowParams(store.root(), store.config(), id),
                CancelWorkflowResult.class);
        screen.println(told(id, found.state()));
      } catch (RpcException e) {
        code = refusals.tell(e, id);
      } catch (SidecarException e) {
        return refusals.tell(e);
      }
    }
    return code;
  }

  private static String told(String id, String state) {
    return switch (state) {
      case "finished" -> id + " had finished before; nothing to cancel";
      case "cancelled" -> id + " was cancelled before";
      case "running" -> id + " is cancelled; who runs it stops";
      default -> id + " is cancelled; it had " + (state.equals("failed") ? "failed" : "stopped");
    };
  }
}
