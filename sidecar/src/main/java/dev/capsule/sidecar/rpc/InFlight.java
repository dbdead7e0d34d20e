package dev.capsule.sidecar.rpc;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Bounds the requests of a connection that have no answer yet, in number and in bytes. */
final class InFlight {
  /** Requests at once. */
  static final int MAX_REQUESTS = 10_000;

  private final int maxRequests;
  private final long maxBytes;
  private int requests;
  private long bytes;

  /**
   * @param maxBytes of the messages that the requests came in
   */
  InFlight(int maxRequests, long maxBytes) {
    this.maxRequests = maxRequests;
    this.maxBytes = maxBytes;
  }

  /** As many as there may be, with messages that take a quarter of the heap. */
  static InFlight ofThisProcess() {
    return new InFlight(
        MAX_REQUESTS,
        Math.max(2L * Connection.MAX_MESSAGE_BYTES, Runtime.getRuntime().maxMemory() / 4));
  }

  /** Counts a request in; returns why it cannot be taken, or null. */
  synchronized @Nullable String enter(long size) {
    if (requests >= maxRequests) {
      return String.format(
          Locale.ROOT,
          "%,d requests are waiting or running, the most that one client may have; send the next"
              + " when some have been answered",
          requests);
    }
    if (bytes + size > maxBytes) {
      return String.format(
          Locale.ROOT,
          "the %,d requests that are waiting or running came in messages of %,d bytes, and %,d are"
              + " the most; send the next when some have been answered",
          requests,
          bytes,
          maxBytes);
    }
    requests++;
    bytes += size;
    return null;
  }

  /** A request has been answered. */
  synchronized void leave(long size) {
    requests--;
    bytes -= size;
  }
}
