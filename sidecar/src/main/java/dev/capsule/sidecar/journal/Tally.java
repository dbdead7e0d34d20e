package dev.capsule.sidecar.journal;

/**
 * What a workflow's row says of the rows of its steps, so that one that is missing, or is an old
 * one, is noticed.
 *
 * @param digest the sum of the steps' sums
 */
record Tally(long finished, long failed, long started, long digest) {
  static final Tally NONE = new Tally(0, 0, 0, 0);

  Tally plus(StepRow step) {
    return with(step, 1);
  }

  Tally minus(StepRow step) {
    return with(step, -1);
  }

  private Tally with(StepRow step, int one) {
    StepState state = step.state();
    return new Tally(
        finished + (state == StepState.FINISHED ? one : 0),
        failed + (state == StepState.FAILED ? one : 0),
        started + (state == StepState.STARTED ? one : 0),
        digest + one * step.sum());
  }

  long steps() {
    return finished + failed + started;
  }
}
