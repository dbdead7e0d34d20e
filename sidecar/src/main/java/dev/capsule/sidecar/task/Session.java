package dev.capsule.sidecar.task;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.capsule.protocol.CellResult;
import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.Execution;
import dev.capsule.protocol.RunCellParams;
import dev.capsule.protocol.SessionInfo;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.policy.DeniedException;
import dev.capsule.sidecar.policy.TaskPolicy;
import dev.capsule.sidecar.sandbox.KeptSandbox;
import dev.capsule.sidecar.trace.TraceContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
      int number;
      synchronized (lock) {
        number = ++cells;
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
      synchronized (lock) {
        cell = begun;
      }
      var _ = begun.run().envelope().thenAccept(envelope -> ended(begun, mine, envelope));
      begun.run().begin();
    }

    private void ended(CellSpace.Cell begun, KeptSandbox mine, Envelope envelope) {
      String state = mine.isLost() ? CellResult.LOST : CellResult.KEPT;
      over();
      result.complete(
          new CellResult(
              envelope.success(),
              begun.work().read(envelope.result()),
              envelope.error(),
              envelope.execution(),
              state));
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
    if (present == null || present.isLost()) {
      present = space.services().engine().keep(language(), policy.maxDiskBytes());
      sandbox = present;
      cells = 0;
    }
    return present;
  }

  /** Throws the state away; what runs or waits is stopped. */
  void reset() {
    KeptSandbox old;
    List<Turn> dropped;
    synchronized (lock) {
      old = sandbox;
      sandbox = null;
      dropped = new ArrayList<>(waiting);
      waiting.clear();
      cells = 0;
      lastUsed = System.nanoTime();
    }
    dropped.forEach(Turn::drop);
    if (old != null) {
      old.close();
    }
  }

  void close() {
    synchronized (lock) {
      closed = true;
    }
    reset();
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
