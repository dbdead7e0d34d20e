package dev.capsule.sidecar.sandbox;

import java.io.IOException;

/**
 * A sandbox that is kept from one attempt to the next, with its memory and its files. It is made
 * when its first attempt begins, and uses no thread between attempts. It runs one at a time. An
 * attempt that does not end by a reply takes it with it. Safe to use from any thread.
 */
public interface KeptSandbox extends AutoCloseable {
  /** Where it sees {@link #workspace}. */
  String WORKSPACE = "/workspace";

  /**
   * The folder of its own that it sees at {@link #WORKSPACE} if an attempt gives it that.
   *
   * @throws IOException if it cannot be made
   */
  Workspace workspace() throws IOException;

  /** What of its memory is in use, or was after its last attempt; 0 before the first. */
  long memoryBytes();

  /** Whether it is gone: its state is lost, and every further attempt is cancelled. */
  boolean isLost();

  /** Stops what runs in it and frees what it holds. */
  @Override
  void close();
}
