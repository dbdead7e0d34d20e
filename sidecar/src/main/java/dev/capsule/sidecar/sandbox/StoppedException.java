package dev.capsule.sidecar.sandbox;

/** Unwinds a guest whose attempt was stopped. */
final class StoppedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  StoppedException() {
    super("the attempt was stopped", null, false, false);
  }
}
