package dev.capsule.repl.view;

import java.time.Duration;

/** Shows on a terminal that something is still going on, once it takes longer than a second. */
public final class Spinner implements AutoCloseable {
  private static final String[] FRAMES = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
  private static final Duration DELAY = Duration.ofSeconds(1);
  private static final Duration STEP = Duration.ofMillis(100);

  private final Screen screen;
  private final Thread thread;
  private volatile String what;

  public Spinner(Screen screen, String what) {
    this.screen = screen;
    this.what = what;
    this.thread = Thread.ofVirtual().unstarted(this::spin);
    if (screen.errIsTerminal()) {
      thread.start();
    }
  }

  private void spin() {
    long start = System.nanoTime();
    try {
      Thread.sleep(DELAY);
      for (int frame = 0; ; frame++) {
        long seconds = (System.nanoTime() - start) / 1_000_000_000L;
        screen.progress(FRAMES[frame % FRAMES.length] + " " + what + "  " + seconds + " s");
        Thread.sleep(STEP);
      }
    } catch (InterruptedException e) {
      screen.progress("");
    }
  }

  /** Says what is going on now. */
  public void say(String message) {
    what = message;
  }

  /** As {@link #say}, and where there is no terminal it becomes a line of its own. */
  public void announce(String message) {
    say(message);
    if (!screen.errIsTerminal()) {
      screen.printErrorLine("capsule: " + message);
    }
  }

  /** Takes the line away. */
  @Override
  public void close() {
    if (!screen.errIsTerminal()) {
      return;
    }
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
