package dev.capsule.sidecar.sandbox;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The operations of one attempt: which are open, and the answers that the guest has not yet seen.
 */
final class Mailbox {
  private static final String UNKNOWN =
      "\"error\":{\"type\":\"invalid_arguments\",\"message\":\"there is no open operation of this"
          + " id\",\"class\":null,\"traceback\":null}";

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Set<Long> open = new HashSet<>();
  private final Map<Long, String> answers = new HashMap<>();
  private long last;

  /** A new operation's id. */
  long open() {
    lock.lock();
    try {
      open.add(++last);
      return last;
    } finally {
      lock.unlock();
    }
  }

  /** How many operations are open. */
  int size() {
    lock.lock();
    try {
      return open.size();
    } finally {
      lock.unlock();
    }
  }

  /** Takes an answer; one for an operation that is not open, or has one, is dropped. */
  void put(long id, String answer) {
    lock.lock();
    try {
      if (open.contains(id)) {
        answers.putIfAbsent(id, answer);
        arrived.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** What {@link #await} would return at once, or null if it would wait. */
  @Nullable String poll(List<Long> ids) {
    lock.lock();
    try {
      return take(ids);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until one of the operations has an answer.
   *
   * @param timeoutNanos negative: for ever
   * @return the answers as a JSON array, empty if none came in time
   */
  String await(List<Long> ids, long timeoutNanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = timeoutNanos;
      while (true) {
        String answers = take(ids);
        if (answers != null) {
          return answers;
        }
        if (timeoutNanos < 0) {
          arrived.await();
        } else if (left <= 0) {
          return "[]";
        } else {
          left = arrived.awaitNanos(left);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable String take(List<Long> ids) {
    List<String> taken = new ArrayList<>();
    for (long id : ids) {
      String answer = answers.remove(id);
      if (answer != null) {
        open.remove(id);
      } else if (!open.contains(id)) {
        answer = UNKNOWN;
      } else {
        continue;
      }
      taken.add("{\"id\":" + Long.toUnsignedString(id) + "," + answer + "}");
    }
    return taken.isEmpty() ? null : "[" + String.join(",", taken) + "]";
  }

  /** Nanoseconds of a timeout in milliseconds, as a guest gives it: unsigned, any size. */
  static long nanos(long milliseconds) {
    return milliseconds < 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(milliseconds);
  }
}
