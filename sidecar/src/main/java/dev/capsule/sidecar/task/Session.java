package dev.capsule.sidecar.task;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.capsule.protocol.CellResult;
import dev.capsule.protocol.CodeParams;
import dev.capsule.protocol.CompleteCodeResult;
import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Execution;
import dev.capsule.protocol.InspectCodeResult;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RunCellParams;
import dev.capsule.protocol.SessionInfo;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.policy.DeniedException;
import dev.capsule.sidecar.policy.SessionConfig;
import dev.capsule.sidecar.policy.TaskPolicy;
import dev.capsule.sidecar.sandbox.KeptSandbox;
import dev.capsule.sidecar.sandbox.Workspace;
import dev.capsule.sidecar.trace.TraceContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox that keeps its state from cell to cell, and belongs to one client. Its cells are run
 * one after the other, in the order in which they were asked for.
 */
final class Session {
  private final String id;
  private final @Nullable String name;
  private final Object owner;
  private final CellSpace space;
  private final TaskPolicy policy;
  private final Duration idleTimeout;
  private final Object lock = new Object();
  private final Deque<Turn> waiting = new ArrayDeque<>();
  private @Nullable Turn running;
  private @Nullable KeptSandbox sandbox;
  private volatile SessionLog log;
  private @Nullable SessionJournal journal;
  private int cells;
  private boolean closed;
  private long lastUsed = System.nanoTime();

  /**
   * @param owner the client that opened it
   * @param policy what its cells may use, unless one is asked for with less or more
   */
  Session(
      String id,
      @Nullable String name,
      Object owner,
      CellSpace space,
      TaskPolicy policy,
      Duration idleTimeout) {
    this.id = id;
    this.name = name;
    this.owner = owner;
    this.space = space;
    this.policy = policy;
    this.idleTimeout = idleTimeout;
    this.log = new SessionLog(policy);
  }

  String id() {
    return id;
  }

  String language() {
    return space.program().language();
  }

  boolean belongsTo(Object client) {
    return owner.equals(client);
  }

  Duration idleTimeout() {
    return idleTimeout;
  }

  /** Failures that come from the code alone, which happen again when it is run again. */
  private static final Set<String> REPEATABLE =
      Set.of(
          ErrorType.TASK_ERROR.wireName(),
          ErrorType.SOURCE_ERROR.wireName(),
          ErrorType.INVALID_RESULT.wireName(),
          ErrorType.STACK_OVERFLOW.wireName(),
          ErrorType.EXIT.wireName());

  /** A cell that was asked for. */
  interface Running {
    /** Completes when it is over: normally, unless it could not be begun. */
    CompletableFuture<CellResult> result();

    /** Has it come to its end, if that can be without the session's state. */
    void interrupt();
  }

  /** Something that has the sandbox to itself for a while. */
  private abstract class Turn {
    /** Begins it; {@link #over} follows, perhaps at once. */
    abstract void begin(KeptSandbox mine);

    /** It will not begin: the session is closed or reset. */
    abstract void drop();

    /** It cannot begin. */
    abstract void fail(RuntimeException why);

    /** It is over. */
    final void over() {
      Session.this.over(this);
    }
  }

  private final class CellTurn extends Turn implements Running {
    private final RunCellParams params;
    private final TaskPolicy asked;
    private final RunListener.Run run;
    private final RunListener listener;
    private final ToolCaller caller;
    private final CompletableFuture<CellResult> result = new CompletableFuture<>();
    private CellSpace.@Nullable Cell cell;
    private boolean interrupted;
    private int number;
    private SessionLog mineLog = log;

    CellTurn(
        RunCellParams params,
        TaskPolicy asked,
        RunListener.Run run,
        RunListener listener,
        ToolCaller caller) {
      this.params = params;
      this.asked = asked;
      this.run = run;
      this.listener = listener;
      this.caller = caller;
    }

    @Override
    public CompletableFuture<CellResult> result() {
      return result;
    }

    @Override
    void begin(KeptSandbox mine) {
      synchronized (lock) {
        number = ++cells;
        mineLog = log;
      }
      CellSpace.Cell begun =
          space.cell(
              run,
              "<cell " + number + ">",
              params.code(),
              asked,
              place(mine),
              TraceContext.parse(params.traceparent(), params.tracestate()),
              listener,
              caller);
      boolean late;
      synchronized (lock) {
        cell = begun;
        late = interrupted;
      }
      var _ = begun.run().envelope().thenAccept(envelope -> ended(begun, mine, envelope));
      begun.run().begin();
      if (late) {
        begun.run().interrupt();
      }
    }

    private void ended(CellSpace.Cell begun, KeptSandbox mine, Envelope envelope) {
      String state = mine.isLost() ? CellResult.LOST : CellResult.KEPT;
      CompletableFuture<Void> written;
      if (mine.isLost()) {
        synchronized (lock) {
          written = forget(mine);
        }
      } else {
        written = write(begun, envelope);
      }
      over();
      CellResult cellResult =
          new CellResult(
              envelope.success(),
              begun.work().read(envelope.result()),
              envelope.error(),
              envelope.execution(),
              state);
      var _ =
          written.whenComplete((done, problem) -> {
            if (problem == null) {
              result.complete(cellResult);
            } else {
              result.completeExceptionally(problem);
            }
          });
    }

    private CompletableFuture<Void> write(CellSpace.Cell begun, Envelope envelope) {
      TaskFailure failure = envelope.error();
      String name = "cell " + number;
      if (begun.run().hasCalled()) {
        return object(name + " has used tools or the network, or tried to");
      }
      if (failure != null && !REPEATABLE.contains(failure.type())) {
        return object(name + " was ended from outside (" + failure.type() + ")");
      }
      return mineLog.add(
          new SessionLog.Cell(number, params.code(), envelope.success()), params.code().length());
    }

    private CompletableFuture<Void> object(String why) {
      if (mineLog.isWritten()) {
        listener.printed(
            run, true, "[capsule: this session cannot come back any more: " + why + "]\n");
      }
      return mineLog.object(why);
    }

    @Override
    void drop() {
      result.complete(refused(run, Failures.cancelled(), CellResult.KEPT));
    }

    @Override
    void fail(RuntimeException why) {
      result.completeExceptionally(why);
    }

    @Override
    public void interrupt() {
      CellSpace.Cell begun;
      synchronized (lock) {
        begun = cell;
        if (begun == null && !waiting.remove(this)) {
          interrupted = true; // it is about to begin
          return;
        }
      }
      if (begun == null) {
        drop();
      } else {
        begun.run().interrupt();
      }
    }
  }

  private static CellWork.Place place(KeptSandbox sandbox) {
    try {
      return new CellWork.Place(sandbox, sandbox.workspace().folder());
    } catch (IOException e) {
      throw new RequestException(
          ErrorCode.INTERNAL_ERROR, "the session's folder cannot be made: " + e, null);
    }
  }

  /** The end of a cell that does not begin. */
  static CellResult refused(RunListener.Run run, TaskFailure why, String state) {
    Execution none =
        new Execution(
            run.task(), 0, 0, null, null, List.of(), null, run.id(), Ids.trace(), null, false);
    return new CellResult(false, null, why, none, state);
  }

  /**
   * Queues a cell.
   *
   * @throws RequestException if it is not one that can be run
   */
  Running run(RunCellParams params, String runId, RunListener listener, ToolCaller caller) {
    if (params.code() == null) {
      throw RequestException.invalid("code", null, "is missing");
    }
    RunListener.Run run = new RunListener.Run(runId, null, "cell");
    JsonObject more = new JsonObject();
    add(more, "timeout", params.timeout());
    add(more, "compute", params.fuel());
    TaskPolicy asked;
    try {
      asked = more.isEmpty() ? policy : space.policy("cell", space.read(more));
    } catch (DeniedException e) {
      CompletableFuture<CellResult> denied =
          CompletableFuture.completedFuture(refused(run, Failures.denied(e), CellResult.KEPT));
      return new Running() {
        @Override
        public CompletableFuture<CellResult> result() {
          return denied;
        }

        @Override
        public void interrupt() {}
      };
    }
    CellTurn turn = new CellTurn(params, asked, run, listener, caller);
    queue(turn);
    return turn;
  }

  private static void add(JsonObject options, String name, @Nullable JsonElement value) {
    if (value != null && !value.isJsonNull()) {
      options.add(name, value);
    }
  }

  private void queue(Turn turn) {
    synchronized (lock) {
      if (!closed) {
        waiting.add(turn);
      } else {
        turn.drop();
      }
    }
    next();
  }

  private final class QueryTurn extends Turn {
    private final String request;
    private final SessionQuery query = new SessionQuery();

    QueryTurn(String request) {
      this.request = request;
    }

    @Override
    void begin(KeptSandbox mine) {
      CellWork work = new CellWork(space.program(), policy, "", "", Map.of(), place(mine));
      var _ = query.reply().thenRun(this::over);
      query.answerTo(work.ask(space.services().engine(), request, query));
    }

    @Override
    void drop() {
      query.reply().complete(null);
    }

    @Override
    void fail(RuntimeException why) {
      drop();
    }
  }

  CompletableFuture<CompleteCodeResult> complete(CodeParams params) {
    return ask("complete", params).thenApply(reply -> SessionQuery.completion(reply, params));
  }

  CompletableFuture<InspectCodeResult> inspect(CodeParams params) {
    return ask("inspect", params).thenApply(SessionQuery::inspection);
  }

  private CompletableFuture<@Nullable String> ask(String op, CodeParams params) {
    String code = params.code();
    if (code == null) {
      throw RequestException.invalid("code", null, "is missing");
    }
    int length = code.codePointCount(0, code.length());
    if (params.cursor() < 0 || params.cursor() > length) {
      throw RequestException.invalid(
          "cursor", Integer.toString(params.cursor()), "must be from 0 to " + length);
    }
    QueryTurn turn =
        new QueryTurn(
            SessionQuery.request(op, params, CellWork.surroundings(space.program(), policy)));
    queue(turn);
    return turn.query.reply();
  }

  /** Does something with the workspace's files. */
  interface FileAction<T> {
    T with(Workspace workspace) throws Workspace.RefusedException, IOException;
  }

  /**
   * Does something with the workspace's files, whatever runs meanwhile.
   *
   * @param path that the client has named
   * @throws RequestException if it is refused
   */
  <T> T files(String path, FileAction<T> action) {
    KeptSandbox mine;
    synchronized (lock) {
      if (closed) { // it was found while it was open
        throw Sessions.unknown(id);
      }
      lastUsed = System.nanoTime();
      mine = sandbox();
    }
    try {
      return action.with(mine.workspace());
    } catch (Workspace.RefusedException e) {
      throw RequestException.invalid(
          "path", Json.gson().toJson(path), String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw RequestException.invalid(
          "path", Json.gson().toJson(path), "cannot be used: " + e.getClass().getSimpleName());
    }
  }

  /**
   * Writes a file to the workspace.
   *
   * @param content in base64
   * @return completes when that is written down, if the session is journalled
   */
  CompletableFuture<Void> put(String path, String content) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(content);
    } catch (IllegalArgumentException e) {
      throw RequestException.invalid("content", null, "must be base64");
    }
    var _ =
        files(
            path,
            workspace -> {
              workspace.put(path, bytes);
              return "";
            });
    return log.add(new SessionLog.Put(path, content), content.length());
  }

  /**
   * Brings a new session into this one's state.
   *
   * @throws RequestException if that cannot be done soundly
   */
  CompletableFuture<Void> repeatIn(Session fork) {
    return fork.repeat(log.entries(), SessionLog::refusal);
  }

  /**
   * Does again what another session did.
   *
   * @param refusal that it did not lead to the same state, and why
   */
  CompletableFuture<Void> repeat(
      List<SessionLog.Entry> entries, Function<String, RequestException> refusal) {
    CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
    for (SessionLog.Entry entry : entries) {
      done =
          done.thenCompose(ignored ->
              switch (entry) {
                case SessionLog.Put(String path, String content) -> put(path, content);
                case SessionLog.Cell cell -> repeat(cell, refusal);
                case SessionLog.Objection(String why) -> throw refusal.apply(why);
                case SessionLog.Reset() -> throw new IllegalStateException("nothing to repeat");
              });
    }
    return done;
  }

  private CompletableFuture<Void> repeat(
      SessionLog.Cell cell, Function<String, RequestException> refusal) {
    RunCellParams params = new RunCellParams(id, cell.code(), null, null, null, null, null, null);
    return run(params, Ids.run(), RunListener.NOBODY, call -> new CompletableFuture<>())
        .result()
        .thenAccept(result -> {
          if (result.success() != cell.success() || result.state().equals(CellResult.LOST)) {
            throw refusal.apply("cell " + cell.number() + " did not end as it had ended before");
          }
        });
  }

  /**
   * From now on what it does is written down, for a later session.
   *
   * @return whether it is still open; else nothing changes
   */
  boolean writeTo(SessionJournal where) {
    synchronized (lock) {
      if (!closed) {
        journal = where;
        log.writeTo(where);
      }
      return !closed;
    }
  }

  /** Another session of the same kind, without any state. */
  Session sibling(String itsId) {
    return new Session(itsId, name, owner, space, policy, idleTimeout);
  }

  SessionConfig config() {
    return space.program().config().sessions();
  }

  /** Lets the next begin, if none is running. */
  private void next() {
    Turn turn;
    KeptSandbox mine;
    synchronized (lock) {
      lastUsed = System.nanoTime();
      if (running != null || closed || waiting.isEmpty()) {
        return;
      }
      turn = waiting.remove();
      running = turn;
      mine = sandbox();
    }
    try {
      turn.begin(mine);
    } catch (RuntimeException e) {
      turn.fail(e);
      over(turn);
    }
  }

  private void over(Turn turn) {
    synchronized (lock) {
      if (turn.equals(running)) {
        running = null;
      }
    }
    next();
  }

  /** The sandbox; another one if the last is lost. Holds the lock. */
  private KeptSandbox sandbox() {
    KeptSandbox present = sandbox;
    if (present != null && present.isLost()) {
      var _ = forget(present); // if that cannot be written down, what follows cannot either
      present = null;
    }
    if (present == null) {
      present = space.services().engine().keep(language(), policy.maxDiskBytes());
      sandbox = present;
    }
    return present;
  }

  /** Forgets the state that was in a sandbox, if it is that of the session. Holds the lock. */
  private CompletableFuture<Void> forget(KeptSandbox gone) {
    if (!gone.equals(sandbox)) {
      return CompletableFuture.completedFuture(null);
    }
    sandbox = null;
    cells = 0;
    SessionLog ended = log;
    log = ended.next();
    return ended.end();
  }

  /**
   * Throws the state away; what runs or waits is stopped. Completes when that is written down, if
   * the session is journalled.
   */
  CompletableFuture<Void> reset() {
    CompletableFuture<Void> written = CompletableFuture.completedFuture(null);
    KeptSandbox old;
    synchronized (lock) {
      old = sandbox;
      if (old != null) {
        written = forget(old);
      }
    }
    drop(old);
    return written;
  }

  private void drop(@Nullable KeptSandbox old) {
    List<Turn> dropped;
    synchronized (lock) {
      dropped = new ArrayList<>(waiting);
      waiting.clear();
      lastUsed = System.nanoTime();
    }
    dropped.forEach(Turn::drop);
    if (old != null) {
      old.close();
    }
  }

  /** Ends it. Blocks for a while if it is journalled. */
  void close() {
    SessionJournal mine;
    KeptSandbox old;
    synchronized (lock) {
      closed = true;
      mine = journal;
      journal = null;
      old = sandbox;
      sandbox = null;
    }
    drop(old);
    if (mine != null) {
      mine.release();
    }
  }

  /** Nanoseconds since anything was asked of it; 0 while something runs. */
  long idleNanos() {
    synchronized (lock) {
      return running == null ? System.nanoTime() - lastUsed : 0;
    }
  }

  boolean isRunning() {
    synchronized (lock) {
      return running != null;
    }
  }

  SessionInfo info() {
    synchronized (lock) {
      return new SessionInfo(
          id,
          name,
          language(),
          cells,
          TimeUnit.NANOSECONDS.toMillis(idleNanos()),
          sandbox == null ? 0 : sandbox.memoryBytes());
    }
  }
}
