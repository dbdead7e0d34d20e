package dev.capsule.sidecar.rpc;

import com.google.gson.JsonParseException;
import dev.capsule.protocol.CallToolParams;
import dev.capsule.protocol.CancelParams;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.RawJson;
import dev.capsule.sidecar.task.ToolCaller;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The requests of the sidecar to its client, and their answers. An answer to a request that is not
 * open, because it never was, is answered already or was cancelled, is ignored.
 */
final class ClientRequests implements ToolCaller {
  /** Requests without an answer. */
  static final int MAX_OPEN = 10_000;

  /** Characters of arguments that wait for a client that is slow to read. */
  static final long MAX_UNSENT_CHARS = 128L << 20;

  private static final int MAX_ERROR = 1_000;

  private final Outbox out;
  private final AtomicLong lastId = new AtomicLong();
  private final AtomicLong unsentChars = new AtomicLong();
  private final Map<RawJson, Request> open = new ConcurrentHashMap<>();
  private volatile boolean closed;

  ClientRequests(Outbox out) {
    this.out = out;
  }

  @Override
  public CompletableFuture<RawJson> call(CallToolParams params) {
    Request request = new Request(new RawJson(Long.toString(lastId.incrementAndGet())), params);
    if (open.size() >= MAX_OPEN || unsentChars.get() + request.chars() > MAX_UNSENT_CHARS) {
      request.fail(
          ErrorType.OVERLOADED,
          "too many tools are called at once: at most "
              + MAX_OPEN
              + ", with 128 MiB of arguments that the program has not yet read");
      return request.reply;
    }
    open.put(request.id, request);
    unsentChars.addAndGet(request.chars());
    var _ =
        request.reply.whenComplete((value, problem) -> {
          open.remove(request.id);
          if (request.reply.isCancelled() && request.cancelled()) {
            inBackground(() -> sendCancellation(request));
          }
        });
    inBackground(() -> send(request));
    if (closed) {
      request.fail(ErrorType.CANCELLED, "the client has left");
    }
    return request.reply;
  }

  /** Who calls and who cancels may be a guest's thread, which must not wait for a slow client. */
  private static void inBackground(Runnable send) {
    Thread.ofVirtual().start(send);
  }

  private void send(Request request) {
    try {
      out.awaitRoom();
      if (!request.sending()) {
        return;
      }
      if (!out.request(request.id, Method.CALL_TOOL, request.params)) {
        request.fail(
            ErrorType.INVALID_ARGUMENTS,
            "the arguments of the tool "
                + request.params.tool()
                + " are longer than a message can be, "
                + Connection.MAX_MESSAGE_BYTES
                + " bytes");
      }
      if (request.sent()) {
        sendCancellation(request);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e); // nobody knows this thread
    } finally {
      unsentChars.addAndGet(-request.chars());
    }
  }

  private void sendCancellation(Request request) {
    out.notification(Method.CANCEL_REQUEST, new CancelParams(request.id));
  }

  /** Takes what the client answered. */
  void answered(Incoming.Response response) {
    Request request = open.get(response.id());
    if (request == null) {
      return;
    }
    RawJson result = response.result();
    RawJson error = response.error();
    if (error == null) {
      request.reply.complete(result == null ? RawJson.NULL : result);
      return;
    }
    RpcError problem = RpcError.of(error);
    request.fail(
        problem.code() == ErrorCode.CANCELLED ? ErrorType.CANCELLED : ErrorType.INTERNAL,
        "the program that has the tool "
            + request.params.tool()
            + " did not run it: "
            + problem.message());
  }

  /** The client has left: nothing is answered any more. */
  void close() {
    closed = true;
    List.copyOf(open.values())
        .forEach(request -> request.fail(ErrorType.CANCELLED, "the client has left"));
  }

  private record RpcError(int code, String message) {
    static RpcError of(RawJson error) {
      try {
        RpcError read = Json.gson().fromJson(error.text(), RpcError.class);
        if (read != null) {
          return new RpcError(read.code, shortened(read.message));
        }
      } catch (JsonParseException | IllegalStateException e) {
        // no error object either
      }
      return new RpcError(0, shortened(null));
    }

    private static String shortened(@Nullable String message) {
      if (message == null) {
        return "it gave no reason";
      }
      return message.length() <= MAX_ERROR ? message : message.substring(0, MAX_ERROR) + "…";
    }
  }

  /** A request, which may be cancelled before, while and after it is sent. */
  private static final class Request {
    private enum State {
      WAITING,
      SENDING,
      SENT,
      CANCELLED
    }

    final RawJson id;
    final CallToolParams params;
    final CompletableFuture<RawJson> reply = new CompletableFuture<>();
    private State state = State.WAITING;

    Request(RawJson id, CallToolParams params) {
      this.id = id;
      this.params = params;
    }

    long chars() {
      return (long) params.args().text().length() + params.kwargs().text().length();
    }

    void fail(ErrorType type, String message) {
      reply.completeExceptionally(new NotCalledException(type, message));
    }

    /** Whether it is to be sent. */
    synchronized boolean sending() {
      if (state == State.CANCELLED) {
        return false;
      }
      state = State.SENDING;
      return true;
    }

    /** It was sent; whether its cancellation is to be sent after it. */
    synchronized boolean sent() {
      boolean cancelled = state == State.CANCELLED;
      state = State.SENT;
      return cancelled;
    }

    /** Nobody wants it any more; whether that is to be sent. */
    synchronized boolean cancelled() {
      boolean known = state == State.SENT;
      state = State.CANCELLED;
      return known;
    }
  }
}
