package dev.capsule.sidecar.journal;

/** The store cannot do what is asked. The message says what happened and what to do, for people. */
public final class JournalException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What is wrong. */
  public enum Kind {
    /** Another run has the workflow. */
    BUSY,
    /** Another run has taken the workflow meanwhile. */
    LOST,
    /** It was cancelled, and is to be revived first. */
    CANCELLED,
    /** No space is left. */
    FULL,
    /** It may not be written to. */
    READ_ONLY,
    /** What is in it does not make sense. */
    DAMAGED,
    /** It was made by a newer Capsule. */
    NEWER,
    /** It cannot be reached, or fails in another way. */
    UNAVAILABLE
  }

  private final Kind kind;

  public JournalException(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
