package dev.capsule.repl.command;

import dev.capsule.protocol.DescribeWorkflowResult;
import dev.capsule.protocol.FindWorkflowParams;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.ListWorkflowsParams;
import dev.capsule.protocol.ListWorkflowsResult;
import dev.capsule.protocol.Method;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.SidecarException;
import dev.capsule.repl.view.RunsTable;
import dev.capsule.repl.view.Screen;
import dev.capsule.repl.view.StepTree;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** {@code capsule runs}: the workflows of a project, or the steps of one. */
final class RunsCommand {
  private final @Nullable String id;
  private final boolean failed;
  private final @Nullable Integer limit;
  private final boolean json;
  private final StoreArgument store;
  private final Session session;
  private final Screen screen;
  private final Path workingFolder;

  RunsCommand(ParseResult line, Session session, Screen screen, Path workingFolder)
      throws UsageException {
    this.id = line.matchedPositionalValue(0, (String) null);
    this.failed = line.hasMatchedOption("--failed");
    this.limit = line.matchedOptionValue("--limit", (Integer) null);
    this.json = line.hasMatchedOption("--json");
    this.store = StoreArgument.of(line, workingFolder);
    this.session = session;
    this.screen = screen;
    this.workingFolder = workingFolder;
    if (id != null && (failed || limit != null)) {
      throw new UsageException("--failed and --limit choose among all; leave out the ID " + id);
    }
  }

  /** Returns the exit code. */
  int run() throws InterruptedException {
    Refusals refusals = new Refusals(screen, workingFolder);
    try {
      if (id == null) {
        showAll();
      } else {
        showOne(id);
      }
      return ExitCode.OK;
    } catch (RpcException e) {
      return refusals.tell(e, id == null ? "" : id);
    } catch (SidecarException e) {
      return refusals.tell(e);
    }
  }

  private void showAll() throws RpcException, InterruptedException {
    var params =
        new ListWorkflowsParams(
            store.root(), store.config(), failed ? List.of("failed") : null, limit);
    ListWorkflowsResult found =
        session.await(Method.LIST_WORKFLOWS, params, ListWorkflowsResult.class);
    if (json) {
      screen.println(Json.gson().toJson(found));
    } else if (found.workflows().isEmpty()) {
      screen.printAside("no %sworkflows in %s".formatted(failed ? "failed " : "", found.journal()));
    } else {
      screen.println(
          RunsTable.of(found.workflows(), Instant.now(), ZoneId.systemDefault(), workingFolder));
    }
  }

  private void showOne(String workflow) throws RpcException, InterruptedException {
    var params = new FindWorkflowParams(store.root(), store.config(), workflow);
    DescribeWorkflowResult found =
        session.await(Method.DESCRIBE_WORKFLOW, params, DescribeWorkflowResult.class);
    if (json) {
      screen.println(Json.gson().toJson(found));
    } else {
      screen.println(StepTree.of(found, Instant.now(), ZoneId.systemDefault(), workingFolder));
    }
  }
}
