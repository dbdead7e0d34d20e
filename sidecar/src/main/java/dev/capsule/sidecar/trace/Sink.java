package dev.capsule.sidecar.trace;

/** Takes spans that have ended. Safe to use from any thread. */
public interface Sink {
  /** How much it is told. */
  Level level();

  /** Takes one; returns at once, whatever becomes of it. */
  void take(Span span);
}
