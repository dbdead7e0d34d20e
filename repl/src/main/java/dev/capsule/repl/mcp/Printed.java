package dev.capsule.repl.mcp;

/** What a sandbox printed to one stream: the beginning and the end, if it is very much. */
final class Printed {
  static final int MAX_HALF = 25_000;

  private final StringBuilder head = new StringBuilder();
  private final StringBuilder tail = new StringBuilder();
  private long leftOut;

  synchronized void add(String text) {
    int room = Math.max(0, MAX_HALF - head.length());
    int toHead = leftOut > 0 || !tail.isEmpty() ? 0 : Math.min(room, text.length());
    head.append(text, 0, toHead);
    tail.append(text, toHead, text.length());
    if (tail.length() > 2 * MAX_HALF) {
      trim();
    }
  }

  private void trim() {
    int start = Texts.start(tail.toString(), Math.max(0, tail.length() - MAX_HALF));
    leftOut += start;
    tail.delete(0, start);
  }

  synchronized boolean isEmpty() {
    return head.isEmpty();
  }

  @Override
  public synchronized String toString() {
    if (tail.length() > MAX_HALF) {
      trim();
    }
    String gap = leftOut == 0 ? "" : "\n[… " + leftOut + " characters left out …]\n";
    return head + gap + tail;
  }
}
