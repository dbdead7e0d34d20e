package dev.capsule.sidecar.sandbox;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The operations of one attempt: which are open, and the answers that the guest has not yet seen.
 */
final class Mailbox {
  /** Operations that have no answer yet. */
  private static final int MAX_RUNNING = 10_000;

  /** Operations that have one which the guest has never asked for. */
  private static final int MAX_KEPT = 1_000_000;

  /** Characters of the operations that have no answer yet. */
  private static final long MAX_RUNNING_CHARS = 64L << 20;

  /** Characters of the answers that the guest has not yet seen. */
  private static final long MAX_KEPT_CHARS = 128L << 20;

  /** Ends the JSON where something follows it: no JSON holds this character. */
  private static final String APART = "\u001e";

  /** The answer where there is no room. */
  static final String FULL =
      error(
          "overloaded",
          "too much is open at once: at most "
              + MAX_RUNNING
              + " operations and 64 MiB of arguments, and 128 MiB of results that were not waited"
              + " for");

  private static final String UNKNOWN =
      error("invalid_arguments", "there is no open operation of this id");

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Map<Long, Integer> running = new HashMap<>();
  private final Map<Long, Answer> answers = new HashMap<>();
  private long runningChars;
  private long keptChars;
  private long last;
  private boolean interrupted;

  /**
   * @param last the number that its operations follow
   */
  Mailbox(long last) {
    this.last = last;
  }

  private record Answer(String json, String apart) {
    static final Answer FULL = new Answer(Mailbox.FULL, "");
    static final Answer UNKNOWN = new Answer(Mailbox.UNKNOWN, "");

    long length() {
      return (long) json.length() + apart.length();
    }
  }

  private static String error(String type, String message) {
    return "\"error\":{\"type\":\""
        + type
        + "\",\"message\":\""
        + message
        + "\",\"class\":null,\"traceback\":null}";
  }

  /**
   * A new operation's id.
   *
   * @param chars how long it is
   */
  long open(int chars) {
    lock.lock();
    try {
      running.put(++last, chars);
      runningChars += chars;
      return last;
    } finally {
      lock.unlock();
    }
  }

  /** The number of the last operation. */
  long last() {
    lock.lock();
    try {
      return last;
    } finally {
      lock.unlock();
    }
  }

  /** Has whoever waits stop waiting, now and until {@link #takeInterrupt}. */
  void interrupt() {
    lock.lock();
    try {
      interrupted = true;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether there was an interrupt that was not yet taken. */
  boolean takeInterrupt() {
    lock.lock();
    try {
      boolean was = interrupted;
      interrupted = false;
      return was;
    } finally {
      lock.unlock();
    }
  }

  /** Whether what is open is not too much to be held for one attempt. */
  boolean hasRoom() {
    lock.lock();
    try {
      return running.size() <= MAX_RUNNING
          && runningChars <= MAX_RUNNING_CHARS
          && answers.size() < MAX_KEPT;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes an answer; one for an operation that is not open, or has one, is dropped.
   *
   * @param apart text that comes after the JSON
   */
  void put(long id, String json, String apart) {
    Answer answer = new Answer(json, apart);
    lock.lock();
    try {
      Integer chars = running.remove(id);
      if (chars == null) {
        return;
      }
      runningChars -= chars;
      if (answers.size() < 2 * MAX_KEPT) { // beyond, the guest hears that there is no such id
        Answer kept = keptChars + answer.length() <= MAX_KEPT_CHARS ? answer : Answer.FULL;
        keptChars += kept.length();
        answers.put(id, kept);
      }
      arrived.signalAll();
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
   * @return the answers as a JSON array, empty if none came in time or it was interrupted; after it
   *     what belongs to them and comes apart, as guests/README.md says
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
        if (interrupted) {
          return "[]";
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
    StringBuilder text = new StringBuilder();
    List<String> apart = new ArrayList<>();
    for (long id : ids.size() == 1 ? ids : new LinkedHashSet<>(ids)) {
      Answer answer = answers.remove(id);
      if (answer != null) {
        keptChars -= answer.length();
      } else if (!running.containsKey(id)) {
        answer = Answer.UNKNOWN;
      } else {
        continue;
      }
      text.append(text.isEmpty() ? "[" : ",").append("{\"id\":").append(Long.toUnsignedString(id));
      if (!answer.apart.isEmpty()) {
        text.append(",\"apart\":").append(answer.apart.length());
        apart.add(answer.apart);
      }
      text.append(',').append(answer.json).append('}');
    }
    if (text.isEmpty()) {
      return null;
    }
    text.append(']');
    return apart.isEmpty() ? text.toString() : text + APART + String.join("", apart);
  }

  /** Nanoseconds of a timeout in milliseconds, as a guest gives it: unsigned, any size. */
  static long nanos(long milliseconds) {
    return milliseconds < 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(milliseconds);
  }
}
