package dev.capsule.repl.shell;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import dev.capsule.protocol.CellResult;
import dev.capsule.protocol.CodeParams;
import dev.capsule.protocol.CompleteCodeResult;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.OpenSessionParams;
import dev.capsule.protocol.OpenSessionResult;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.RunCellParams;
import dev.capsule.protocol.SessionParams;
import dev.capsule.repl.client.Interruptible;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.Sidecar;
import dev.capsule.repl.client.SidecarException;
import dev.capsule.repl.client.Sidecars;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The cells of one language, and the session that keeps what they make. It is opened when it is
 * first needed, and anew after its sidecar has died or limits that hold for all of it were changed.
 */
final class Cells {
  private static final long COMPLETION_MS = 1_000;
  private static final CompleteCodeResult NOTHING = new CompleteCodeResult(0, List.of());

  private final Grammar grammar;
  private final Settings settings;
  private final Sidecars sidecars;
  private final Interruptible requests;
  private final List<String> history = new ArrayList<>();

  private final ReentrantLock opening = new ReentrantLock();

  // guarded by this
  private @Nullable Sidecar owner;
  private @Nullable String session;
  private int openedAt;

  Cells(Grammar grammar, Settings settings, Sidecars sidecars) {
    this.grammar = grammar;
    this.settings = settings;
    this.sidecars = sidecars;
    this.requests = new Interruptible(sidecars);
  }

  Grammar grammar() {
    return grammar;
  }

  /** The source of the cells that ended well, since the session began. */
  List<String> history() {
    return List.copyOf(history);
  }

  /** Runs a cell and waits for its end. */
  CellResult run(String code) throws RpcException, InterruptedException {
    String id = open();
    JsonElement timeout = settings.ofCell("timeout");
    JsonElement fuel = settings.ofCell("compute");
    var params = new RunCellParams(id, code, timeout, fuel, null, null, null, null);
    CellResult result = ask(Method.RUN_CELL, params, CellResult.class);
    if (result.state().equals(CellResult.LOST)) {
      history.clear();
    } else if (result.success()) {
      history.add(code);
    }
    return result;
  }

  /** Opens the session, unless it is open, or about to be by another thread. */
  String open() throws RpcException, InterruptedException {
    opening.lock();
    try {
      return openAlone();
    } finally {
      opening.unlock();
    }
  }

  private String openAlone() throws RpcException, InterruptedException {
    Sidecar ready = sidecars.ready();
    synchronized (this) {
      if (session != null && owner == ready && openedAt == settings.changes()) {
        return session;
      }
    }
    close();
    history.clear();
    Setup setup = settings.setup();
    int changes = settings.changes();
    var params =
        new OpenSessionParams(
            grammar.language(),
            "repl",
            setup.workingFolder().toString(),
            setup.config(),
            settings.options(),
            setup.ceiling(),
            null,
            setup.env().isEmpty() ? null : setup.env(),
            null,
            null);
    String id = ask(Method.OPEN_SESSION, params, OpenSessionResult.class).sessionId();
    synchronized (this) {
      owner = ready;
      session = id;
      openedAt = changes;
    }
    return id;
  }

  /** Asks the sidecar for anything that Ctrl-C may end. */
  <T> T ask(String method, Object params, Class<T> type) throws RpcException, InterruptedException {
    return requests.ask(method, params, type);
  }

  /** Stops what is waited for, and what is asked until {@link #resume}. */
  void interrupt() {
    requests.interrupt();
  }

  /** Something else is asked now. */
  void resume() {
    requests.resume();
  }

  /** Forgets all names and files. */
  void reset() throws RpcException, InterruptedException {
    String id = open();
    history.clear();
    Object _ = ask(Method.RESET_SESSION, new SessionParams(id), Object.class);
  }

  /** The next cell begins with nothing. */
  void close() {
    Sidecar had;
    String id;
    synchronized (this) {
      had = owner;
      id = session;
      session = null;
    }
    if (had != null && id != null && !had.isLost()) {
      Sidecar.Call _ = had.request(Method.CLOSE_SESSION, new SessionParams(id));
    }
  }

  /** How code may go on; nothing if the session is not open, is busy, or takes too long. */
  CompleteCodeResult complete(String code, int cursor) {
    Sidecar asked;
    String id;
    synchronized (this) {
      asked = owner;
      id = session;
    }
    if (asked == null || id == null) {
      return NOTHING;
    }
    CompletableFuture<RawJson> reply =
        asked.request(Method.COMPLETE_CODE, new CodeParams(id, code, cursor)).reply();
    try {
      String json = reply.get(COMPLETION_MS, TimeUnit.MILLISECONDS).text();
      return Json.gson().fromJson(json, CompleteCodeResult.class);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return NOTHING;
    } catch (ExecutionException | TimeoutException | JsonParseException | SidecarException e) {
      return NOTHING;
    }
  }
}
