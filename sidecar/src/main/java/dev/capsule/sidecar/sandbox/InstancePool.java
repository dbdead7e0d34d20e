package dev.capsule.sidecar.sandbox;

import dev.capsule.wasmtime.Threads;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps warmed instances of one guest at hand. One thread creates them and frees them: more threads
 * in one address space get less done, since they contend for its page tables.
 */
final class InstancePool implements AutoCloseable {
  /** So many dropped instances may wait for a quiet moment, if they are small. */
  private static final int MAX_WAITING = 128;

  /** So many may wait to be freed before creating has to wait. */
  private static final int MAX_DROPPED = MAX_WAITING + 64;

  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long SETTLED_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final GuestImage image;
  private final int ready;
  private final int spare;
  private final CpuAffinity affinity;
  private final Thread keeper;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition available = lock.newCondition();
  private final Deque<GuestInstance> fresh = new ArrayDeque<>();
  private final Deque<GuestInstance> dropped = new ArrayDeque<>();
  private int heavy;
  private boolean burst;
  private int takers;
  private @Nullable RuntimeException failure;
  private boolean closed;
  private volatile int processor = -1;
  private long settled;
  private long taken = System.nanoTime();

  /**
   * @param ready how many instances to keep at hand
   * @param spare how many to have once a burst has emptied the pool, made while nobody takes any
   * @param affinity keeps the keeper, and those who run short tasks, on one processor
   */
  InstancePool(String language, GuestImage image, int ready, int spare, CpuAffinity affinity) {
    this.affinity = affinity;
    this.image = image;
    this.ready = ready;
    this.spare = spare;
    this.keeper = Threads.platform("capsule-keeper-" + language, this::keep);
    keeper.start();
  }

  /**
   * Takes a fresh instance, waiting for one to be made if need be.
   *
   * @throws RuntimeException what went wrong when one was being made
   */
  GuestInstance take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      takers++;
      try {
        while (fresh.isEmpty()) {
          burst = true;
          if (closed) {
            throw new IllegalStateException("the pool is closed");
          }
          RuntimeException cause = failure;
          if (cause != null) {
            failure = null;
            throw cause;
          }
          work.signal();
          available.await();
        }
        return fresh.remove();
      } finally {
        takers--;
        taken = System.nanoTime();
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes an instance back to free it; it is never used again. */
  void drop(GuestInstance instance) {
    lock.lock();
    try {
      if (instance.isHeavy()) {
        heavy++;
        dropped.addFirst(instance);
      } else {
        dropped.addLast(instance);
      }
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** The heavy ones are in front. */
  private GuestInstance next() {
    heavy = Math.max(0, heavy - 1);
    return dropped.remove();
  }

  /** Alternates between what there is to do: an instance that somebody waits for comes first. */
  private void keep() {
    while (true) {
      GuestInstance free;
      boolean hasTime;
      lock.lock();
      try {
        while (isIdle()) {
          settle();
          awaitWork();
        }
        settleHere();
        if (closed && dropped.isEmpty()) {
          fresh.forEach(GuestInstance::free);
          fresh.clear();
          return;
        }
        boolean create = !closed && wantsOne() && (!wantsToFree() || isUrgent());
        free = create ? null : dropped.isEmpty() ? fresh.remove() : next();
        hasTime = takers == 0 && !fresh.isEmpty();
      } finally {
        lock.unlock();
      }
      if (free == null) {
        create(hasTime);
      } else {
        free.free();
      }
    }
  }

  @SuppressWarnings("WaitNotInLoop") // the caller loops
  private void awaitWork() {
    long next = isQuiet() ? IDLE_NANOS : QUIET_NANOS;
    if (isIdleForLong() || failure != null) {
      burst = false;
      work.awaitUninterruptibly();
      return;
    }
    try {
      var _ = work.awaitNanos(taken + next - System.nanoTime());
    } catch (InterruptedException e) {
      // nobody interrupts the keeper; and if somebody did, it would look for work
    }
  }

  /** Before a sleep: from time to time the kernel is to choose a processor where there is room. */
  private void settle() {
    if (System.nanoTime() - settled > SETTLED_NANOS) {
      processor = -1;
      affinity.bind(-1);
    }
  }

  /** After a sleep: stays where the kernel has chosen. */
  private void settleHere() {
    if (processor < 0) {
      processor = affinity.current();
      affinity.bind(processor);
      settled = System.nanoTime();
    }
  }

  /** Somebody may be waiting, and there is room for what is to be freed later. */
  private boolean isUrgent() {
    return fresh.isEmpty() && dropped.size() < MAX_DROPPED;
  }

  private boolean isIdle() {
    return !closed && !wantsToFree() && !wantsOne();
  }

  /** Where instances are being made, or -1. */
  int processor() {
    return processor;
  }

  private boolean wantsOne() {
    return fresh.size() < wanted() && (failure == null || takers > 0);
  }

  /** Freeing takes time from those who wait for the next instance: in a burst it can wait. */
  private boolean wantsToFree() {
    return heavy > 0
        || dropped.size() > MAX_WAITING
        || (isQuiet() && (!dropped.isEmpty() || fresh.size() > wanted()));
  }

  private int wanted() {
    return burst && isQuiet() && !isIdleForLong() ? spare : ready;
  }

  private boolean isIdleForLong() {
    return System.nanoTime() - taken > IDLE_NANOS;
  }

  private boolean isQuiet() {
    return System.nanoTime() - taken > QUIET_NANOS;
  }

  /**
   * Makes an instance.
   *
   * @param hasTime whether to warm it: where somebody waits for it, or soon will, its first task
   *     alone costs less than the rehearsal and its first task
   */
  private void create(boolean hasTime) {
    GuestInstance made = null;
    RuntimeException cause = null;
    try {
      made = GuestInstance.create(this, image, hasTime);
    } catch (RuntimeException e) {
      cause = e;
    } catch (Error e) {
      cause = new IllegalStateException("cannot create a sandbox", e);
    }
    lock.lock();
    try {
      if (made != null) {
        failure = null;
        fresh.add(made);
        available.signal();
      } else {
        failure = cause;
        available.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Frees all it has; instances that are in use are freed when they are dropped. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signal();
      available.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      keeper.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
