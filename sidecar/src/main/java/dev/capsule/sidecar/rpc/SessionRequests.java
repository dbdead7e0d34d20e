package dev.capsule.sidecar.rpc;

import dev.capsule.protocol.CodeParams;
import dev.capsule.protocol.FileParams;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.OpenSessionParams;
import dev.capsule.protocol.PutFileParams;
import dev.capsule.protocol.RunCellParams;
import dev.capsule.protocol.RunSnippetParams;
import dev.capsule.protocol.SessionParams;
import dev.capsule.sidecar.task.RequestException;
import dev.capsule.sidecar.task.Sessions;
import dev.capsule.sidecar.task.TaskService;
import dev.capsule.sidecar.task.ToolCaller;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The requests about snippets and sessions. This object is the client that sessions belong to. */
final class SessionRequests {
  static final Set<String> METHODS =
      Set.of(
          Method.RUN_SNIPPET,
          Method.OPEN_SESSION,
          Method.RUN_CELL,
          Method.COMPLETE_CODE,
          Method.INSPECT_CODE,
          Method.PUT_FILE,
          Method.GET_FILE,
          Method.LIST_FILES,
          Method.FORK_SESSION,
          Method.RESET_SESSION,
          Method.CLOSE_SESSION,
          Method.LIST_SESSIONS);

  /** Those that have a place in a session's line, which they take in the order they came in. */
  static final Set<String> ORDERED =
      Set.of(
          Method.RUN_CELL,
          Method.COMPLETE_CODE,
          Method.INSPECT_CODE,
          Method.PUT_FILE,
          Method.FORK_SESSION,
          Method.RESET_SESSION,
          Method.CLOSE_SESSION);

  private final Sessions sessions;
  private final Outbox out;
  private final ToolCaller caller;
  private final Consumer<String> progress;

  SessionRequests(TaskService service, Outbox out, ToolCaller caller, Consumer<String> progress) {
    this.sessions = service.sessions();
    this.out = out;
    this.caller = caller;
    this.progress = progress;
  }

  /**
   * Carries out a request. May block.
   *
   * @return completes with its result
   * @throws RequestException if it cannot be carried out
   */
  CompletableFuture<? extends @Nullable Object> handle(
      Incoming.Request request, PendingRequest entry) {
    return switch (request.method()) {
      case Method.RUN_SNIPPET -> runSnippet(request, entry);
      case Method.RUN_CELL -> runCell(request, entry);
      case Method.OPEN_SESSION -> {
        OpenSessionParams params = Connection.params(request, OpenSessionParams.class);
        entry.started(Thread.currentThread()::interrupt);
        yield sessions.open(params, this, progress);
      }
      case Method.COMPLETE_CODE ->
          sessions.complete(Connection.params(request, CodeParams.class), this);
      case Method.INSPECT_CODE ->
          sessions.inspect(Connection.params(request, CodeParams.class), this);
      case Method.PUT_FILE ->
          sessions.putFile(Connection.params(request, PutFileParams.class), this);
      case Method.GET_FILE ->
          now(sessions.getFile(Connection.params(request, FileParams.class), this));
      case Method.LIST_FILES ->
          now(sessions.listFiles(Connection.params(request, FileParams.class), this));
      case Method.FORK_SESSION -> sessions.fork(session(request), this);
      case Method.RESET_SESSION -> sessions.reset(session(request), this);
      case Method.CLOSE_SESSION -> {
        sessions.close(session(request), this);
        yield now(null);
      }
      case Method.LIST_SESSIONS -> now(sessions.list(this));
      default -> throw new IllegalArgumentException(request.method());
    };
  }

  private CompletableFuture<? extends @Nullable Object> runSnippet(
      Incoming.Request request, PendingRequest entry) {
    RunSnippetParams params = Connection.params(request, RunSnippetParams.class);
    entry.started(Thread.currentThread()::interrupt); // packages may be installed first
    Sessions.Running running =
        sessions.runSnippet(
            params,
            progress,
            new TaskNotifications(out, Connection.events(params.events())),
            caller);
    boolean _ = Thread.interrupted(); // it is told below, too, when it is cancelled
    entry.started(running::cancel);
    return running.result();
  }

  /** One that is cancelled tells what became of the state. */
  private CompletableFuture<? extends @Nullable Object> runCell(
      Incoming.Request request, PendingRequest entry) {
    RunCellParams params = Connection.params(request, RunCellParams.class);
    Sessions.Running running =
        sessions.runCell(
            params, this, new TaskNotifications(out, Connection.events(params.events())), caller);
    entry.tellCancelled();
    entry.started(running::cancel);
    return running.result();
  }

  private static @Nullable String session(Incoming.Request request) {
    return Connection.params(request, SessionParams.class).sessionId();
  }

  private static <T extends @Nullable Object> CompletableFuture<T> now(T result) {
    return CompletableFuture.completedFuture(result);
  }

  /** The client has gone. */
  void close() {
    sessions.closeAll(this);
  }
}
