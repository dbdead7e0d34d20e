package dev.capsule.sidecar.trace;

/** How much is told. */
public enum Level {
  /** What happened, how long it took and what it used. */
  MESSAGES,
  /** Arguments and results, too. */
  VERBOSE
}
