package dev.capsule.repl.command;

import dev.capsule.protocol.Method;
import dev.capsule.protocol.RemoveWorkflowsParams;
import dev.capsule.protocol.RemoveWorkflowsResult;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.SidecarException;
import dev.capsule.repl.view.CommandWords;
import dev.capsule.repl.view.Screen;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** {@code capsule rm}: removes what is written down of workflows. */
final class RemoveCommand {
  private final List<String> ids;
  private final @Nullable String olderThan;
  private final boolean failed;
  private final StoreArgument store;
  private final Session session;
  private final Screen screen;
  private final Path workingFolder;

  RemoveCommand(ParseResult line, Session session, Screen screen, Path workingFolder)
      throws UsageException {
    this.ids = line.matchedPositionalValue(0, List.of());
    this.olderThan = line.matchedOptionValue("--older-than", (String) null);
    this.failed = line.hasMatchedOption("--failed");
    this.store = StoreArgument.of(line, workingFolder);
    this.session = session;
    this.screen = screen;
    this.workingFolder = workingFolder;
    if (ids.isEmpty() == (olderThan == null)) {
      throw new UsageException(
          ids.isEmpty()
              ? "name the workflows to remove, or say --older-than 30d\n  See: capsule rm --help"
              : "--older-than removes all that are old; leave out either it or "
                  + String.join(" ", ids));
    }
    if (failed && olderThan == null) {
      throw new UsageException("--failed goes with --older-than");
    }
  }

  /** Returns the exit code; that of the last failure. */
  int run() throws InterruptedException {
    Refusals refusals = new Refusals(screen, workingFolder);
    int code = ExitCode.OK;
    try {
      if (olderThan != null) {
        List<String> removed = remove(null);
        screen.println(
            "removed %d %s"
                .formatted(removed.size(), removed.size() == 1 ? "workflow" : "workflows"));
      }
      for (String id : ids) {
        code = Math.max(code, removeOne(id, refusals));
      }
    } catch (RpcException e) {
      return refusals.tell(e, "");
    } catch (SidecarException e) {
      return refusals.tell(e);
    }
    return code;
  }

  private int removeOne(String id, Refusals refusals) throws InterruptedException {
    try {
      if (remove(id).isEmpty()) {
        screen.printErrorLine(
            "capsule: %s is running, and stays\n  `capsule cancel %s` stops it."
                .formatted(id, CommandWords.of(List.of(id))));
        return ExitCode.TASK_FAILED;
      }
      screen.println("removed " + id);
      return ExitCode.OK;
    } catch (RpcException e) {
      return refusals.tell(e, id);
    }
  }

  private List<String> remove(@Nullable String id) throws RpcException, InterruptedException {
    var params =
        new RemoveWorkflowsParams(
            store.root(), store.config(), id, olderThan, failed ? List.of("failed") : null);
    return session.await(Method.REMOVE_WORKFLOWS, params, RemoveWorkflowsResult.class).removed();
  }
}
