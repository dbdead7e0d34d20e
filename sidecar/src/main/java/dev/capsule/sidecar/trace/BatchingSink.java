package dev.capsule.sidecar.trace;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A sink that delivers spans by a thread of its own, several at once, so that nobody waits for it.
 * Where they come faster than they go, the oldest are dropped, and counted.
 */
public abstract class BatchingSink implements Sink {
  private static final long MAX_WAITING_CHARS = 16 << 20;
  private static final int MAX_BATCH = 512;
  private static final long MAX_BATCH_CHARS = 1 << 20;

  /** What comes in the meantime goes with the first: waking a thread for each costs too much. */
  private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** After so long without spans it holds nothing open. */
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final String name;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final Condition idle = lock.newCondition();
  private final Queue<Span> waiting = new ArrayDeque<>();
  private long waitingChars;
  private long dropped;
  private boolean started;
  private boolean delivering;
  private int flushing;

  /**
   * @param name of its thread
   */
  protected BatchingSink(String name) {
    this.name = name;
  }

  /**
   * Takes some on to where they go. Called by one thread at a time.
   *
   * @param lost how many were dropped since the last call
   */
  protected abstract void deliver(List<Span> spans, long lost) throws InterruptedException;

  /** No spans came for a while: what is open may be closed. Called by the same thread. */
  protected void idle() {}

  @Override
  public final void take(Span span) {
    lock.lock();
    try {
      waiting.add(span);
      waitingChars += span.size();
      while (waitingChars > MAX_WAITING_CHARS) {
        waitingChars -= waiting.remove().size();
        dropped++;
      }
      if (!started) {
        started = true;
        Thread.ofVirtual().name(name).start(this::run);
      } else if (waiting.size() == 1 || waiting.size() == MAX_BATCH) {
        filled.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (awaitSome()) {
        List<Span> batch = new ArrayList<>();
        long lost = next(batch);
        try {
          deliver(batch, lost);
        } finally {
          delivered();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does that
    }
  }

  /** False: none came for a while, and the next one will have a new thread. */
  private boolean awaitSome() throws InterruptedException {
    lock.lock();
    try {
      long left = IDLE_NANOS;
      while (waiting.isEmpty() && dropped == 0 && left > 0) {
        left = filled.awaitNanos(left);
      }
      if (!waiting.isEmpty() || dropped > 0) {
        return true;
      }
      idle();
      started = false;
      return false;
    } finally {
      lock.unlock();
    }
  }

  private long next(List<Span> batch) throws InterruptedException {
    lock.lock();
    try {
      long linger = LINGER_NANOS;
      while (linger > 0 && waiting.size() < MAX_BATCH && flushing == 0) {
        linger = filled.awaitNanos(linger);
      }
      long chars = 0;
      while (batch.size() < MAX_BATCH && chars < MAX_BATCH_CHARS && !waiting.isEmpty()) {
        Span span = waiting.remove();
        chars += span.size();
        batch.add(span);
      }
      waitingChars -= chars;
      delivering = true;
      long lost = dropped;
      dropped = 0;
      return lost;
    } finally {
      lock.unlock();
    }
  }

  private void delivered() {
    lock.lock();
    try {
      delivering = false;
      idle.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until all that came is delivered.
   *
   * @param nanos how long at most
   * @return what is left of that; not more than 0: there was not enough
   */
  public final long flush(long nanos) throws InterruptedException {
    long left = nanos;
    lock.lockInterruptibly();
    try {
      flushing++;
      filled.signal();
      while (left > 0 && (delivering || !waiting.isEmpty())) {
        left = idle.awaitNanos(left);
      }
      return left;
    } finally {
      flushing--;
      lock.unlock();
    }
  }
}
