package dev.capsule.sidecar.task;

import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.CellResult;
import dev.capsule.protocol.CodeParams;
import dev.capsule.protocol.CompleteCodeResult;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.FileInfo;
import dev.capsule.protocol.FileParams;
import dev.capsule.protocol.GetFileResult;
import dev.capsule.protocol.InspectCodeResult;
import dev.capsule.protocol.OpenSessionParams;
import dev.capsule.protocol.OpenSessionResult;
import dev.capsule.protocol.PutFileParams;
import dev.capsule.protocol.RunCellParams;
import dev.capsule.protocol.RunSnippetParams;
import dev.capsule.protocol.SessionInfo;
import dev.capsule.protocol.UnknownSessionData;
import dev.capsule.sidecar.policy.DeniedException;
import dev.capsule.sidecar.policy.Mount;
import dev.capsule.sidecar.policy.OptionException;
import dev.capsule.sidecar.policy.Options;
import dev.capsule.sidecar.policy.SessionConfig;
import dev.capsule.sidecar.policy.TaskPolicy;
import dev.capsule.sidecar.sandbox.KeptSandbox;
import dev.capsule.sidecar.trace.TraceContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Code that clients have run as it stands: snippets, and sessions that are open. A session is there
 * for the client that opened it alone. Safe to use from any thread.
 */
public final class Sessions {
  private static final String SNIPPET = "<snippet>";
  private static final int MAX_NAME = 200;
  private static final int MAX_SHOWN = 80;

  private final CellSpace.Services services;
  private final StoreFinder stores;
  private final Map<String, Session> open = new LinkedHashMap<>();

  Sessions(CellSpace.Services services, StoreFinder stores) {
    this.services = services;
    this.stores = stores;
  }

  /** Code that was started. */
  public interface Running {
    /** Completes when it is over: normally, unless it could not be begun. */
    CompletableFuture<CellResult> result();

    /** Stops it; a session keeps its state if its language allows that. */
    void cancel();
  }

  private record Started(CompletableFuture<CellResult> result, Runnable stop) implements Running {
    @Override
    public void cancel() {
      stop.run();
    }
  }

  /**
   * Runs a snippet. Blocks while its packages are installed.
   *
   * @param progress told what takes long
   * @throws RequestException if it is not one that can be run
   */
  public Running runSnippet(
      RunSnippetParams params, Consumer<String> progress, RunListener listener, ToolCaller caller) {
    if (params.code() == null) {
      throw RequestException.invalid("code", null, "is missing");
    }
    CellSpace space =
        CellSpace.of(
            services,
            new CellSpace.Asked(
                params.language(),
                params.root(),
                params.config(),
                params.options(),
                params.ceiling(),
                params.tools(),
                params.env()),
            params.code(),
            progress);
    RunListener.Run run = new RunListener.Run(TaskService.runId(params.run()), null, "snippet");
    TaskPolicy policy;
    try {
      policy = space.policy("snippet", Options.NONE);
    } catch (DeniedException e) {
      return new Started(
          CompletableFuture.completedFuture(
              Session.refused(run, Failures.denied(e), CellResult.LOST)),
          () -> {});
    }
    CellSpace.Cell cell =
        space.cell(
            run,
            params.file() == null ? SNIPPET : params.file(),
            params.code(),
            policy,
            null,
            TraceContext.parse(params.traceparent(), params.tracestate()),
            listener,
            caller);
    CompletableFuture<CellResult> result =
        cell.run()
            .envelope()
            .thenApply(envelope ->
                new CellResult(
                    envelope.success(),
                    cell.work().read(envelope.result()),
                    envelope.error(),
                    envelope.execution(),
                    CellResult.LOST));
    cell.run().begin();
    return new Started(result, cell.run()::cancel);
  }

  /**
   * Opens a session. Blocks while its packages are installed, and its journal is opened.
   *
   * @param client who opens it
   * @param progress told what takes long
   * @return completes when it is in the state that its journal tells of, or with a {@link
   *     RequestException} if it cannot be
   * @throws RequestException if it cannot be opened
   */
  public CompletableFuture<OpenSessionResult> open(
      OpenSessionParams params, Object client, Consumer<String> progress) {
    CellSpace space =
        CellSpace.of(
            services,
            new CellSpace.Asked(
                params.language(),
                params.root(),
                params.config(),
                params.options(),
                params.ceiling(),
                params.tools(),
                params.env()),
            "",
            progress);
    if (params.name() != null && params.name().length() > MAX_NAME) {
      throw RequestException.invalid(
          "name", null, "must be at most " + MAX_NAME + " characters long");
    }
    SessionConfig config = space.program().config().sessions();
    Duration idle;
    TaskPolicy policy;
    try {
      idle =
          params.idleTimeout() == null || params.idleTimeout().isJsonNull()
              ? config.idleTimeout()
              : SessionConfig.idleTimeout("idle_timeout", params.idleTimeout());
      policy = space.policy("session", Options.NONE);
    } catch (OptionException e) {
      throw RequestException.invalidOption(e);
    } catch (DeniedException e) {
      throw RequestException.invalid("options", null, String.valueOf(e.getMessage()));
    }
    requireFreeWorkspace(policy);
    ClientTools _ = ClientTools.of("", params.tools(), call -> new CompletableFuture<>());
    Session session = new Session(Ids.session(), params.name(), client, space, policy, idle);
    if (params.id() == null) {
      add(session, config);
      watch(session, idle.toNanos());
      return CompletableFuture.completedFuture(
          new OpenSessionResult(session.id(), session.language(), null));
    }
    return restore(session, params, space.program().entryFile().root(), policy);
  }

  private CompletableFuture<OpenSessionResult> restore(
      Session session, OpenSessionParams params, Path root, TaskPolicy policy) {
    String id = Objects.requireNonNull(params.id());
    if (!policy.mounts().isEmpty()) {
      throw RequestException.invalid(
          "mounts",
          null,
          "cannot be had by a session with an id: what its cells read there could not be repeated;"
              + " put the files into its workspace");
    }
    SessionJournal journal =
        SessionJournal.open(
            stores.journal(root.toString(), params.config(), null), id, session.language());
    CompletableFuture<Void> repeated;
    List<SessionLog.Entry> entries;
    try {
      add(session, session.config());
      watch(session, session.idleTimeout().toNanos());
      entries = journal.entries();
      repeated = session.repeat(entries, journal::refusal);
    } catch (RuntimeException e) {
      close(session);
      journal.release();
      throw e;
    }
    return repeated.handleAsync((done, problem) -> {
      if (problem != null || !session.writeTo(journal)) {
        close(session);
        journal.release();
        throw wrapped(problem == null ? unknown(session.id()) : problem);
      }
      journal.onRevoked(() -> close(session));
      long cells = entries.stream().filter(SessionLog.Cell.class::isInstance).count();
      return new OpenSessionResult(session.id(), session.language(), cells);
    });
  }

  private static void requireFreeWorkspace(TaskPolicy policy) {
    for (Mount mount : policy.mounts()) {
      Path guest = Path.of(mount.guest());
      if (guest.startsWith(KeptSandbox.WORKSPACE)) {
        throw RequestException.invalid(
            "mounts",
            new JsonPrimitive(mount.guest()).toString(),
            "must be seen elsewhere: a session's own folder is at "
                + KeptSandbox.WORKSPACE
                + "; give it another place (HOST::GUEST)");
      }
    }
  }

  private void add(Session session, SessionConfig config) {
    Session evicted = null;
    synchronized (open) {
      if (open.size() >= config.max()) {
        evicted =
            config.evicts()
                ? open.values().stream()
                    .filter(other -> !other.isRunning())
                    .max(Comparator.comparingLong(Session::idleNanos))
                    .orElse(null)
                : null;
        if (evicted == null) {
          throw new RequestException(
              ErrorCode.OVERLOADED,
              open.size()
                  + " sessions are open, the most there may be; close one, or set max or when_full"
                  + " in [sessions] of capsule.toml",
              null);
        }
        open.remove(evicted.id());
      }
      open.put(session.id(), session);
    }
    if (evicted != null) {
      evicted.close();
    }
  }

  /** Closes it when nothing has been asked of it for its time. */
  private void watch(Session session, long nanos) {
    CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS)
        .execute(() -> {
          synchronized (open) {
            if (!open.containsKey(session.id())) {
              return;
            }
          }
          long left = session.idleTimeout().toNanos() - session.idleNanos();
          if (left > 0) {
            watch(session, left);
          } else {
            close(session);
          }
        });
  }

  private void close(Session session) {
    synchronized (open) {
      open.remove(session.id());
    }
    session.close();
  }

  /**
   * The session of that id.
   *
   * @throws RequestException if this client has none of it
   */
  Session get(@Nullable String id, Object client) {
    if (id == null) {
      throw RequestException.invalid("session_id", null, "is missing");
    }
    Session session;
    synchronized (open) {
      session = open.get(id);
    }
    if (session == null || !session.belongsTo(client)) {
      throw unknown(id);
    }
    return session;
  }

  static RequestException unknown(String id) {
    String shown = Texts.shortened(id, MAX_SHOWN);
    return new RequestException(
        ErrorCode.UNKNOWN_SESSION,
        "there is no session "
            + new JsonPrimitive(shown)
            + " here: it was closed, or was idle for too long; open another",
        new UnknownSessionData(shown));
  }

  /** Queues a cell. */
  public Running runCell(
      RunCellParams params, Object client, RunListener listener, ToolCaller caller) {
    Session.Running cell =
        get(params.sessionId(), client)
            .run(params, TaskService.runId(params.run()), listener, caller);
    return new Started(cell.result(), cell::interrupt);
  }

  /** What code may go on with. */
  public CompletableFuture<CompleteCodeResult> complete(CodeParams params, Object client) {
    return get(params.sessionId(), client).complete(params);
  }

  /** What a name in code is. */
  public CompletableFuture<InspectCodeResult> inspect(CodeParams params, Object client) {
    return get(params.sessionId(), client).inspect(params);
  }

  /**
   * Writes a file to a session's workspace. Completes when that is written down, if it has to be.
   */
  public CompletableFuture<Void> putFile(PutFileParams params, Object client) {
    return get(params.sessionId(), client)
        .put(path(params.path()), params.content() == null ? "" : params.content());
  }

  /** Reads a file of a session's workspace. */
  public GetFileResult getFile(FileParams params, Object client) {
    String path = path(params.path());
    byte[] content = get(params.sessionId(), client).files(path, workspace -> workspace.get(path));
    return new GetFileResult(Base64.getEncoder().encodeToString(content));
  }

  /** What is in a folder of a session's workspace. */
  public List<FileInfo> listFiles(FileParams params, Object client) {
    String path = params.path() == null ? "" : params.path();
    return get(params.sessionId(), client).files(path, workspace -> workspace.list(path)).stream()
        .map(entry -> new FileInfo(entry.path(), entry.size(), entry.folder()))
        .toList();
  }

  private static String path(@Nullable String path) {
    if (path == null || path.isEmpty()) {
      throw RequestException.invalid("path", null, "is missing");
    }
    return path;
  }

  /**
   * Opens a session in the state of another, by running its cells again.
   *
   * @return completes when that is done, or with a {@link RequestException} if it cannot be
   */
  public CompletableFuture<OpenSessionResult> fork(@Nullable String id, Object client) {
    Session from = get(id, client);
    Session fork = from.sibling(Ids.session());
    add(fork, fork.config());
    watch(fork, fork.idleTimeout().toNanos());
    CompletableFuture<Void> repeated;
    try {
      repeated = from.repeatIn(fork);
    } catch (RuntimeException e) {
      close(fork);
      throw e;
    }
    return repeated.handle((done, problem) -> {
      if (problem == null) {
        return new OpenSessionResult(fork.id(), fork.language(), null);
      }
      close(fork);
      throw wrapped(problem);
    });
  }

  private static CompletionException wrapped(Throwable problem) {
    return problem instanceof CompletionException ended ? ended : new CompletionException(problem);
  }

  /** Throws a session's state away. Completes when that is written down, if it has to be. */
  public CompletableFuture<Void> reset(@Nullable String id, Object client) {
    return get(id, client).reset();
  }

  /** Closes a session. */
  public void close(@Nullable String id, Object client) {
    close(get(id, client));
  }

  /** A client's sessions, in the order in which they were opened. */
  public List<SessionInfo> list(Object client) {
    List<Session> own;
    synchronized (open) {
      own = open.values().stream().filter(session -> session.belongsTo(client)).toList();
    }
    return own.stream().map(Session::info).toList();
  }

  /** A client has gone. */
  public void closeAll(Object client) {
    List<Session> own = new ArrayList<>();
    synchronized (open) {
      open.values().stream().filter(session -> session.belongsTo(client)).forEach(own::add);
      own.forEach(session -> open.remove(session.id()));
    }
    own.forEach(Session::close);
  }
}
