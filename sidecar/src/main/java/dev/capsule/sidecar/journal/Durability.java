package dev.capsule.sidecar.journal;

/** What a failure may undo of what callers were told is written. */
public enum Durability {
  /** Nothing: it is on the disk before they are told. */
  FULL,
  /** What was written last, if the machine fails; nothing, if only processes die. */
  RELAXED,
  /** All of it: it is kept in memory for as long as the process lives. */
  OFF
}
