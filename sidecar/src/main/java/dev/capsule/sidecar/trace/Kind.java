package dev.capsule.sidecar.trace;

import java.util.Locale;

/** What a span is of. */
public enum Kind {
  WORKFLOW,
  /** A run of a task, with all its attempts. */
  TASK,
  ATTEMPT,
  /** A call of a task that came to nothing: of one that was made, the span is the task's. */
  CALL,
  TOOL,
  HTTP,
  FILE,
  /** A piece of code in a session. */
  CELL,
  /** What a workflow's program has written down itself. */
  STEP;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  /** As it is called in JSON. */
  public String wireName() {
    return wireName;
  }
}
