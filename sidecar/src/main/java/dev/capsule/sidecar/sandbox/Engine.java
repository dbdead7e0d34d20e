package dev.capsule.sidecar.sandbox;

import java.util.Set;

/**
 * Runs attempts, each in a fresh sandbox. All messages are values: nothing of a guest leaks out.
 */
public interface Engine extends AutoCloseable {

  /** The languages that have a guest. */
  Set<String> languages();

  /**
   * Stands for this very build of a language's guest: what it compiled runs in no other.
   *
   * @throws IllegalArgumentException if there is no such guest
   */
  String build(String language);

  /** Loads a language's guest in the background, so that the first attempt need not wait for it. */
  void prepare(String language);

  /**
   * Queues an attempt. It starts when a sandbox and a core are free; {@code listener} hears of all
   * that happens to it, and always of its end.
   *
   * @throws IllegalStateException if the engine is closed
   */
  Attempt start(Start start, AttemptListener listener);

  /**
   * A sandbox for several attempts.
   *
   * @param maxDiskBytes of what its files may hold
   * @throws IllegalStateException if the engine is closed, or keeps as many as it can
   */
  KeptSandbox keep(String language, long maxDiskBytes);

  /**
   * As {@link #start(Start, AttemptListener)}, in a sandbox that is kept. Its first attempt says
   * what it is granted; of others only the request, the fuel, the time and the output count.
   */
  Attempt start(Start start, KeptSandbox sandbox, AttemptListener listener);

  /**
   * Compiles one module without running any of it.
   *
   * @param request see guests/README.md
   */
  Compiled compile(String language, String request);

  /** Stops every attempt and frees what the engine holds. */
  @Override
  void close();
}
