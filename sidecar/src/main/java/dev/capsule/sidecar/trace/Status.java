package dev.capsule.sidecar.trace;

import java.util.Locale;

/** How a span ended. */
public enum Status {
  OK,
  ERROR,
  CANCELLED;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  /** As it is called in JSON. */
  public String wireName() {
    return wireName;
  }
}
