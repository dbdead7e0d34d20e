package dev.capsule.sidecar.sandbox;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file or folder that is held open, and was found where it was granted. Whoever may write to a
 * folder above can put a link in its place between a look at a path and its use; so on Linux the
 * file is opened first, then asked where it is, and from then on used by what was opened. Elsewhere
 * the path is looked at, and used.
 */
public final class PinnedPath implements AutoCloseable {
  private static final Path OPEN_FILES = Path.of("/proc/self/fd");

  private final Path path;
  private final int descriptor;

  private PinnedPath(Path path, int descriptor) {
    this.path = path;
    this.descriptor = descriptor;
  }

  /**
   * Opens what is at a path, without reading it.
   *
   * @param real a path without links
   * @throws GrantException if nothing is there, or there are links in the path now
   */
  public static PinnedPath of(Path real) throws IOException {
    Native c = Native.FOUND;
    if (c == null) {
      if (!isReal(real)) {
        throw gone(real);
      }
      return new PinnedPath(real, -1);
    }
    int descriptor = c.open(real);
    if (descriptor < 0) {
      throw gone(real);
    }
    PinnedPath pinned =
        new PinnedPath(OPEN_FILES.resolve(Integer.toString(descriptor)), descriptor);
    if (!Files.readSymbolicLink(pinned.path).equals(real)) {
      pinned.close();
      throw gone(real);
    }
    return pinned;
  }

  private static boolean isReal(Path path) {
    try {
      return path.toRealPath().equals(path);
    } catch (IOException e) {
      return false;
    }
  }

  private static GrantException gone(Path path) {
    return new GrantException(path + " is gone, or another one is in its place");
  }

  /** Leads to what was opened for as long as this is not closed. */
  public Path path() {
    return path;
  }

  /**
   * Makes a hard link to the file.
   *
   * @throws IOException if that cannot be: between file systems, say
   */
  void linkTo(Path link) throws IOException {
    Native c = Native.FOUND;
    if (c == null) {
      Files.createLink(link, path);
    } else if (c.link(path, link) != 0) {
      throw new IOException("cannot link " + link);
    }
  }

  @Override
  public void close() {
    Native c = Native.FOUND;
    if (c != null && descriptor >= 0) {
      c.close(descriptor);
    }
  }

  /** Functions of the C library that Java has no counterpart of. */
  private static final class Native {
    static final @Nullable Native FOUND = find();

    private static final int O_PATH = 0x200000;
    private static final int O_CLOEXEC = 0x80000;
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_FOLLOW = 0x400;

    private final MethodHandle open;
    private final MethodHandle close;
    private final MethodHandle linkat;

    private Native(MethodHandle open, MethodHandle close, MethodHandle linkat) {
      this.open = open;
      this.close = close;
      this.linkat = linkat;
    }

    private static @Nullable Native find() {
      if (!System.getProperty("os.name").equals("Linux") || !Files.isDirectory(OPEN_FILES)) {
        return null;
      }
      Linker linker = Linker.nativeLinker();
      return new Native(
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("open"),
              FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
              Linker.Option.firstVariadicArg(2)),
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("close"),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT)),
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("linkat"),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT)));
    }

    int open(Path path) {
      try (Arena arena = Arena.ofConfined()) {
        return (int) open.invokeExact(arena.allocateFrom(path.toString()), O_PATH | O_CLOEXEC);
      } catch (Throwable e) {
        throw new IllegalStateException("open", e);
      }
    }

    void close(int descriptor) {
      try {
        int _ = (int) close.invokeExact(descriptor);
      } catch (Throwable e) {
        throw new IllegalStateException("close", e);
      }
    }

    int link(Path from, Path to) {
      try (Arena arena = Arena.ofConfined()) {
        return (int)
            linkat.invokeExact(
                AT_FDCWD,
                arena.allocateFrom(from.toString()),
                AT_FDCWD,
                arena.allocateFrom(to.toString()),
                AT_SYMLINK_FOLLOW);
      } catch (Throwable e) {
        throw new IllegalStateException("linkat", e);
      }
    }
  }
}
