package dev.capsule.sidecar.rpc;

import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages, in the order in which they come, on whichever thread brings one while nobody
 * else is writing; so a slow client keeps at most one thread busy. Replies are always taken; who
 * brings output has to wait while too much of it is unread.
 */
public final class Outbox {
  private static final long MAX_WAITING_BYTES = 4L << 20;

  private final OutputStream out;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition drained = lock.newCondition();
  private final Queue<byte[]> waiting = new ArrayDeque<>();
  private long waitingBytes;
  private boolean writing;
  private boolean broken;

  public Outbox(OutputStream out) {
    this.out = out;
  }

  /** Sends the result of a request. */
  public void reply(RawJson id, @Nullable Object result) {
    send("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + json(result) + "}");
  }

  /**
   * Sends the error of a request.
   *
   * @param id null if it cannot be told which request
   */
  public void error(@Nullable RawJson id, int code, String message, @Nullable Object data) {
    send(
        "{\"jsonrpc\":\"2.0\",\"id\":"
            + (id == null ? "null" : id)
            + ",\"error\":{\"code\":"
            + code
            + ",\"message\":"
            + json(message)
            + ",\"data\":"
            + json(data)
            + "}}");
  }

  /** Sends a notification. */
  public void notification(String method, Object params) {
    send("{\"jsonrpc\":\"2.0\",\"method\":" + json(method) + ",\"params\":" + json(params) + "}");
  }

  /**
   * Waits until there is room for more output.
   *
   * @throws InterruptedException if interrupted, as the thread of a task is that was stopped
   */
  public void awaitRoom() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waitingBytes > MAX_WAITING_BYTES && !broken) {
        drained.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private static String json(@Nullable Object value) {
    return Json.gson().toJson(value);
  }

  private void send(String message) {
    byte[] body = message.getBytes(StandardCharsets.UTF_8);
    byte[] header =
        ("Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    byte[] frame = new byte[header.length + body.length];
    System.arraycopy(header, 0, frame, 0, header.length);
    System.arraycopy(body, 0, frame, header.length, body.length);
    lock.lock();
    try {
      if (broken) {
        return;
      }
      waiting.add(frame);
      waitingBytes += frame.length;
      if (writing) {
        return;
      }
      writing = true;
    } finally {
      lock.unlock();
    }
    drain();
  }

  private void drain() {
    while (true) {
      byte[] frame;
      lock.lock();
      try {
        frame = waiting.poll();
        if (frame == null) {
          writing = false;
          drained.signalAll();
          return;
        }
      } finally {
        lock.unlock();
      }
      boolean failed = !write(frame);
      lock.lock();
      try {
        waitingBytes -= frame.length;
        if (failed) {
          broken = true;
          waiting.clear();
          waitingBytes = 0;
        }
        drained.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private boolean write(byte[] frame) {
    try {
      out.write(frame);
      out.flush();
      return true;
    } catch (IOException e) {
      return false; // nobody reads any more; the end of the input will say so too
    }
  }

  /** Waits until all is written, or cannot be. */
  public void flush() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (writing && !broken) {
        drained.await();
      }
    } finally {
      lock.unlock();
    }
  }
}
