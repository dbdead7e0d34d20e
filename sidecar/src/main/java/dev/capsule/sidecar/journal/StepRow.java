package dev.capsule.sidecar.journal;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A step as its row has it.
 *
 * @param intent null: that part of the row is not known, and is not changed
 * @param beginSum over what the row says of its beginning, kept where the intent is not
 * @param endSum over what the row says of its end
 * @param began milliseconds since 1970
 * @param ended the same; null: it has not
 */
record StepRow(
    String key,
    long number,
    @Nullable StepIntent intent,
    long began,
    long beginSum,
    StepState state,
    @Nullable Payload outcome,
    @Nullable String details,
    @Nullable Long ended,
    long endSum) {

  static StepRow begun(StepIntent intent, long number, long at) {
    return of(intent, number, at, StepState.STARTED, null, null, null);
  }

  /** One of which all is known. */
  static StepRow of(
      StepIntent intent,
      long number,
      long began,
      StepState state,
      @Nullable Payload outcome,
      @Nullable String details,
      @Nullable Long ended) {
    long beginSum = beginSum(intent, number, began);
    return new StepRow(
            intent.key(), number, intent, began, beginSum, state, outcome, details, ended, 0)
        .summed();
  }

  StepRow end(StepState how, Payload what, @Nullable String more, long at) {
    return new StepRow(key, number, intent, began, beginSum, how, what, more, at, 0).summed();
  }

  StepRow reopened() {
    return new StepRow(key, number, intent, began, beginSum, StepState.STARTED, null, null, null, 0)
        .summed();
  }

  /** What has to stay in memory of one that is written. */
  StepRow compact() {
    return state == StepState.STARTED
        ? this
        : new StepRow(key, number, null, began, beginSum, state, null, null, ended, endSum);
  }

  StepRow whole(@Nullable ResultFiles files) {
    return new StepRow(
        key,
        number,
        intent,
        began,
        beginSum,
        state,
        outcome == null ? null : outcome.whole(files),
        details,
        ended,
        endSum);
  }

  /** What the row is to hold as its sum. */
  long sum() {
    return beginSum << 32 | endSum;
  }

  StepRecord record() {
    if (intent == null) {
      throw new IllegalStateException("a row that was not read");
    }
    String text = outcome == null ? null : outcome.text();
    return new StepRecord(
        intent,
        number,
        state,
        text == null ? null : new Outcome(state == StepState.FINISHED, text),
        details,
        Instant.ofEpochMilli(began),
        ended == null ? null : Instant.ofEpochMilli(ended));
  }

  private StepRow summed() {
    long sum =
        new Checksum()
            .add(key)
            .add(number)
            .add(state.name())
            .add(outcome)
            .add(details)
            .add(ended == null ? -1 : ended)
            .value();
    return new StepRow(key, number, intent, began, beginSum, state, outcome, details, ended, sum);
  }

  private static long beginSum(StepIntent intent, long number, long began) {
    return new Checksum()
        .add(intent.key())
        .add(number)
        .add(intent.parent())
        .add(intent.kind())
        .add(intent.name())
        .add(intent.args())
        .add(intent.argsHash())
        .add(began)
        .value();
  }
}
