package dev.capsule.sidecar.journal;

/** When what was written is safe. */
public enum Durability {
  FULL,
  RELAXED,
  OFF
}
