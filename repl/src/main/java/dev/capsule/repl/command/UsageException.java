package dev.capsule.repl.command;

/** The command line asks for something that cannot be; the message says what to write instead. */
public final class UsageException extends Exception {
  private static final long serialVersionUID = 1;

  public UsageException(String message) {
    super(message);
  }
}
