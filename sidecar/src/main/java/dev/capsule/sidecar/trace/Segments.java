package dev.capsule.sidecar.trace;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files that traces are kept in. Each process writes segments of its own, one after the other,
 * and holds the lock of a file beside them as long as it lives: whoever removes old segments leaves
 * those of other living processes alone.
 */
final class Segments {
  static final long MAX_SEGMENT_BYTES = 16 << 20;

  private static final Pattern NAME =
      Pattern.compile("([0-9]{13}-[0-9a-f]{16})(?:-([0-9]{6})\\.jsonl|\\.lock)");
  private static final int DIGITS = 6;
  private static final int ATTEMPTS = 10;

  private final Path folder;
  private final long maxBytes;
  private final Duration maxAge;
  private @Nullable String base;
  private @Nullable FileChannel lock;
  private @Nullable FileChannel segment;
  private int number;
  private long written;

  Segments(Path folder, long maxBytes, Duration maxAge) {
    this.folder = folder;
    this.maxBytes = maxBytes;
    this.maxAge = maxAge;
  }

  /** A segment that is there. */
  private record Found(Path path, String base, int number, long bytes, Instant changed)
      implements Comparable<Found> {
    @Override
    public int compareTo(Found other) {
      int byTime = changed.compareTo(other.changed);
      return byTime == 0 ? path.compareTo(other.path) : byTime;
    }
  }

  /** Adds lines, each with its end. After a failure the next ones go to a new segment. */
  void append(byte[] lines) throws IOException {
    try {
      FileChannel to = segment;
      if (to == null || written + lines.length > maxSegment()) {
        to = next();
      }
      ByteBuffer rest = ByteBuffer.wrap(lines);
      while (rest.hasRemaining()) {
        written += to.write(rest);
      }
    } catch (IOException e) {
      closeSegment();
      throw e;
    }
  }

  /** So that a small store can be kept small, too. */
  private long maxSegment() {
    return Math.min(MAX_SEGMENT_BYTES, Math.max(1, maxBytes / 4));
  }

  private FileChannel next() throws IOException {
    closeSegment();
    PrivateFiles.ensureFolder(folder);
    if (lock == null || !Files.exists(lockFile())) {
      sweep();
      FileChannel left = takeOver();
      if (left != null) {
        return left;
      }
      begin();
    } else {
      sweep();
    }
    number++;
    written = 0;
    return opened(PrivateFiles.create(folder.resolve(segmentName(number))));
  }

  private FileChannel opened(FileChannel file) {
    segment = file;
    return file;
  }

  private String segmentName(int which) {
    String digits = Integer.toString(which);
    return base + "-" + "0".repeat(Math.max(0, DIGITS - digits.length())) + digits + ".jsonl";
  }

  /**
   * Goes on with the segment that a process has left which has ended: many short ones, such as
   * commands, would else leave a file each. Null if there is none.
   */
  private @Nullable FileChannel takeOver() throws IOException {
    List<Found> found = find(folder);
    Found last = found.isEmpty() ? null : found.getLast();
    if (last == null || last.bytes() >= maxSegment() / 2) {
      return null;
    }
    Path file = folder.resolve(last.base() + ".lock");
    FileChannel held = null;
    try {
      held = PrivateFiles.openOwn(file);
      if (held.tryLock() != null && Files.exists(file) && Files.exists(last.path())) {
        FileChannel left = PrivateFiles.openOwn(last.path());
        base = last.base();
        number = last.number();
        lock = held;
        held = null;
        written = left.size();
        left.position(written);
        int _ = left.write(ByteBuffer.wrap(new byte[] {'\n'})); // the last line may not be whole
        return opened(left);
      }
    } catch (NoSuchFileException | OverlappingFileLockException e) {
      // it is gone, or of this process
    } finally {
      if (held != null) {
        held.close();
      }
    }
    return null;
  }

  private void closeSegment() throws IOException {
    if (segment != null) {
      segment.close();
      segment = null;
    }
  }

  /** Lets go of all files; what is added later goes to a new segment, under a new name. */
  void close() {
    try {
      closeSegment();
      if (lock != null) {
        lock.close();
      }
    } catch (IOException e) {
      // all was written before
    }
    lock = null;
  }

  private Path lockFile() {
    return folder.resolve(base + ".lock");
  }

  /** Takes a name for the segments of this process. */
  private void begin() throws IOException {
    for (int i = 0; i < ATTEMPTS; i++) {
      base = System.currentTimeMillis() + "-" + Trace.spanId();
      number = 0;
      FileChannel file = PrivateFiles.create(lockFile());
      FileLock held = file.tryLock();
      if (held != null && Files.exists(lockFile())) {
        lock = file; // for as long as the process lives
        return;
      }
      file.close(); // somebody who removes old ones was quicker
    }
    throw new IOException("cannot lock a file in " + folder);
  }

  /** Removes what is too old, or too much. */
  private void sweep() throws IOException {
    List<Found> found = find(folder);
    long total = found.stream().mapToLong(Found::bytes).sum();
    Instant oldest = Instant.now().minus(maxAge);
    Map<String, Boolean> over = new HashMap<>();
    for (Found each : found) {
      // room for the segment that begins now is made, too
      boolean tooMuch = total + maxSegment() > maxBytes;
      if ((tooMuch || each.changed().isBefore(oldest))
          && over.computeIfAbsent(each.base(), this::isOver)) {
        Files.deleteIfExists(each.path());
        total -= each.bytes();
      }
    }
    sweepLocks();
  }

  /** Whether nobody writes segments of that name any more; all of ours are closed here. */
  private boolean isOver(String name) {
    if (name.equals(base)) {
      return true;
    }
    try (FileChannel file = PrivateFiles.openOwn(folder.resolve(name + ".lock"))) {
      return file.tryLock() != null;
    } catch (NoSuchFileException e) {
      return true;
    } catch (IOException | OverlappingFileLockException e) {
      return false;
    }
  }

  /** Removes locks of processes that have ended and left no segment. */
  private void sweepLocks() throws IOException {
    Set<String> used = new HashSet<>();
    find(folder).forEach(each -> used.add(each.base()));
    for (Path file : files(folder)) {
      Matcher name = NAME.matcher(file.getFileName().toString());
      if (!name.matches() || name.group(2) != null) {
        continue;
      }
      String other = name.group(1);
      if (used.contains(other) || other.equals(base)) {
        continue;
      }
      try (FileChannel channel = PrivateFiles.openOwn(file)) {
        if (channel.tryLock() != null) {
          Files.deleteIfExists(file);
        }
      } catch (NoSuchFileException | OverlappingFileLockException e) {
        // somebody else has removed it, or needs it
      }
    }
  }

  /**
   * The segments in a folder, those that were changed last at the end; none if there is no such
   * folder.
   */
  static List<Path> of(Path folder) throws IOException {
    return find(folder).stream().map(Found::path).toList();
  }

  private static List<Found> find(Path folder) throws IOException {
    List<Found> found = new ArrayList<>();
    for (Path file : files(folder)) {
      Matcher name = NAME.matcher(file.getFileName().toString());
      if (name.matches()
          && name.group(2) != null
          && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        try {
          found.add(
              new Found(
                  file,
                  name.group(1),
                  Integer.parseInt(name.group(2)),
                  Files.size(file),
                  Files.getLastModifiedTime(file).toInstant()));
        } catch (NoSuchFileException e) {
          // somebody else has removed it meanwhile
        }
      }
    }
    found.sort(null);
    return found;
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  /** Why something failed, in a line. */
  static String reason(Exception e) {
    String message = e.getMessage();
    return message == null || !(e instanceof IOException)
        ? e.toString()
        : e.getClass() == IOException.class
            ? message
            : e.getClass().getSimpleName() + ": " + message;
  }
}
