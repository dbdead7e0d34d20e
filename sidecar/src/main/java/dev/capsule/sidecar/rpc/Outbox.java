package dev.capsule.sidecar.rpc;

import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages in the order in which they come. Whoever brings one while nothing waits writes it
 * himself, which is quickest; what comes meanwhile is written by a thread of this class, so that
 * nobody is kept busy with the messages of others. Replies are always taken; who brings output has
 * to wait while too much of it is unread.
 */
public final class Outbox {
  private static final long MAX_WAITING_BYTES = 4L << 20;
  private static final long LEISURE_BYTES = 64L << 10;

  /** A client that makes the sidecar say so much and reads none of it is not listened to either. */
  private static final long MAX_UNREAD_BYTES = 64L << 20;

  /** So long a client may take for one message while the sidecar ends. */
  private static final long PATIENCE_SECONDS = 5;

  private final OutputStream out;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final Condition drained = lock.newCondition();
  private final Queue<byte[]> waiting = new ArrayDeque<>();
  private long waitingBytes;
  private boolean writing;
  private boolean broken;
  private long readerId = -1;

  /** Starts a thread that writes. */
  public Outbox(OutputStream out) {
    this.out = out;
    Thread.ofPlatform().daemon().name("capsule-writer").start(this::writeAll);
  }

  /**
   * Says that the calling thread reads what the client sends. It never writes: a client that does
   * not read until it has written would wait for it for ever.
   */
  void sparesReader() {
    lock.lock();
    try {
      readerId = Thread.currentThread().threadId();
    } finally {
      lock.unlock();
    }
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

  /** Sends a request; false, and nothing is sent, if it is longer than a message can be. */
  boolean request(RawJson id, String method, Object params) {
    byte[] frame =
        frame(
            "{\"jsonrpc\":\"2.0\",\"id\":"
                + id
                + ",\"method\":"
                + json(method)
                + ",\"params\":"
                + json(params)
                + "}");
    if (frame.length > Connection.MAX_MESSAGE_BYTES) {
      return false;
    }
    send(frame);
    return true;
  }

  /** Sends a notification. */
  public void notification(String method, Object params) {
    notificationOf(method, json(params));
  }

  /**
   * Sends a notification whose params are JSON already.
   *
   * @param params one JSON value
   */
  void notificationOf(String method, CharSequence params) {
    send("{\"jsonrpc\":\"2.0\",\"method\":" + json(method) + ",\"params\":" + params + "}");
  }

  /**
   * Waits until there is room for more output.
   *
   * @throws InterruptedException if interrupted, as the thread of a task is that was stopped
   */
  public void awaitRoom() throws InterruptedException {
    awaitLess(MAX_WAITING_BYTES);
  }

  /**
   * Waits until hardly anything is unread: what can be dropped as well must not hold up the rest.
   *
   * @throws InterruptedException if interrupted
   */
  void awaitLeisure() throws InterruptedException {
    awaitLess(LEISURE_BYTES);
  }

  private void awaitLess(long bytes) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waitingBytes > bytes && !broken) {
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
    send(frame(message));
  }

  private void send(byte[] frame) {
    lock.lock();
    try {
      boolean mayWrite = Thread.currentThread().threadId() != readerId;
      while (!mayWrite && waitingBytes > MAX_UNREAD_BYTES && !broken) {
        drained.awaitUninterruptibly();
      }
      if (broken) {
        return;
      }
      waiting.add(frame);
      waitingBytes += frame.length;
      if (writing) {
        return;
      }
      if (!mayWrite || waiting.size() > 1) {
        filled.signal();
        return;
      }
      writing = true;
    } finally {
      lock.unlock();
    }
    writeNext();
  }

  private static byte[] frame(String message) {
    byte[] body = message.getBytes(StandardCharsets.UTF_8);
    byte[] header =
        ("Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    byte[] frame = new byte[header.length + body.length];
    System.arraycopy(header, 0, frame, 0, header.length);
    System.arraycopy(body, 0, frame, header.length, body.length);
    return frame;
  }

  private void writeAll() {
    while (true) {
      lock.lock();
      try {
        while (writing || waiting.isEmpty()) {
          filled.awaitUninterruptibly();
        }
        writing = true;
      } finally {
        lock.unlock();
      }
      writeNext();
    }
  }

  /** Writes one message, as the only one who writes. */
  private void writeNext() {
    byte[] frame;
    lock.lock();
    try {
      frame = waiting.remove();
    } finally {
      lock.unlock();
    }
    boolean written = write(frame);
    lock.lock();
    try {
      waitingBytes -= frame.length;
      if (!written) {
        broken = true;
        waiting.clear();
        waitingBytes = 0;
      }
      writing = false;
      if (!waiting.isEmpty()) {
        filled.signal();
      }
      drained.signalAll();
    } finally {
      lock.unlock();
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

  /** Waits until all is written, or cannot be, or the client has stopped to read. */
  public void flush() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while ((writing || !waiting.isEmpty()) && !broken) {
        if (!drained.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          return;
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
