package dev.capsule.sidecar.sandbox;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets as many guests compute at once as there are cores, and shares the cores among trees of
 * tasks: a free core goes to the tree that holds the fewest, and among those to the one that has
 * waited longest, so that a tree with a thousand attempts delays another by one turn and not by a
 * thousand. A guest that waits for the host gives its core back; one that computes for long is
 * asked at each epoch to let others go first.
 */
final class CoreGate {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Object, SequencedSet<Waiter>> waiting = new LinkedHashMap<>();
  private final Map<Object, Integer> holding = new HashMap<>();
  private int free;
  private volatile boolean contended;

  CoreGate(int cores) {
    free = cores;
  }

  /** Somebody who waits for a core: a thread, or work that has no thread yet. */
  abstract static sealed class Waiter {
    /** Called under the lock. */
    abstract void admit();
  }

  private static final class WaitingThread extends Waiter {
    final Condition turn;
    boolean admitted;

    WaitingThread(Condition turn) {
      this.turn = turn;
    }

    @Override
    void admit() {
      admitted = true;
      turn.signal();
    }
  }

  /** Work that waits for a core. */
  static final class WaitingWork extends Waiter {
    final Runnable work;

    private WaitingWork(Runnable work) {
      this.work = work;
    }

    @Override
    void admit() {
      work.run();
    }
  }

  /**
   * Has {@code begin} called, which must return at once, when there is a core; it then holds one.
   *
   * @return what {@link #withdraw} takes
   */
  WaitingWork enter(Object tree, Runnable begin) {
    WaitingWork work = new WaitingWork(begin);
    lock.lock();
    try {
      queue(tree, work);
      admit();
    } finally {
      lock.unlock();
    }
    return work;
  }

  /** Takes work out of the line; false if it is not, or no longer, in it. */
  boolean withdraw(Object tree, WaitingWork work) {
    lock.lock();
    try {
      return forget(tree, work);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for a core.
   *
   * @throws InterruptedException if interrupted; no core is held then
   */
  void enter(Object tree) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      await(tree);
    } finally {
      lock.unlock();
    }
  }

  /** Gives a core back. */
  void leave(Object tree) {
    lock.lock();
    try {
      release(tree);
      admit();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives a core back if others wait for one, and waits for the next.
   *
   * @throws InterruptedException if interrupted; no core is held then
   */
  void giveWay(Object tree) throws InterruptedException {
    if (!contended) {
      return;
    }
    lock.lock();
    try {
      release(tree);
      await(tree);
    } finally {
      lock.unlock();
    }
  }

  private void await(Object tree) throws InterruptedException {
    WaitingThread self = new WaitingThread(lock.newCondition());
    queue(tree, self);
    admit();
    try {
      while (!self.admitted) {
        self.turn.await();
      }
    } catch (InterruptedException e) {
      if (self.admitted) {
        release(tree);
        admit();
      } else {
        var _ = forget(tree, self);
      }
      throw e;
    }
  }

  private void queue(Object tree, Waiter waiter) {
    var _ = waiting.computeIfAbsent(tree, key -> new LinkedHashSet<>()).add(waiter);
    contended = true;
  }

  private boolean forget(Object tree, Waiter waiter) {
    SequencedSet<Waiter> queue = waiting.get(tree);
    if (queue == null || !queue.remove(waiter)) {
      return false;
    }
    if (queue.isEmpty()) {
      waiting.remove(tree);
      contended = !waiting.isEmpty();
    }
    return true;
  }

  private void release(Object tree) {
    free++;
    holding.computeIfPresent(tree, (key, count) -> count == 1 ? null : count - 1);
  }

  private void admit() {
    while (free > 0) {
      Object tree = next();
      if (tree == null) {
        return;
      }
      SequencedSet<Waiter> queue = Objects.requireNonNull(waiting.remove(tree));
      Waiter waiter = queue.removeFirst();
      if (!queue.isEmpty()) {
        waiting.put(tree, queue); // at the end of the line
      }
      contended = !waiting.isEmpty();
      free--;
      holding.merge(tree, 1, Integer::sum);
      waiter.admit();
    }
  }

  private @Nullable Object next() {
    Object next = null;
    int fewest = Integer.MAX_VALUE;
    for (Object tree : waiting.keySet()) {
      int held = holding.getOrDefault(tree, 0);
      if (held < fewest) {
        fewest = held;
        next = tree;
        if (held == 0) {
          break;
        }
      }
    }
    return next;
  }
}
