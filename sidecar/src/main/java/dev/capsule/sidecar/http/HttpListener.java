package dev.capsule.sidecar.http;

/** Hears what becomes of the operations of one session. Must return at once; on any thread. */
public interface HttpListener {
  /** An operation ended. Not called for what is going on when the session is closed. */
  void answered(long id, HttpAnswer answer);

  /**
   * A request is over, or was refused. Called once for each whose URL was one, at the latest while
   * the session is closed.
   *
   * @param id of the operation that it began with
   */
  void requested(long id, HttpOutcome outcome);
}
