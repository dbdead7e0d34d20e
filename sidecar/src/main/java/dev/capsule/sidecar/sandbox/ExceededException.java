package dev.capsule.sidecar.sandbox;

/** Unwinds a guest that is about to take more than it may. */
final class ExceededException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Ending ending;

  /**
   * @param ending how its attempt ends
   */
  ExceededException(Ending ending) {
    super("the attempt went beyond a limit", null, false, false);
    this.ending = ending;
  }

  Ending ending() {
    return ending;
  }
}
