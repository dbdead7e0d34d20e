package dev.capsule.sidecar.journal;

/** Where a workflow stands. */
public enum WorkflowState {
  /** A process has it. */
  RUNNING,
  /** No process has it, and it has not ended: the one that ran it has died, or left it. */
  INTERRUPTED,
  /** It ended with a result. */
  FINISHED,
  /** It ended with an error; it can be opened again. */
  FAILED,
  /** Someone cancelled it; it is opened again only after {@link Journal#revive}. */
  CANCELLED
}
