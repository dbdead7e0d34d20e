package dev.capsule.repl.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/** Keeps a process's standard error flowing, and its last lines for when the process dies. */
final class ErrorTail {
  private static final int LINES = 20;
  private static final long PATIENCE_MS = 500;

  private final Deque<String> last = new ArrayDeque<>();
  private final Thread reader;

  /**
   * @param show whether every line is also copied to our standard error
   */
  ErrorTail(InputStream stream, boolean show) {
    reader =
        Thread.ofPlatform()
            .daemon()
            .name("sidecar-errors")
            .start(() -> {
              try (var lines =
                  new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  if (show) {
                    System.err.println(line);
                  }
                  keep(line);
                }
              } catch (IOException e) {
                keep("(its standard error could not be read: " + e.getMessage() + ")");
              }
            });
  }

  private synchronized void keep(String line) {
    last.addLast(line);
    if (last.size() > LINES) {
      last.removeFirst();
    }
  }

  /** The last lines of a process that has ended. */
  String text() {
    try {
      reader.join(PATIENCE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      return String.join("\n", last);
    }
  }
}
