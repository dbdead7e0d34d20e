package dev.capsule.sidecar.http;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** The connections of one session that its next request may use. No other session ever does. */
final class IdleConnections {
  private final Deque<HttpConnection> idle = new ArrayDeque<>();
  private boolean closed;

  /** The connection to that origin that was used last, or null. */
  synchronized @Nullable HttpConnection take(String origin) {
    for (Iterator<HttpConnection> each = idle.iterator(); each.hasNext(); ) {
      HttpConnection connection = each.next();
      if (connection.origin().equals(origin)) {
        each.remove();
        return connection;
      }
    }
    return null;
  }

  synchronized void put(HttpConnection connection) {
    if (closed) {
      connection.abort();
      return;
    }
    connection.becomeIdle();
    idle.addFirst(connection);
    if (idle.size() > HttpLimits.MAX_IDLE) {
      idle.removeLast().abort();
    }
  }

  synchronized void close() {
    closed = true;
    idle.forEach(HttpConnection::abort);
    idle.clear();
  }
}
