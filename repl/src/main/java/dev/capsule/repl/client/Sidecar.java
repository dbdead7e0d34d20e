package dev.capsule.repl.client;

import com.google.gson.JsonParseException;
import dev.capsule.protocol.CancelParams;
import dev.capsule.protocol.ClientInfo;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.InitializeParams;
import dev.capsule.protocol.InitializeResult;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.ProgramProgress;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskOutput;
import dev.capsule.protocol.TraceOptions;
import dev.capsule.protocol.WorkflowRevoked;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A sidecar process and the conversation with it. Requests may be sent from any thread; output of
 * tasks is handed on by the one thread that reads, in the order in which it came.
 */
public final class Sidecar implements AutoCloseable {
  private static final long PATIENCE_MS = 2_000;
  private static final long GRACE_MS = 20;

  /** Secrets of the front end's own, which no program gets by naming them. */
  private static final Set<String> OURS_ALONE = Set.of("CAPSULE_MCP_TOKEN");

  private final Process process;
  private final ErrorTail errors;
  private final OutputStream toSidecar;
  private final Map<String, CompletableFuture<RawJson>> pending = new ConcurrentHashMap<>();
  private final AtomicInteger lastId = new AtomicInteger();
  private volatile Listener listener = Listener.NONE;
  private volatile @Nullable SidecarException lost;
  private boolean closed;

  private Sidecar(Process process, boolean showErrors) {
    this.process = process;
    this.errors = new ErrorTail(process.getErrorStream(), showErrors);
    this.toSidecar = new BufferedOutputStream(process.getOutputStream());
  }

  /**
   * Starts the process; it is not ready before {@link #initialize} returns.
   *
   * @param showErrors whether its log is copied to our standard error as it comes
   */
  public static Sidecar start(List<String> command, boolean showErrors) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().keySet().removeAll(OURS_ALONE);
      Sidecar sidecar = new Sidecar(builder.start(), showErrors);
      Thread.ofPlatform().daemon().name("from-sidecar").start(sidecar::readAll);
      return sidecar;
    } catch (IOException e) {
      throw new SidecarException("cannot be started: " + e.getMessage(), e);
    }
  }

  /** Whether it has ended, or can no longer be understood. */
  public boolean isLost() {
    return lost != null;
  }

  /** Who is told what happens while a request is carried out. Called by one thread, in order. */
  public interface Listener {
    /** Wants to know nothing. */
    Listener NONE =
        new Listener() {
          @Override
          public void printed(TaskOutput output) {}

          @Override
          public void progressed(String message) {}
        };

    /** A task printed. */
    void printed(TaskOutput output);

    /** Something that takes long goes on. */
    void progressed(String message);

    /** A workflow that we have open must stop. */
    default void revoked(WorkflowRevoked notice) {}
  }

  /** Who is told from now on. */
  public void tell(Listener newListener) {
    listener = newListener;
  }

  /**
   * Sends {@code initialize} and waits for what the sidecar says of itself.
   *
   * @param languages of the programs that are going to be run; null: not known
   * @param trace what is wanted of traces; null: nothing
   */
  public InitializeResult initialize(
      String version, @Nullable List<String> languages, @Nullable TraceOptions trace)
      throws InterruptedException {
    var params =
        new InitializeParams(
            ProcessHandle.current().pid(),
            new ClientInfo("capsule-cli", version),
            languages,
            trace);
    try {
      return await(request(Method.INITIALIZE, params), InitializeResult.class);
    } catch (RpcException e) {
      throw new SidecarException("refused to start: " + e.getMessage(), e);
    }
  }

  /** A request on its way. */
  public record Call(int id, CompletableFuture<RawJson> reply) {}

  /** Sends a request and returns at once. */
  public Call request(String method, @Nullable Object params) {
    int id = lastId.incrementAndGet();
    CompletableFuture<RawJson> reply = new CompletableFuture<>();
    pending.put(Integer.toString(id), reply);
    send(id, method, params);
    SidecarException already = lost;
    if (already != null) {
      // The reader may have ended before our entry was there to be failed.
      reply.completeExceptionally(already);
    }
    return new Call(id, reply);
  }

  /**
   * Waits for a reply.
   *
   * @throws RpcException if the sidecar refused the request
   * @throws SidecarException if it died before it answered
   */
  public <T> T await(Call call, Class<T> type) throws RpcException, InterruptedException {
    try {
      return Json.gson().fromJson(call.reply().get().text(), type);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RpcException refused -> throw refused;
        case SidecarException gone -> throw gone;
        case null, default -> throw new SidecarException("no reply: " + e.getCause(), e);
      }
    } catch (JsonParseException e) {
      throw new SidecarException("a reply does not follow the protocol: " + e.getMessage(), e);
    }
  }

  /** Asks to stop a request, whose reply then says that it was cancelled. */
  public void cancel(int id) {
    send(null, Method.CANCEL_REQUEST, new CancelParams(new RawJson(Integer.toString(id))));
  }

  /**
   * Ends the process. Once it has answered {@code shutdown} no task runs and nothing can be lost,
   * so it is given little time to leave: a JVM with guest code in it takes a third of a second.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      var _ = request(Method.SHUTDOWN, null).reply().get(PATIENCE_MS, TimeUnit.MILLISECONDS);
      send(null, Method.EXIT, null);
      toSidecar.close();
      var _ = process.waitFor(GRACE_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | IOException e) {
      // It is gone, or does not listen; either way the next line is what is left to do.
    }
    process.destroyForcibly();
  }

  private void refuse(RawJson id) {
    write(
        "{\"jsonrpc\":\"2.0\",\"id\":"
            + id
            + ",\"error\":{\"code\":"
            + ErrorCode.METHOD_NOT_FOUND
            + ",\"message\":\"the command line does not offer this\",\"data\":null}}");
  }

  private void send(@Nullable Integer id, String method, @Nullable Object params) {
    write(
        "{\"jsonrpc\":\"2.0\""
            + (id == null ? "" : ",\"id\":" + id)
            + ",\"method\":\""
            + method
            + (params == null ? "\"" : "\",\"params\":" + Json.gson().toJson(params))
            + "}");
  }

  private void write(String message) {
    synchronized (toSidecar) {
      try {
        Frames.write(toSidecar, message);
      } catch (IOException e) {
        // The process is gone or going; the reader says so to all who wait.
      }
    }
  }

  private void readAll() {
    String reason = null;
    try (var in = new BufferedInputStream(process.getInputStream(), 64 * 1024)) {
      for (String text = Frames.read(in); text != null; text = Frames.read(in)) {
        dispatch(Incoming.parse(text));
      }
    } catch (IOException | IllegalStateException | JsonParseException e) {
      reason = "broke the protocol: " + e.getMessage();
      process.destroyForcibly();
    }
    SidecarException gone = new SidecarException(reason == null ? describeEnd() : reason);
    lost = gone;
    pending.values().forEach(reply -> reply.completeExceptionally(gone));
  }

  private void dispatch(Incoming message) {
    if (message.method() == null) {
      settle(message);
    } else if (message.id() != null) {
      // Ids of the sidecar's requests are its own; we offer nothing that it could ask for.
      refuse(message.id());
    } else if (message.params() != null) {
      notified(message.method(), message.params());
    }
  }

  private void settle(Incoming message) {
    CompletableFuture<RawJson> reply =
        message.id() == null ? null : pending.remove(message.id().text());
    if (reply == null) {
      return;
    }
    if (message.error() != null) {
      reply.completeExceptionally(message.error());
    } else {
      reply.complete(message.result() == null ? RawJson.NULL : message.result());
    }
  }

  private void notified(String method, RawJson params) {
    switch (method) {
      case Method.TASK_OUTPUT ->
          listener.printed(Json.gson().fromJson(params.text(), TaskOutput.class));
      case Method.PROGRAM_PROGRESS ->
          listener.progressed(Json.gson().fromJson(params.text(), ProgramProgress.class).message());
      case Method.WORKFLOW_REVOKED ->
          listener.revoked(Json.gson().fromJson(params.text(), WorkflowRevoked.class));
      default -> {
        // Notifications that we do not know may be passed over.
      }
    }
  }

  private String describeEnd() {
    try {
      if (!process.waitFor(PATIENCE_MS, TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        return "closed its output";
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String last = errors.text();
    return "ended with status "
        + process.exitValue()
        + (last.isEmpty() ? "" : "; its last words:\n" + last.indent(2).stripTrailing());
  }
}
