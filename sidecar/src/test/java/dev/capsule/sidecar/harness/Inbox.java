package dev.capsule.sidecar.harness;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Reads all that a sidecar sends, and keeps it in the order in which it came. */
final class Inbox {
  private final InputStream in;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition resumed = lock.newCondition();
  private final Map<JsonPrimitive, Pending> pending = new HashMap<>();
  private final List<JsonObject> messages = new ArrayList<>();
  private final List<Reply> strays = new ArrayList<>();
  private @Nullable String broken;
  private boolean paused;
  private boolean over;

  Inbox(InputStream in) {
    this.in = new BufferedInputStream(in, 1 << 16);
  }

  void start() {
    Thread.ofPlatform().daemon().name("inbox").start(this::read);
  }

  private void read() {
    String why = "the sidecar has closed its output";
    try {
      for (byte[] body = next(); body != null; body = next()) {
        take(
            JsonParser.parseString(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString())
                .getAsJsonObject());
      }
    } catch (IOException | RuntimeException e) {
      why = "what the sidecar sent is broken: " + e;
      broken = why;
    }
    lock.lock();
    try {
      over = true;
      String reason = why;
      pending.values().forEach(waiting -> waiting.fail(reason));
      pending.clear();
    } finally {
      lock.unlock();
    }
  }

  private byte @Nullable [] next() throws IOException {
    lock.lock();
    try {
      while (paused) {
        resumed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
    return Frames.read(in);
  }

  private void take(JsonObject message) {
    lock.lock();
    try {
      JsonElement id = message.get("id");
      messages.add(message);
      if (message.has("method")) {
        return;
      }
      Pending waiting =
          id instanceof JsonPrimitive primitive && !isDuplicate(message)
              ? pending.remove(primitive)
              : null;
      if (waiting == null) {
        strays.add(new Reply(message));
      } else {
        waiting.answer(new Reply(message));
      }
    } finally {
      lock.unlock();
    }
  }

  /** The refusal of a second request under an id belongs to that one, not to the first. */
  private static boolean isDuplicate(JsonObject message) {
    return message.get("error") instanceof JsonObject error
        && error.get("code").getAsInt() == -32600
        && error.get("message").getAsString().contains("is in use");
  }

  void expect(Pending request) {
    lock.lock();
    try {
      if (over) {
        request.fail("the sidecar has closed its output");
      } else {
        pending.put(request.id(), request);
      }
    } finally {
      lock.unlock();
    }
  }

  void pause(boolean pause) {
    lock.lock();
    try {
      paused = pause;
      resumed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  List<JsonObject> messages() {
    lock.lock();
    try {
      return List.copyOf(messages);
    } finally {
      lock.unlock();
    }
  }

  List<Reply> strays() {
    lock.lock();
    try {
      return List.copyOf(strays);
    } finally {
      lock.unlock();
    }
  }

  boolean isOver() {
    lock.lock();
    try {
      return over;
    } finally {
      lock.unlock();
    }
  }

  @Nullable String broken() {
    lock.lock();
    try {
      return broken;
    } finally {
      lock.unlock();
    }
  }
}
