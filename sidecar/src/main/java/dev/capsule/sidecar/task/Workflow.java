package dev.capsule.sidecar.task;

import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.JournalErrorData;
import dev.capsule.protocol.ReplayMismatchData;
import dev.capsule.protocol.StepName;
import dev.capsule.sidecar.journal.JournalException;
import dev.capsule.sidecar.journal.OpenWorkflow;
import dev.capsule.sidecar.journal.Outcome;
import dev.capsule.sidecar.journal.StepIntent;
import dev.capsule.sidecar.journal.StepRecord;
import dev.capsule.sidecar.journal.WorkflowState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A workflow while this process has it: which of its steps are done, and whether its program still
 * does what was written down.
 *
 * <p>A step of the workflow itself that is not written down is new, or the program has changed.
 * While steps that are written down have not come by again, it waits for them: other branches of
 * the program, which run side by side, may yet begin them. Where none comes by for a while, it is
 * taken for a change. Steps that tasks begin inside their sandboxes are not held to that: such a
 * task is run anew, and may well do otherwise.
 */
final class Workflow {
  /** How long a new step waits for those that are written down, since the last came by. */
  static final Duration PATIENCE = Duration.ofSeconds(1);

  /** The journal's own thread must not wait for whoever takes the answers. */
  private static final Executor LATER =
      work -> {
        var _ = Thread.ofVirtual().start(work);
      };

  /** What follows where the program has changed. */
  enum OnChange {
    FAIL,
    RESTART,
    CONTINUE
  }

  private record Known(
      StepIdentity identity,
      @Nullable String parent,
      long number,
      @Nullable Outcome outcome,
      @Nullable String details) {
    Known ended(@Nullable Outcome how, @Nullable String more) {
      return new Known(identity, parent, number, how, more);
    }
  }

  private record Held(
      StepIdentity identity, @Nullable String parent, String key, CompletableFuture<Begun> begun) {}

  private final String id;
  private final String place;
  private final OpenWorkflow journal;
  private final OnChange onChange;
  private final WorkflowSpans spans;

  /** Whether it is only gone through again. */
  private final boolean ended;

  /** What earlier runs have left, in the order in which it began. */
  private final List<StepRecord> recorded;

  private final StepScope client = new StepScope(this, null);
  private final Map<String, Known> known = new HashMap<>();
  private final Map<String, List<String>> children = new HashMap<>();

  /** Steps of the workflow itself that are written down and have not come by again. */
  private final Map<String, Known> missing = new LinkedHashMap<>();

  private final List<Held> held = new ArrayList<>();
  private final List<Runnable> stops = new ArrayList<>();
  private long begun;
  private long lastFailure = -1;
  private final List<String> lastFailures = new ArrayList<>();
  private long lastProgress;
  private @Nullable RequestException refusal;
  private @Nullable RequestException fault;
  private boolean changed;

  /**
   * @param place of the journal, for people
   */
  Workflow(String id, String place, OpenWorkflow journal, OnChange onChange, WorkflowSpans spans) {
    this.id = id;
    this.place = place;
    this.journal = journal;
    this.onChange = onChange;
    this.spans = spans;
    this.ended = journal.found() == WorkflowState.FINISHED;
    this.recorded = journal.steps();
    for (StepRecord step : recorded) {
      Known is =
          new Known(
              new StepIdentity(
                  step.intent().kind(),
                  step.intent().name(),
                  step.intent().args(),
                  step.intent().argsHash()),
              step.intent().parent(),
              step.number(),
              step.outcome(),
              step.details());
      keep(step.intent().key(), is);
      if (is.parent() == null) {
        missing.put(step.intent().key(), is);
      }
    }
  }

  String id() {
    return id;
  }

  /** What its runs and steps are told of as parts of. */
  WorkflowSpans spans() {
    return spans;
  }

  /** Whether its program no longer does what was written down. */
  synchronized boolean isChanged() {
    return changed;
  }

  /**
   * Why a step was refused, or could not be written down, first; null: that has not happened. A run
   * that is the workflow itself learns it so: inside the sandbox it is an error like others.
   */
  synchronized @Nullable RequestException fault() {
    return fault;
  }

  /** Whether what is written down is to be dropped if the program has changed. */
  boolean restarts() {
    return onChange == OnChange.RESTART;
  }

  /** The steps that the client begins. */
  StepScope client() {
    return client;
  }

  /** The steps of a run that is the workflow: when it is tried again, what failed is, too. */
  Steps asMain() {
    return new Steps() {
      private boolean tried;

      @Override
      public synchronized StepScope attempt() {
        if (tried) {
          reopenFailed("");
        }
        tried = true;
        return new StepScope(Workflow.this, null);
      }
    };
  }

  /** The steps that an attempt of a step begins. Those of earlier ones that failed are undone. */
  StepScope scopeOf(String key) {
    reopenFailed(key);
    return new StepScope(this, key);
  }

  private synchronized void reopenFailed(String parent) {
    reopen(
        children.getOrDefault(parent, List.of()).stream()
            .filter(key -> {
              Known child = known.get(key);
              return child != null && child.outcome() != null && !child.outcome().success();
            })
            .toList());
  }

  private void reopen(Collection<String> keys) {
    if (!keys.isEmpty()) {
      keys.forEach(key -> known.computeIfPresent(key, (k, step) -> step.ended(null, null)));
      journal.reopen(keys);
    }
  }

  private void keep(String key, Known step) {
    if (known.put(key, step) == null) {
      children
          .computeIfAbsent(step.parent() == null ? "" : step.parent(), k -> new ArrayList<>())
          .add(key);
    }
  }

  /** As {@link StepScope#begin}. */
  CompletableFuture<Begun> begin(StepIdentity identity, @Nullable String parent, String key) {
    List<Held> free = List.of();
    CompletableFuture<Begun> begun;
    synchronized (this) {
      if (refusal != null) {
        return CompletableFuture.failedFuture(refusal);
      }
      Known step = known.get(key);
      if (step == null && parent == null && !missing.isEmpty() && onChange != OnChange.CONTINUE) {
        return hold(new Held(identity, parent, key, new CompletableFuture<>()));
      }
      if (missing.remove(key) != null) {
        lastProgress = System.nanoTime();
        free = freed();
      }
      try {
        begun = CompletableFuture.completedFuture(beginNow(identity, parent, key, step));
      } catch (RequestException e) {
        begun = CompletableFuture.failedFuture(e);
      }
    }
    free.forEach(this::beginHeld);
    return begun;
  }

  private Begun beginNow(
      StepIdentity identity, @Nullable String parent, String key, @Nullable Known step) {
    if (step != null && step.outcome() != null) {
      return before(key, step, step.outcome());
    }
    if (ended) {
      changed = true;
      throw mismatch(
          identity, new StepName("workflow", id, "its end"), "it had ended without another step");
    }
    if (!journal.isOurs()) {
      throw lost();
    }
    this.begun++;
    keep(key, step == null ? new Known(identity, parent, Long.MAX_VALUE, null, null) : step);
    StepIntent intent = identity.intent(key, parent);
    CompletableFuture<Void> written = CompletableFuture.completedFuture(null);
    if (identity.kind().equals(StepIdentity.STEP)) {
      // The client ends a step of its own, perhaps by another sidecar, which must find it begun.
      written = told(journal.beginFirmly(intent));
    } else {
      journal.begin(intent);
    }
    return new Begun.Now(new Step(this, key, written));
  }

  private Begun.Before before(String key, Known step, Outcome outcome) {
    StepIdentity identity = step.identity();
    return new Begun.Before(id, key, identity.kind(), identity.name(), outcome, step.details());
  }

  /** What earlier runs have left, in the order in which it began. */
  List<StepRecord> recorded() {
    return recorded;
  }

  /**
   * How a step of the workflow itself has ended in an earlier run; null: it has not, or is a
   * task's, or is to be run again.
   */
  synchronized Begun.@Nullable Before before(StepRecord step) {
    if (refusal != null) {
      throw refusal;
    }
    String key = step.intent().key();
    Known is = known.get(key);
    Outcome outcome = step.outcome();
    // one that this run has ended may not be committed yet
    return is == null || is.parent() != null || outcome == null || !outcome.equals(is.outcome())
        ? null
        : before(key, is, outcome);
  }

  /**
   * The client has answered these itself, by what {@link #before} told it: they have come by as if
   * each had been begun. Others are passed over. Does not block.
   */
  void replayed(Collection<String> keys) {
    List<Begun.Before> done = new ArrayList<>();
    List<Held> free;
    synchronized (this) {
      for (String key : keys) {
        Known step = refusal == null && missing.containsKey(key) ? known.get(key) : null;
        if (step != null && step.outcome() != null) {
          missing.remove(key);
          done.add(before(key, step, step.outcome()));
        }
      }
      if (done.isEmpty()) {
        return;
      }
      lastProgress = System.nanoTime();
      free = freed();
    }
    done.forEach(spans::replayed);
    if (!free.isEmpty()) {
      LATER.execute(() -> free.forEach(this::beginHeld));
    }
  }

  private CompletableFuture<Begun> hold(Held step) {
    if (changed) {
      return CompletableFuture.failedFuture(mismatch(step.identity()));
    }
    held.add(step);
    lastProgress = System.nanoTime();
    var _ = Backoff.sleepThen(PATIENCE, this::judge);
    return step.begun();
  }

  /** Those that wait, if what they waited for has come by. */
  private List<Held> freed() {
    if (!missing.isEmpty()) {
      return List.of();
    }
    List<Held> free = List.copyOf(held);
    held.clear();
    return free;
  }

  private void beginHeld(Held step) {
    Begun now;
    try {
      synchronized (this) {
        if (refusal != null) {
          throw refusal;
        }
        now = beginNow(step.identity(), step.parent(), step.key(), known.get(step.key()));
      }
    } catch (RequestException e) {
      step.begun().completeExceptionally(e);
      return;
    }
    step.begun().complete(now);
  }

  /** Takes those that still wait for signs of a change, unless one came by in the meantime. */
  private void judge() {
    List<Held> refused;
    List<RequestException> why;
    synchronized (this) {
      long waited = System.nanoTime() - lastProgress;
      if (held.isEmpty()) {
        return;
      }
      if (waited < PATIENCE.toNanos()) {
        var _ = Backoff.sleepThen(Duration.ofNanos(PATIENCE.toNanos() - waited), this::judge);
        return;
      }
      changed = true;
      why = held.stream().map(step -> mismatch(step.identity())).toList();
      refused = List.copyOf(held);
      held.clear();
    }
    for (int i = 0; i < refused.size(); i++) {
      var _ = refused.get(i).begun().completeExceptionally(why.get(i));
    }
  }

  private RequestException mismatch(StepIdentity asked) {
    Known recorded =
        missing.values().stream()
            .filter(step -> step.identity().name().equals(asked.name()))
            .findFirst()
            .orElseGet(() -> missing.values().iterator().next());
    StepIdentity was = recorded.identity();
    return mismatch(asked, name(was), "step " + (recorded.number() + 1) + " was " + shown(was));
  }

  private RequestException mismatch(StepIdentity asked, StepName recorded, String was) {
    String message =
        "the workflow \""
            + id
            + "\" does not do what it did before: "
            + was
            + ", and now comes "
            + shown(asked)
            + ". "
            + (onChange == OnChange.RESTART
                ? "What was recorded is dropped: run it again, and it starts from the beginning"
                : ended
                    ? "What has ended cannot go on: undo the change, give the workflow another id, or"
                        + " choose on_change (--on-change) \"restart\", which starts from the"
                        + " beginning"
                    : "Undo the change, or choose by on_change (--on-change): \"continue\" runs the"
                        + " new step and leaves the old ones, \"restart\" starts from the"
                        + " beginning");
    RequestException why =
        new RequestException(
            ErrorCode.REPLAY_MISMATCH, message, new ReplayMismatchData(id, recorded, name(asked)));
    fault = fault == null ? why : fault;
    return why;
  }

  private static String shown(StepIdentity step) {
    String args = step.args();
    return step.name() + " " + (args.length() <= 200 ? args : args.substring(0, 199) + "…");
  }

  private static StepName name(StepIdentity step) {
    return new StepName(step.kind(), step.name(), step.args());
  }

  /** Writes down how a step ended; completes when that is committed. */
  CompletableFuture<Void> end(String key, Outcome outcome, @Nullable String details) {
    synchronized (this) {
      if (refusal != null) {
        return CompletableFuture.failedFuture(refusal);
      }
      Known step = known.get(key);
      if (step == null || step.outcome() != null) {
        return CompletableFuture.completedFuture(null); // the first to say so has won
      }
      known.put(key, step.ended(outcome, details));
      if (!outcome.success() && step.parent() == null) {
        if (lastFailure != begun) {
          lastFailures.clear();
        }
        lastFailure = begun;
        lastFailures.add(key);
      }
    }
    return journal
        .end(key, outcome, details)
        .thenRunAsync(() -> {}, LATER)
        .exceptionallyCompose(e -> {
          RequestException why = failed(e);
          synchronized (this) { // it is as if it had never ended
            known.computeIfPresent(key, (k, step) -> step.ended(null, null));
            fault = fault == null ? why : fault;
          }
          return CompletableFuture.failedFuture(why);
        });
  }

  /** Why it is no longer its client's; null: it is, or its client has closed it. */
  synchronized @Nullable RequestException revocation() {
    return refusal != null && refusal.code() == ErrorCode.JOURNAL_ERROR ? refusal : null;
  }

  /** Whether there is a step of that key that has begun. */
  synchronized boolean has(String key) {
    return known.containsKey(key);
  }

  /** Has something stopped when the workflow must stop; at once if it must already. */
  void onStop(Runnable stop) {
    synchronized (this) {
      if (refusal == null) {
        stops.add(stop);
        return;
      }
    }
    stop.run();
  }

  /** What was to be stopped has ended. */
  synchronized void forget(Runnable stop) {
    stops.remove(stop);
  }

  /** No step begins or ends any more; those that run are stopped. */
  void stop(RequestException why) {
    List<Runnable> running;
    List<Held> waiting;
    synchronized (this) {
      if (refusal == null) {
        refusal = why;
      }
      running = List.copyOf(stops);
      stops.clear();
      waiting = List.copyOf(held);
      held.clear();
    }
    running.forEach(Runnable::run);
    waiting.forEach(step -> step.begun().completeExceptionally(why));
  }

  /** Its end with a result. */
  CompletableFuture<Void> finish(Outcome outcome) {
    return closing(journal.finish(outcome));
  }

  /**
   * Its end with an error.
   *
   * @param failed keys of the steps whose failure it is; null: those after whose failure no other
   *     began
   */
  CompletableFuture<Void> fail(Outcome outcome, @Nullable List<String> failed) {
    synchronized (this) {
      List<String> again =
          failed != null ? failed : lastFailure == begun ? lastFailures : List.of();
      reopen(
          again.stream()
              .map(step -> step.startsWith(id + "/") ? step.substring(id.length() + 1) : step)
              .filter(known::containsKey)
              .toList());
    }
    return closing(journal.finish(outcome));
  }

  CompletableFuture<Void> cancelled() {
    return closing(journal.cancelled());
  }

  CompletableFuture<Void> release() {
    return closing(journal.release());
  }

  private CompletableFuture<Void> closing(CompletableFuture<Void> committed) {
    stop(over(id));
    return told(committed);
  }

  /**
   * The same for those who wait for it: not on the journal's thread, and as the protocol has it.
   */
  private CompletableFuture<Void> told(CompletableFuture<Void> committed) {
    return committed
        .thenRunAsync(() -> {}, LATER)
        .exceptionallyCompose(e -> CompletableFuture.failedFuture(failed(e)));
  }

  private static RequestException over(String id) {
    return RequestException.invalid("workflow", null, "the workflow \"" + id + "\" is closed");
  }

  private RequestException lost() {
    return failed(
        new JournalException(
            JournalException.Kind.LOST,
            "the workflow \""
                + id
                + "\" is no longer this process's: it could not renew its lease in time, and"
                + " another run may have taken it"));
  }

  private RequestException failed(Throwable e) {
    Throwable cause = e.getCause() != null && !(e instanceof JournalException) ? e.getCause() : e;
    return cause instanceof JournalException problem
        ? refused(problem, place)
        : new RequestException(ErrorCode.INTERNAL_ERROR, "a fault of Capsule: " + cause, null);
  }

  /** A fault of the journal as the protocol tells it. */
  static RequestException refused(JournalException e, String place) {
    return new RequestException(
        ErrorCode.JOURNAL_ERROR,
        String.valueOf(e.getMessage()),
        new JournalErrorData(e.kind().name().toLowerCase(Locale.ROOT), place));
  }
}
