package dev.capsule.sidecar.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many files all attempts together may have open: the process needs some itself. */
final class HandleBudget {
  /** What the JVM asks for where it cannot be read. */
  private static final int USUAL = 10_240;

  private static final int LEAST = FileMeter.MAX_HANDLES;
  private static final Pattern LIMIT = Pattern.compile("(?m)^Max open files +(\\d+) ");

  private final AtomicInteger left;

  HandleBudget(int handles) {
    this.left = new AtomicInteger(handles);
  }

  /**
   * Half of what the system gives the process. What attempts need not reserve (see guests/flatten)
   * and what Capsule itself opens comes out of the other half.
   */
  static HandleBudget ofProcess() {
    long limit = USUAL;
    try {
      Matcher matcher = LIMIT.matcher(Files.readString(Path.of("/proc/self/limits")));
      if (matcher.find()) {
        limit = Long.parseLong(matcher.group(1));
      }
    } catch (IOException | NumberFormatException e) {
      // not Linux, or a number beyond all numbers: the usual will do
    }
    return new HandleBudget((int) Math.max(LEAST, Math.min(limit / 2, Integer.MAX_VALUE)));
  }

  boolean take(int handles) {
    if (left.addAndGet(-handles) >= 0) {
      return true;
    }
    left.addAndGet(handles);
    return false;
  }

  void giveBack(int handles) {
    left.addAndGet(handles);
  }
}
