package dev.capsule.sidecar.task;

import org.jspecify.annotations.Nullable;

/** Hears of the runs that a request started: its own, and those of the tasks that it calls. */
public interface RunListener {
  /** Which run it is about. */
  record Run(String id, @Nullable String parent, String task) {}

  /** Does not listen. */
  RunListener NOBODY =
      new RunListener() {
        @Override
        public void queued(Run run) {}

        @Override
        public void started(Run run, int attempt) {}

        @Override
        public void printed(Run run, boolean error, String text) {}

        @Override
        public void finished(Run run, @Nullable String errorType, long durationMs) {}
      };

  void queued(Run run);

  /**
   * An attempt has its sandbox.
   *
   * @param attempt from 0
   */
  void started(Run run, int attempt);

  /** May block while the reader of the output is slow. */
  void printed(Run run, boolean error, String text);

  /**
   * It is over.
   *
   * @param errorType null on success
   */
  void finished(Run run, @Nullable String errorType, long durationMs);
}
