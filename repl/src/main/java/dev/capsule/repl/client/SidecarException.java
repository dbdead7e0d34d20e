package dev.capsule.repl.client;

import org.jspecify.annotations.Nullable;

/** The sidecar could not be started, died, or does not speak the protocol. */
public final class SidecarException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public SidecarException(String message) {
    this(message, null);
  }

  public SidecarException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
