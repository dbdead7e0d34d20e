package dev.capsule.sidecar.task;

import dev.capsule.protocol.ErrorCode;
import dev.capsule.sidecar.policy.TaskPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What made a session's state, to be repeated in another one: its cells, and the files that were
 * put into its workspace. It ends where something cannot be repeated. What it is told goes to the
 * journal, too, if the session has one.
 */
final class SessionLog {
  /** So much is kept. */
  private static final long MAX_CHARS = 64L << 20;

  /** A thing that was done. */
  sealed interface Entry {}

  /**
   * A cell that ended by itself.
   *
   * @param success whether it ended well: it must do so again
   */
  record Cell(int number, String code, boolean success) implements Entry {}

  /**
   * A file that was put into the workspace.
   *
   * @param content in base64
   */
  record Put(String path, String content) implements Entry {}

  /** From here on it cannot be repeated. */
  record Objection(String why) implements Entry {}

  /** What came before does not count any more. */
  record Reset() implements Entry {}

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final TaskPolicy policy;
  private final List<Entry> entries = new ArrayList<>();
  private @Nullable SessionJournal journal;
  private @Nullable String objection;
  private long size;

  /**
   * @param policy of the session
   */
  SessionLog(TaskPolicy policy) {
    this.policy = policy;
    if (!policy.mounts().isEmpty()) {
      objection = "it was given files of the host, which its cells may have read or changed";
    }
  }

  /** From now on what it is told goes to a journal, which knows what it was told already. */
  synchronized void writeTo(SessionJournal where) {
    journal = where;
  }

  /** The log of the state that follows when this one is gone. */
  synchronized SessionLog next() {
    SessionLog next = new SessionLog(policy);
    if (journal != null) {
      next.writeTo(journal);
    }
    return next;
  }

  /**
   * The state is gone; what it is told from now on does not count. Completes when that is written
   * down.
   */
  synchronized CompletableFuture<Void> end() {
    CompletableFuture<Void> written = write(new Reset());
    journal = null;
    return written;
  }

  /** Something was done. Completes when that is written down. */
  synchronized CompletableFuture<Void> add(Entry entry, long length) {
    size += length;
    if (size > MAX_CHARS) {
      return object(
          "more than " + (MAX_CHARS >> 20) + " MiB of code and files would have to be repeated");
    }
    if (objection != null) {
      return DONE;
    }
    entries.add(entry);
    return write(entry);
  }

  /** Something was done that cannot be done again. Completes when that is written down. */
  synchronized CompletableFuture<Void> object(String why) {
    if (objection != null) {
      return DONE;
    }
    objection = why;
    entries.clear(); // nobody will ask for them
    return write(new Objection(why));
  }

  private CompletableFuture<Void> write(Entry entry) {
    return journal == null ? DONE : journal.write(entry);
  }

  /** Whether it is written down, and what is written down can be repeated. */
  synchronized boolean isWritten() {
    return journal != null && objection == null;
  }

  /**
   * All that is to be repeated.
   *
   * @throws RequestException if that would not lead to the same state
   */
  synchronized List<Entry> entries() {
    if (objection != null) {
      throw refusal(objection);
    }
    return List.copyOf(entries);
  }

  static RequestException refusal(String why) {
    return new RequestException(
        ErrorCode.NOT_REPEATABLE,
        "the session cannot be forked: " + why + "; open another one and run what it needs",
        null);
  }
}
