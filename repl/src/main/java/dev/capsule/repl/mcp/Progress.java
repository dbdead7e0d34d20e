package dev.capsule.repl.mcp;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Tells a client that a request goes on, if it asked for that. Its messages are far enough apart
 * not to flood it: of those that come too soon the last one is sent when it may be. None follows
 * the answer.
 */
final class Progress {
  private static final long APART_NANOS = 100_000_000;
  private static final int MAX_MESSAGE = 300;

  private final Outbox outbox;
  private final @Nullable JsonElement token;

  // guarded by this
  private int steps;
  private long lastAt;
  private @Nullable String late;
  private boolean ended;

  /**
   * @param token as the client gave it; null: it wants to know nothing
   */
  Progress(Outbox outbox, @Nullable JsonElement token) {
    this.outbox = outbox;
    this.token = token;
  }

  /** Something happened. */
  synchronized void step(String message) {
    String text = message.strip();
    if (token == null || ended || text.isEmpty()) {
      return;
    }
    long wait = steps == 0 ? 0 : lastAt + APART_NANOS - System.nanoTime();
    if (wait <= 0) {
      send(text);
    } else {
      if (late == null) {
        Thread _ = Thread.ofVirtual().start(() -> sendLate(wait));
      }
      late = text;
    }
  }

  private void sendLate(long nanos) {
    try {
      Thread.sleep(Duration.ofNanos(nanos));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      if (late != null && !ended) {
        send(late);
      }
    }
  }

  private void send(String text) {
    late = null;
    lastAt = System.nanoTime();
    JsonObject params = new JsonObject();
    params.add(Revision.PROGRESS_TOKEN, token);
    params.addProperty("progress", ++steps);
    params.addProperty("message", Texts.cut(text, MAX_MESSAGE));
    outbox.notify("notifications/progress", params);
  }

  synchronized void end() {
    ended = true;
  }
}
