package dev.capsule.sidecar.sandbox;

/** An attempt that was started. Safe to use from any thread. */
public interface Attempt {
  /**
   * Answers an operation of the guest. Ignored if the attempt is over.
   *
   * @param completion a JSON object as guests/README.md gives it, without the id: {@code
   *     "ok":VALUE} or {@code "error":{…}}
   * @param apart text that belongs to it and comes after the JSON; "": none
   */
  void complete(long id, String completion, String apart);

  /** Answers an operation by JSON alone. */
  default void complete(long id, String completion) {
    complete(id, completion, "");
  }

  /**
   * Asks the guest to end what it runs, so that a sandbox that is kept keeps its state. One that
   * does not do so soon is stopped, as is one that is not kept or has not begun.
   */
  void interrupt();

  /** Stops it as soon as may be; it ends with {@link Ending.Cancelled}. */
  void cancel();
}
