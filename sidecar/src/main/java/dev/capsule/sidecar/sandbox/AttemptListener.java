package dev.capsule.sidecar.sandbox;

import org.jspecify.annotations.Nullable;

/** Hears what happens to an attempt, in order, on whichever thread it happens; none may throw. */
public interface AttemptListener {
  /** It has a core and a place; its sandbox is being made ready. */
  default void placed() {}

  /** It has its sandbox; its time limit runs. */
  void started();

  /**
   * It printed. May block while the reader of the output is slow; the guest waits meanwhile, and
   * perhaps others that print.
   *
   * @param error whether to stderr
   * @param text what it printed, cut at any character
   */
  void printed(boolean error, String text);

  /**
   * It has opened a file or folder that it was granted, or could not. Must return at once.
   *
   * @return told when it is closed; not called if it could not be opened, nor if the attempt was
   *     given up
   */
  default Opening.Closed opened(Opening opening) {
    return (read, written) -> {};
  }

  /**
   * It asks for something. Must return at once; the answer goes to {@link Attempt#complete}, now or
   * later.
   *
   * @param id chosen by the engine, counting from 1
   * @param operation what the guest sent, unchecked
   * @return what is still to be done for it, which may block until it is done or its thread is
   *     interrupted; null: nothing, or somebody does it. It is called soon, on any thread, unless
   *     the attempt ends before
   */
  @Nullable Runnable submitted(long id, String operation);

  /** It is over; nothing more comes. Called exactly once, on any thread. */
  void ended(Ending ending);
}
