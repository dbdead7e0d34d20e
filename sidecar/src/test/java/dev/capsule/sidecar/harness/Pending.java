package dev.capsule.sidecar.harness;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A request that was sent. */
public final class Pending {
  private final SidecarProcess sidecar;
  private final JsonPrimitive id;
  private final CompletableFuture<Reply> answer = new CompletableFuture<>();

  Pending(SidecarProcess sidecar, JsonPrimitive id) {
    this.sidecar = sidecar;
    this.id = id;
  }

  /** The request's id. */
  public JsonPrimitive id() {
    return id;
  }

  /** Whether its answer has come. */
  public boolean isAnswered() {
    return answer.isDone();
  }

  /** Waits for its answer. */
  public Reply reply() {
    try {
      return answer.get(Deadline.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new AssertionError("no answer to " + id + "; " + sidecar.condition(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Waits for the end of a run. */
  public EnvelopeView envelope() {
    return reply().envelope();
  }

  /** Asks for it to be cancelled. */
  public void cancel() {
    JsonObject params = new JsonObject();
    params.add("id", id);
    sidecar.notify("$/cancelRequest", params);
  }

  void answer(Reply reply) {
    if (!answer.complete(reply)) {
      throw new IllegalStateException("a second answer to " + id + ": " + reply);
    }
  }

  void fail(String why) {
    answer.completeExceptionally(new IllegalStateException(why));
  }
}
