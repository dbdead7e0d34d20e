package dev.capsule.sidecar.sandbox;

import java.io.IOException;

/** Something that an attempt was granted cannot be given to it; the message says what and why. */
final class GrantException extends IOException {
  private static final long serialVersionUID = 1;

  GrantException(String message) {
    super(message);
  }
}
