package dev.capsule.sidecar.task;

import dev.capsule.protocol.ErrorCode;
import dev.capsule.sidecar.policy.TaskPolicy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What made a session's state, to be repeated in another one: its cells, and the files that were
 * put into its workspace. It ends where something cannot be repeated.
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

  private final List<Entry> entries = new ArrayList<>();
  private @Nullable String objection;
  private long size;

  /**
   * @param policy of the session
   */
  SessionLog(TaskPolicy policy) {
    if (!policy.mounts().isEmpty()) {
      objection = "it was given files of the host, which its cells may have read or changed";
    }
  }

  synchronized void add(Entry entry, long length) {
    size += length;
    if (size > MAX_CHARS) {
      object("more than " + (MAX_CHARS >> 20) + " MiB of code and files would have to be repeated");
    }
    if (objection == null) {
      entries.add(entry);
    } else {
      entries.clear(); // nobody will ask for them
    }
  }

  /** Something was done that cannot be done again. */
  synchronized void object(String why) {
    if (objection == null) {
      objection = why;
      entries.clear();
    }
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
