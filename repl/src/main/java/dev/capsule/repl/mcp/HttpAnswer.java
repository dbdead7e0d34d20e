package dev.capsule.repl.mcp;

import com.sun.net.httpserver.HttpExchange;
import dev.capsule.protocol.ErrorCode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one request by HTTP. It is JSON, unless something else is told first or it takes
 * long: then it is a stream of events, in which the answer comes last. Only the thread that waits
 * writes, so that a client that does not read holds up nobody else.
 */
final class HttpAnswer implements Wire {
  private static final long KEEP_ALIVE_MS = 1_000;
  private static final int MAX_WAITING = 100;
  private static final byte[] COMMENT = ":\n\n".getBytes(StandardCharsets.US_ASCII);

  private final HttpExchange exchange;
  private final boolean statuses;

  // guarded by this
  private final Deque<byte[]> told = new ArrayDeque<>();
  private byte @Nullable [] answer;
  private int error;
  private boolean done;

  /**
   * @param statuses whether an error is one of HTTP, too
   */
  HttpAnswer(HttpExchange exchange, boolean statuses) {
    this.exchange = exchange;
    this.statuses = statuses;
  }

  @Override
  public synchronized void tell(byte[] message) {
    if (!done) {
      if (told.size() == MAX_WAITING) {
        told.remove(); // news of how far it is, which are out of date
      }
      told.add(message);
      notifyAll();
    }
  }

  @Override
  public synchronized void answer(byte[] message, int code) {
    if (!done) {
      answer = message;
      error = code;
      done = true;
      notifyAll();
    }
  }

  @Override
  public synchronized void leaveUnanswered() {
    done = true;
    notifyAll();
  }

  /**
   * Writes what there is to write, until all is said.
   *
   * @throws IOException if the client has gone
   */
  void write() throws IOException, InterruptedException {
    @Nullable OutputStream events = null;
    while (true) {
      byte[] next;
      boolean last;
      synchronized (this) {
        if (told.isEmpty() && !done) {
          wait(KEEP_ALIVE_MS);
        }
        last = told.isEmpty() && done;
        next = last ? answer : told.poll();
      }
      if (events == null && last && next != null) {
        Http.send(exchange, status(), next);
        return;
      }
      if (events == null) {
        events = Http.events(exchange);
      }
      if (next != null) {
        events.write("event: message\ndata: ".getBytes(StandardCharsets.US_ASCII));
        events.write(next);
        events.write("\n\n".getBytes(StandardCharsets.US_ASCII));
      } else if (!last) {
        events.write(COMMENT); // fails if the client has gone
      }
      events.flush();
      if (last) {
        events.close();
        return;
      }
    }
  }

  private synchronized int status() {
    if (!statuses) {
      return Http.OK;
    }
    return switch (error) {
      case ErrorCode.METHOD_NOT_FOUND -> Http.NOT_FOUND;
      case ErrorCode.PARSE_ERROR,
          ErrorCode.INVALID_REQUEST,
          ErrorCode.INVALID_PARAMS,
          Revision.HEADER_MISMATCH,
          Revision.UNSUPPORTED_VERSION ->
          Http.BAD_REQUEST;
      default -> Http.OK;
    };
  }
}
