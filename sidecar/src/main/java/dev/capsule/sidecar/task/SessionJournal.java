package dev.capsule.sidecar.task;

import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.Json;
import dev.capsule.sidecar.journal.Journal;
import dev.capsule.sidecar.journal.JournalException;
import dev.capsule.sidecar.journal.OpenWorkflow;
import dev.capsule.sidecar.journal.Opening;
import dev.capsule.sidecar.journal.Outcome;
import dev.capsule.sidecar.journal.StepIntent;
import dev.capsule.sidecar.journal.StepRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What made a session's state, written down under an id, for another process to repeat. In the
 * journal it is a workflow that never ends, and each thing that was done a step of it.
 */
final class SessionJournal {
  /** Before ids: whoever opens a workflow of the same id means something else. */
  private static final String PREFIX = "session:";

  private static final String CELL = "cell";
  private static final String FILE = "file";
  private static final String OBJECTION = "objection";
  private static final String RESET = "reset";
  private static final int MAX_SHOWN = 100;

  private final String id;
  private final Journal journal;
  private final OpenWorkflow state;
  private final AtomicInteger written;

  /** Why something could not be written down: what comes later would not be the whole any more. */
  private volatile @Nullable Throwable broken;

  private SessionJournal(String id, Journal journal, OpenWorkflow state) {
    this.id = id;
    this.journal = journal;
    this.state = state;
    this.written = new AtomicInteger(done().size());
  }

  /**
   * Takes what is written down under an id, or begins it. Blocks.
   *
   * @param id the user's
   * @throws RequestException if it cannot be taken, or is of something else
   */
  static SessionJournal open(Journal journal, String id, String language) {
    Workflows.id(id);
    String program = "session in " + language;
    String input = new JsonPrimitive(program).toString();
    OpenWorkflow state;
    try {
      state =
          journal.open(
              new Opening(Workflows.id(PREFIX + id), program, "", List.of(), input, false));
    } catch (JournalException e) {
      throw Workflow.refused(e, journal.place());
    }
    SessionJournal opened = new SessionJournal(id, journal, state);
    if (!input.equals(state.input())) {
      opened.release();
      throw RequestException.invalid(
          "id",
          new JsonPrimitive(id).toString(),
          "is another one's than of a " + program + " in the journal; use another id");
    }
    return opened;
  }

  /** Says who is told that the session must end, because somebody cancels it or has taken it. */
  void onRevoked(Runnable listener) {
    state.onRevoked(why -> listener.run());
  }

  /** What is written down as a whole: of something else nobody was told that it was done. */
  private List<StepRecord> done() {
    return state.steps().stream().filter(step -> step.outcome() != null).toList();
  }

  /**
   * What is to be repeated.
   *
   * @throws RequestException if that would not lead to the same state
   */
  List<SessionLog.Entry> entries() {
    List<SessionLog.Entry> entries = new ArrayList<>();
    List<StepRecord> done = done();
    for (int i = 0; i < done.size(); i++) {
      StepRecord step = done.get(i);
      if (!step.intent().key().equals(key(i))) {
        throw refusal("not all that it did could be written down");
      }
      Outcome outcome = Objects.requireNonNull(step.outcome());
      switch (step.intent().kind()) {
        case CELL -> entries.add(read(outcome, SessionLog.Cell.class));
        case FILE -> entries.add(read(outcome, SessionLog.Put.class));
        case OBJECTION -> entries.add(read(outcome, SessionLog.Objection.class));
        default -> entries.clear();
      }
    }
    for (SessionLog.Entry entry : entries) {
      if (entry instanceof SessionLog.Objection(String why)) {
        throw refusal(why);
      }
    }
    return entries;
  }

  private static <T> T read(Outcome outcome, Class<T> type) {
    return Json.gson().fromJson(outcome.json(), type);
  }

  /** That it cannot come back, and why. */
  RequestException refusal(String why) {
    return new RequestException(
        ErrorCode.NOT_REPEATABLE,
        "the session \"%s\" cannot come back: %s; use another id, or forget it (capsule rm %s%s)"
            .formatted(id, why, PREFIX, id),
        null);
  }

  /** Writes down what was done. Completes when that is committed. */
  CompletableFuture<Void> write(SessionLog.Entry entry) {
    return switch (entry) {
      case SessionLog.Cell(int number, String code, boolean ignored) ->
          write(CELL, "cell " + number, code, entry);
      case SessionLog.Put(String path, String ignored) -> write(FILE, "put_file", path, entry);
      case SessionLog.Objection(String why) -> write(OBJECTION, "cannot be repeated", why, entry);
      case SessionLog.Reset() -> write(RESET, "reset", "", entry);
    };
  }

  private CompletableFuture<Void> write(
      String kind, String name, String about, SessionLog.Entry entry) {
    Throwable before = broken;
    if (before != null) {
      return CompletableFuture.failedFuture(before);
    }
    String key = key(written.getAndIncrement());
    String shown = Texts.shortened(about, MAX_SHOWN);
    state.begin(new StepIntent(key, null, kind, name, Json.gson().toJson(shown), ""));
    return state
        .end(key, new Outcome(true, Json.gson().toJson(entry)), null)
        .exceptionallyCompose(problem -> {
          broken =
              problem instanceof JournalException known
                  ? Workflow.refused(known, journal.place())
                  : problem;
          return CompletableFuture.failedFuture(broken);
        });
  }

  private static String key(int number) {
    return "%08d".formatted(number);
  }

  /** Gives it back, for a later session. Blocks for a while. */
  void release() {
    try {
      Workflows.await(state.release());
    } catch (JournalException e) {
      // its lease runs out
    }
  }
}
