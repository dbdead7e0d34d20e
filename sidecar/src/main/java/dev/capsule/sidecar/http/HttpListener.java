package dev.capsule.sidecar.http;

import org.jspecify.annotations.Nullable;

/** Hears what becomes of the operations of one session. Must return at once; on any thread. */
public interface HttpListener {
  /** An operation ended. Not called for what is going on when the session is closed. */
  void answered(long id, HttpAnswer answer);

  /**
   * A request is over, or was refused. Called once for each whose URL was one, at the latest while
   * the session is closed.
   *
   * @param status the answer's; null if there was none
   * @param bytes of both bodies
   * @param durationMs milliseconds
   * @param error why there was no answer, or no whole one; null if there was
   */
  void requested(
      String method,
      HttpTarget target,
      @Nullable Integer status,
      long bytes,
      long durationMs,
      @Nullable String error);
}
