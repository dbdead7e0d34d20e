package dev.capsule.sidecar.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The folder of its own that a kept sandbox has, from outside. The guest may have made anything of
 * it: links in it are never followed, and names are checked before they become paths.
 */
public final class Workspace {
  /** Larger files are not read at once. */
  public static final int MAX_READ = 32 << 20;

  /** More entries of a folder are not listed. */
  public static final int MAX_ENTRIES = 10_000;

  private static final int MAX_DEPTH = 64;
  private static final int MAX_NAME_BYTES = 255;
  private static final Set<StandardOpenOption> CREATE =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  /** The name or the content of a file is not what it may be; the message is for users. */
  public static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * A file or a folder.
   *
   * @param path relative to the workspace, with slashes
   */
  public record Entry(String path, long size, boolean folder) {}

  private final Path folder;
  private final FileMeter meter;

  Workspace(Path folder, FileMeter meter) throws IOException {
    this.folder = folder.toRealPath();
    this.meter = meter;
  }

  /** A real path. */
  public Path folder() {
    return folder;
  }

  void remove() throws IOException {
    FolderTree.remove(folder);
  }

  /**
   * Writes a file, and makes the folders that it is in.
   *
   * @param path relative, or below {@link KeptSandbox#WORKSPACE}
   */
  public void put(String path, byte[] content) throws RefusedException, IOException {
    List<String> names = names(path);
    if (names.isEmpty()) {
      throw new RefusedException("must name a file");
    }
    try {
      meter.charge(content.length + names.size() * 4096L);
    } catch (ExceededException e) {
      throw new RefusedException("is larger than what is left of max_disk; give it more with it");
    }
    Path parent = folder;
    for (String name : names.subList(0, names.size() - 1)) {
      try (PinnedPath at = pinned(parent)) {
        Files.createDirectory(at.path().resolve(name), PrivateFolder.mode("rwx------"));
      } catch (FileAlreadyExistsException e) {
        // it is checked when it is pinned
      }
      parent = parent.resolve(name);
    }
    try (PinnedPath at = pinned(parent)) {
      Path target = at.path().resolve(names.getLast());
      if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
        throw new RefusedException("is a folder");
      }
      Path unfinished = at.path().resolve("." + UUID.randomUUID() + ".part");
      try {
        try (OutputStream out =
            Channels.newOutputStream(
                Files.newByteChannel(unfinished, CREATE, PrivateFolder.mode("rw-------")))) {
          out.write(content);
        }
        Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(unfinished);
      }
    }
  }

  /** Reads a file. */
  public byte[] get(String path) throws RefusedException, IOException {
    List<String> names = names(path);
    if (names.isEmpty()) {
      throw new RefusedException("must name a file");
    }
    try (PinnedPath at = pinned(resolve(names.subList(0, names.size() - 1)))) {
      Path file = at.path().resolve(names.getLast());
      if (!attributes(file).isRegularFile()) {
        throw new RefusedException("is no file");
      }
      try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
        byte[] content = in.readNBytes(MAX_READ + 1);
        if (content.length > MAX_READ) {
          throw new RefusedException(
              "is larger than " + (MAX_READ >> 20) + " MiB; read it in parts, or mount a folder");
        }
        return content;
      }
    } catch (NoSuchFileException e) {
      throw new RefusedException("does not exist");
    }
  }

  /** What is in a folder, links apart, by name. */
  public List<Entry> list(String path) throws RefusedException, IOException {
    List<String> names = names(path);
    String prefix = names.isEmpty() ? "" : String.join("/", names) + "/";
    List<Entry> entries = new ArrayList<>();
    try (PinnedPath at = pinned(resolve(names));
        DirectoryStream<Path> stream = Files.newDirectoryStream(at.path())) {
      for (Path each : stream) {
        BasicFileAttributes found = attributes(each);
        if (found.isDirectory() || found.isRegularFile()) {
          if (entries.size() == MAX_ENTRIES) {
            throw new RefusedException("holds more than " + MAX_ENTRIES + " files");
          }
          entries.add(
              new Entry(
                  prefix + each.getFileName(),
                  found.isDirectory() ? 0 : found.size(),
                  found.isDirectory()));
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw new RefusedException("is no folder");
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    entries.sort(Comparator.comparing(Entry::path));
    return entries;
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  private static PinnedPath pinned(Path path) throws RefusedException, IOException {
    try {
      return PinnedPath.of(path);
    } catch (GrantException e) {
      throw new RefusedException("is not there, or lies behind a link");
    }
  }

  private Path resolve(List<String> names) {
    Path path = folder;
    for (String name : names) {
      path = path.resolve(name);
    }
    return path;
  }

  /** The names of a path, each of which can only be that of something in the folder before. */
  private List<String> names(String path) throws RefusedException {
    String relative = path;
    if (relative.equals(KeptSandbox.WORKSPACE)
        || relative.startsWith(KeptSandbox.WORKSPACE + "/")) {
      relative = relative.substring(KeptSandbox.WORKSPACE.length());
      relative = relative.isEmpty() ? relative : relative.substring(1);
    }
    if (relative.startsWith("/")) {
      throw new RefusedException("must lie in " + KeptSandbox.WORKSPACE);
    }
    List<String> names = new ArrayList<>();
    for (String name : relative.split("/", -1)) {
      if (name.equals(".") || name.isEmpty()) {
        continue;
      }
      if (name.equals("..")) {
        throw new RefusedException("must not hold \"..\"");
      }
      if (!isText(name)) {
        throw new RefusedException("must be text without NUL and backslashes");
      }
      if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES
          || names.size() >= MAX_DEPTH) {
        throw new RefusedException(
            "must have names of at most "
                + MAX_NAME_BYTES
                + " bytes, and at most "
                + MAX_DEPTH
                + " of them");
      }
      names.add(name);
    }
    try {
      Path resolved = resolve(names);
      if (!resolved.startsWith(folder)
          || resolved.getNameCount() - folder.getNameCount() != names.size()) {
        throw new RefusedException("must lie in " + KeptSandbox.WORKSPACE);
      }
    } catch (InvalidPathException e) {
      throw new RefusedException("cannot be the name of a file on this system");
    }
    return names;
  }

  private static boolean isText(String name) {
    return name.indexOf(0) < 0
        && name.indexOf('\\') < 0
        && StandardCharsets.UTF_8.newEncoder().canEncode(name);
  }
}
