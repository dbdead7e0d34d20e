package dev.capsule.repl.mcp;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.SidecarException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one client and we say to each other, however it comes. Every request that may take time has
 * a thread of its own, so that a client can always cancel or leave.
 */
final class Conversation {
  private static final int MAX_REQUESTS = 1_000;
  private static final long MAX_BYTES = 128L * 1024 * 1024;

  private final Backend backend;
  private final Features features;
  private final Greeting greeting;
  private final Map<String, Exchange> running = new ConcurrentHashMap<>();
  private final AtomicLong bytes = new AtomicLong();
  private volatile boolean initialized;

  Conversation(Backend backend, Features features, Greeting greeting) {
    this.backend = backend;
    this.features = features;
    this.greeting = greeting;
  }

  /**
   * Takes a message.
   *
   * @param size of the message in bytes
   * @param outbox where its answer goes, if it is a request
   */
  void take(Message message, int size, Outbox outbox) {
    if (message.method() == null) {
      return; // a reply to a request that we never sent
    }
    if (message.id() == null) {
      notified(message.method(), message.params());
    } else {
      requested(message.id(), message.method(), message.params(), size, outbox);
    }
  }

  boolean isInitialized() {
    return initialized;
  }

  /** Whether a request is under way. */
  boolean isBusy() {
    return !running.isEmpty();
  }

  /** Stops all that is under way. */
  void cancelAll() {
    running.values().forEach(Exchange::cancel);
  }

  /** Stops all, and closes what the client has opened. */
  void end() {
    cancelAll();
    features.close();
  }

  private void notified(String method, RawJson params) {
    if (method.equals("notifications/cancelled")) {
      RawJson id = Arguments.members(params).get("requestId");
      Exchange exchange = id == null ? null : running.get(id.text());
      if (exchange != null) {
        exchange.cancel();
      }
    }
  }

  private void requested(RawJson id, String method, RawJson raw, int size, Outbox outbox) {
    Map<String, RawJson> params = Arguments.members(raw);
    try {
      JsonObject meta = meta(params);
      boolean withoutHandshake = !method.equals("initialize") && Revision.isWithoutHandshake(meta);
      if (withoutHandshake) {
        Revision.check(meta);
      }
      switch (method) {
        case "initialize" -> {
          outbox.result(id, greeting.initialize(params));
          initialized = true;
        }
        case "ping" -> outbox.result(id, greeting.finish(new JsonObject(), withoutHandshake));
        case "server/discover" ->
            outbox.result(id, greeting.finish(greeting.discover(), withoutHandshake));
        default -> {
          if (!withoutHandshake && !initialized) {
            throw new McpException(
                ErrorCode.INVALID_REQUEST,
                "initialize first, or say in params._meta."
                    + Revision.VERSION_KEY
                    + " that this is revision "
                    + Revision.WITHOUT_HANDSHAKE);
          }
          Handler handler = handler(method);
          Exchange exchange =
              begin(id, new Progress(outbox, meta.get(Revision.PROGRESS_TOKEN)), size);
          Thread.ofVirtual()
              .name("mcp " + method)
              .start(() -> handle(id, handler, params, exchange, outbox, withoutHandshake));
        }
      }
    } catch (McpException e) {
      outbox.error(id, e.code(), String.valueOf(e.getMessage()), e.data());
    }
  }

  private static JsonObject meta(Map<String, RawJson> params) throws McpException {
    RawJson meta = params.get("_meta");
    if (meta == null || meta.isNull()) {
      return new JsonObject();
    }
    if (!meta.isObject()) {
      throw new McpException(ErrorCode.INVALID_PARAMS, "params._meta must be an object");
    }
    JsonObject object = Json.gson().fromJson(meta.text(), JsonObject.class);
    JsonElement token = object.get(Revision.PROGRESS_TOKEN);
    if (token != null && !token.isJsonPrimitive()) {
      throw new McpException(
          ErrorCode.INVALID_PARAMS, "params._meta.progressToken must be a string or a number");
    }
    return object;
  }

  /** Answers one kind of request. */
  @FunctionalInterface
  private interface Handler {
    JsonObject answer(Map<String, RawJson> params, Exchange exchange)
        throws McpException, RpcException, InterruptedException, IOException;
  }

  private Handler handler(String method) throws McpException {
    return switch (method) {
      case "tools/list" -> (params, exchange) -> features.tools().list(exchange);
      case "tools/call" -> this::call;
      case "resources/list" -> (params, exchange) -> features.resources().list(params, exchange);
      case "resources/templates/list" -> (params, exchange) -> features.resources().templates();
      case "resources/read" -> (params, exchange) -> features.resources().read(params, exchange);
      default ->
          throw new McpException(
              ErrorCode.METHOD_NOT_FOUND, "Method not found: " + Texts.cut(method, 100));
    };
  }

  private Exchange begin(RawJson id, Progress progress, int size) throws McpException {
    Exchange exchange = new Exchange(backend, progress, size);
    if (running.size() >= MAX_REQUESTS || bytes.get() + size > MAX_BYTES) {
      throw new McpException(
          ErrorCode.OVERLOADED, "too many requests are under way; try again a little later");
    }
    if (running.putIfAbsent(id.text(), exchange) != null) {
      throw new McpException(
          ErrorCode.INVALID_REQUEST, "a request with the id " + id + " is still under way");
    }
    bytes.addAndGet(size);
    return exchange;
  }

  private void handle(
      RawJson id,
      Handler handler,
      Map<String, RawJson> params,
      Exchange exchange,
      Outbox outbox,
      boolean withoutHandshake) {
    JsonObject result = null;
    McpException refusal = null;
    try {
      result = handler.answer(params, exchange);
    } catch (McpException e) {
      refusal = e;
    } catch (RpcException e) {
      refusal = new McpException(ErrorCode.INTERNAL_ERROR, FailureText.of(e));
    } catch (SidecarException e) {
      refusal = new McpException(ErrorCode.INTERNAL_ERROR, "the sidecar " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      refusal = new McpException(ErrorCode.INTERNAL_ERROR, "the server is ending");
    } catch (IOException | RuntimeException e) {
      refusal = new McpException(ErrorCode.INTERNAL_ERROR, "internal error: " + e);
    }
    exchange.progress().end();
    running.remove(id.text());
    bytes.addAndGet(-exchange.bytes());
    if (exchange.isCancelled()) {
      outbox.leaveUnanswered(); // nobody waits any more
      return;
    }
    if (refusal != null) {
      outbox.error(id, refusal.code(), String.valueOf(refusal.getMessage()), refusal.data());
    } else if (result != null) {
      outbox.result(id, greeting.finish(result, withoutHandshake));
    }
  }

  /** What goes wrong in a tool is the model's to know; only a wrong request is an error. */
  private JsonObject call(Map<String, RawJson> params, Exchange exchange)
      throws McpException, InterruptedException {
    try {
      return features.tools().call(params, exchange);
    } catch (RpcException e) {
      return ToolResult.failure(FailureText.of(e)).toJson();
    } catch (SidecarException e) {
      return ToolResult.failure(
              "worker_lost: the sidecar "
                  + e.getMessage()
                  + "\n\nThis is a fault of Capsule. Another sidecar is started for the next call.")
          .toJson();
    }
  }
}
