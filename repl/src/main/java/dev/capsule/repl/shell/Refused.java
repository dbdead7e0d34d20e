package dev.capsule.repl.shell;

/** Something that was typed cannot be done; the message says what to type instead. */
public final class Refused extends Exception {
  private static final long serialVersionUID = 1;

  public Refused(String message) {
    super(message);
  }
}
