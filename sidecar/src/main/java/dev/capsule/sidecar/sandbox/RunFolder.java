package dev.capsule.sidecar.sandbox;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Where a process keeps the folders of its attempts. It is nobody else's, and is locked for as long
 * as the process lives: what is not locked was left behind by one that died, and is removed by the
 * next one that starts. An empty folder that nothing was done to is used again, because making one
 * takes longer than everything else that a short task does to files.
 */
final class RunFolder implements AutoCloseable {
  private static final String PREFIX = "run-";
  private static final String LOCK = "lock";
  private static final int SPARE = 64;

  private final PrivateFolder parent;
  private final Executor background;
  private final Deque<Path> unused = new ArrayDeque<>();
  private @Nullable Path folder;
  private @Nullable FileChannel locked;
  private long made;

  /**
   * @param parent holds the folders of all processes of this user
   * @param background removes what others have left behind
   */
  RunFolder(PrivateFolder parent, Executor background) {
    this.parent = parent;
    this.background = background;
  }

  /** What all processes of this user keep for their attempts. */
  Path parent() {
    return parent.path();
  }

  /** A new, empty folder that nobody else can look into. */
  Path make() throws IOException {
    return Files.createDirectory(next(), PrivateFolder.mode("rwx------"));
  }

  /** An empty folder, perhaps one that was given back. */
  Path take() throws IOException {
    synchronized (this) {
      Path spare = unused.poll();
      if (spare != null) {
        return spare;
      }
    }
    return make();
  }

  /**
   * Takes a folder back.
   *
   * @param touched whether anything was done in it
   */
  void giveBack(Path used, boolean touched) throws IOException {
    if (!touched && FolderTree.isEmpty(used)) {
      synchronized (this) {
        if (unused.size() < SPARE) {
          unused.add(used);
          return;
        }
      }
    }
    FolderTree.remove(used);
  }

  private synchronized Path next() throws IOException {
    Path own = folder;
    if (own == null) {
      own = open();
      folder = own;
      Path mine = own;
      background.execute(() -> removeAbandoned(mine));
    }
    return own.resolve(Long.toString(made++));
  }

  private Path open() throws IOException {
    parent.ensure();
    try (FileChannel channel = lockFile(parent.path());
        FileLock lock = channel.lock()) {
      FileAttribute<?>[] mode = PrivateFolder.mode("rwx------");
      Path own = Files.createTempDirectory(parent.path(), PREFIX, mode);
      FileChannel held = lockFile(own);
      if (!lock.isValid() || held.tryLock() == null) {
        held.close();
        throw new IOException("cannot lock " + own);
      }
      locked = held;
      return own;
    }
  }

  private static FileChannel lockFile(Path folder) throws IOException {
    return FileChannel.open(
        folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private void removeAbandoned(Path own) {
    try (DirectoryStream<Path> runs = Files.newDirectoryStream(parent.path(), PREFIX + "*")) {
      for (Path run : runs) {
        // Opening and closing its own lock's file would release the lock.
        if (!run.equals(own)) {
          removeIfAbandoned(run);
        }
      }
    } catch (IOException | OverlappingFileLockException e) {
      // The next process tries again; this one can work beside what is left.
    }
  }

  private void removeIfAbandoned(Path run) throws IOException {
    try (FileChannel channel = lockedIfAbandoned(run)) {
      if (channel != null) {
        FolderTree.remove(run);
      }
    } catch (IOException e) {
      if (Files.exists(run)) { // else another process was quicker
        throw e;
      }
    }
  }

  /** Under the parent's lock, since a folder exists for a moment before it is locked. */
  private @Nullable FileChannel lockedIfAbandoned(Path run) throws IOException {
    try (FileChannel channel = lockFile(parent.path());
        FileLock lock = channel.lock()) {
      FileChannel candidate = lockFile(run);
      try {
        if (lock.isValid() && candidate.tryLock() != null) {
          return candidate;
        }
      } catch (OverlappingFileLockException e) {
        // another engine of this process has it
      }
      candidate.close();
      return null;
    }
  }

  /** Removes what it has, as far as no attempt is using it. */
  @Override
  public synchronized void close() {
    try {
      while (!unused.isEmpty()) {
        Files.deleteIfExists(unused.remove());
      }
      if (locked != null && folder != null) {
        Files.deleteIfExists(folder.resolve(LOCK));
        locked.close();
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      // Something is left in it: the next process removes it.
    }
  }
}
