package dev.capsule.sidecar.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that does what a journal is asked for, in that order. What is written waits while
 * the disk is busy, and then goes together.
 */
final class JournalThread {
  /** How much one commit takes. */
  private static final int MOST_ENTRIES = 512;

  private static final long MOST_BYTES = 8 << 20;

  private sealed interface Job {
    record Write(Entry entry) implements Job {}

    record Call(Runnable work) implements Job {}
  }

  private final Database database;
  private final Lease lease;
  private final GroupCommit commits;
  private final LinkedBlockingQueue<Job> queue = new LinkedBlockingQueue<>();
  private final Object lock = new Object();
  private @Nullable Thread thread;
  private boolean closed;

  /** Confined to the thread. */
  private boolean ended;

  JournalThread(Database database, Lease lease, GroupCommit commits) {
    this.database = database;
    this.lease = lease;
    this.commits = commits;
  }

  /** Writes something after all that was asked for before. */
  void write(Entry entry) {
    if (!submit(new Job.Write(entry))) {
      entry.fail(closed());
    }
  }

  /** Does something after all that was asked for before, and waits for it. */
  <T extends @Nullable Object> T call(Supplier<T> work) {
    CompletableFuture<T> done = new CompletableFuture<>();
    Runnable job =
        () -> {
          try {
            boolean _ = done.complete(work.get());
          } catch (RuntimeException | Error e) {
            boolean _ = done.completeExceptionally(e);
          }
        };
    if (!submit(new Job.Call(job))) {
      throw closed();
    }
    try {
      return done.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof JournalException known) {
        throw known;
      }
      throw e;
    }
  }

  /** Ends after all that was asked for before. */
  void close() {
    Thread running;
    synchronized (lock) {
      closed = true;
      running = thread;
      queue.add(new Job.Call(this::end));
    }
    if (running != null) {
      try {
        running.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean submit(Job job) {
    synchronized (lock) {
      if (closed) {
        return false;
      }
      queue.add(job);
      if (thread == null) {
        // no virtual one: native code would keep its carrier
        thread = Thread.ofPlatform().daemon().name("capsule-journal").start(this::run);
      }
      return true;
    }
  }

  private void run() {
    while (!ended) {
      try {
        Job job = next();
        lease.tend();
        switch (job) {
          case null -> {}
          case Job.Call(Runnable work) -> work.run();
          case Job.Write(Entry first) -> commit(group(first));
        }
      } catch (InterruptedException e) {
        return; // nobody does
      }
    }
  }

  private @Nullable Job next() throws InterruptedException {
    Long due = lease.due();
    return due == null ? queue.take() : queue.poll(due, TimeUnit.NANOSECONDS);
  }

  private List<Entry> group(Entry first) {
    List<Entry> group = new ArrayList<>();
    group.add(first);
    long bytes = first.change().size();
    while (group.size() < MOST_ENTRIES
        && bytes < MOST_BYTES
        && queue.peek() instanceof Job.Write(Entry entry)) {
      Job _ = queue.remove();
      group.add(entry);
      bytes += entry.change().size();
    }
    return group;
  }

  private void commit(List<Entry> group) {
    try {
      commits.commit(group);
    } catch (RuntimeException | Error e) {
      JournalException problem =
          Faults.unavailable(database.dialect().place(), "an error of Capsule's own: " + e);
      group.forEach(entry -> entry.fail(problem));
    }
  }

  private void end() {
    ended = true;
    lease.end();
    database.close();
  }

  private JournalException closed() {
    return Faults.unavailable(database.dialect().place(), "it has been closed");
  }
}
