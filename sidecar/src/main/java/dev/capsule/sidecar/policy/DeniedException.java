package dev.capsule.sidecar.policy;

/**
 * A task asks for more than a ceiling allows. Its message names both, and where each is written.
 */
public final class DeniedException extends Exception {
  private static final long serialVersionUID = 1;

  DeniedException(String message) {
    super(message, null, false, false);
  }
}
