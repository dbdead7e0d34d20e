package dev.capsule.sidecar.journal;

import dev.capsule.sidecar.journal.JournalException.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What goes wrong with a journal, for users: what happened, where, and what to do. */
final class Faults {
  private Faults() {}

  static JournalException full(String place) {
    return new JournalException(
        Kind.FULL,
        "no space is left for the journal "
            + place
            + ": this was not written down, all that was before is safe; free some space and run it"
            + " again");
  }

  static JournalException readOnly(String place, @Nullable String why) {
    return new JournalException(
        Kind.READ_ONLY,
        "the journal "
            + place
            + " may not be written to"
            + (why == null ? "" : " (" + why + ")")
            + ": give yourself the right to, or keep it elsewhere: url in [journal] of capsule.toml");
  }

  static JournalException damaged(String place, String what) {
    return new JournalException(Kind.DAMAGED, "the journal " + place + " is damaged: " + what);
  }

  /** What to do about a damaged file. */
  static JournalException damagedFile(String file, String what) {
    return damaged(
        file,
        what
            + "; it is left as it is. `sqlite3 "
            + file
            + " .recover | sqlite3 recovered.db` saves what can be saved, to be put in its place;"
            + " without the file, Capsule begins anew");
  }

  static JournalException unavailable(String place, String why) {
    return new JournalException(
        Kind.UNAVAILABLE, "the journal " + place + " cannot be used: " + why);
  }

  /** What goes wrong with a file. */
  static JournalException of(IOException problem, String place) {
    String why =
        problem instanceof FileSystemException known && known.getReason() != null
            ? known.getReason()
            : String.valueOf(problem.getMessage());
    String lower = why.toLowerCase(Locale.ROOT);
    if (lower.contains("no space left")
        || lower.contains("quota")
        || lower.contains("file too large")
        || lower.contains("not enough space")) {
      return full(place);
    }
    if (problem instanceof AccessDeniedException
        || lower.contains("read-only")
        || lower.contains("not permitted")) {
      return readOnly(place, null);
    }
    return unavailable(place, problem.getClass().getSimpleName() + ": " + why);
  }
}
