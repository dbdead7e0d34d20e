package dev.capsule.repl.command;

/** What the process ends with. Scripts rely on these numbers. */
public final class ExitCode {
  public static final int OK = 0;

  /** The task, or the program that holds it, failed. */
  public static final int TASK_FAILED = 1;

  /** Nothing was run: the command line or the configuration must be corrected first. */
  public static final int USAGE = 2;

  /** Capsule itself failed. */
  public static final int SIDECAR_FAILED = 3;

  /** Nobody reads our output any more; what a shell reports of a program that SIGPIPE ended. */
  public static final int OUTPUT_CLOSED = 128 + 13;

  private ExitCode() {}
}
