package dev.capsule.sidecar.journal;

/** Where a step stands. */
public enum StepState {
  /** It has begun, and no end of it is known: it is run again. */
  STARTED,
  /** It ended with a result. */
  FINISHED,
  /** It ended with an error. */
  FAILED
}
