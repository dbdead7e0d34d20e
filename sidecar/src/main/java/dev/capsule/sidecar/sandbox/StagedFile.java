package dev.capsule.sidecar.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A single file in a folder that the guest sees: a hard link to the host's file, so that both are
 * the same, or a copy where there can be no link.
 */
final class StagedFile {
  private static final Set<OpenOption> CREATE =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

  private final Path host;
  private final Path staged;
  private final boolean linked;
  private final @Nullable Object key;
  private final long size;
  private final FileTime modified;
  private @Nullable BasicFileAttributes saved;

  private StagedFile(Path host, Path staged, boolean linked, BasicFileAttributes attributes) {
    this.host = host;
    this.staged = staged;
    this.linked = linked;
    this.key = attributes.fileKey();
    this.size = attributes.size();
    this.modified = attributes.lastModifiedTime();
  }

  /**
   * Puts a file there.
   *
   * @param host a real path
   * @param staged where it is to be
   * @param link whether it may be a link; else it is a copy, which can be changed without harm
   * @param meter is charged for a copy: it takes as much room as if the guest had made it
   * @throws GrantException if there is no regular file at the path any more, or a copy is too large
   */
  static StagedFile put(Path host, Path staged, boolean link, FileMeter meter) throws IOException {
    try (PinnedPath pinned = PinnedPath.of(host)) {
      BasicFileAttributes attributes =
          Files.readAttributes(pinned.path(), BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        throw new GrantException(host + " is not a file any more");
      }
      if (link && isLinked(pinned, staged)) {
        return new StagedFile(host, staged, true, attributes);
      }
      try {
        meter.charge(attributes.size());
        Files.copy(pinned.path(), staged);
      } catch (ExceededException e) {
        throw new GrantException(
            host
                + " has to be copied for it, and is larger than what it may write to files; give it"
                + " more with max_disk=, or grant the folder that the file is in");
      } catch (AccessDeniedException e) {
        throw new GrantException(host + " cannot be read by the user that Capsule runs as");
      }
      Files.setLastModifiedTime(staged, attributes.lastModifiedTime());
      return new StagedFile(
          host, staged, false, Files.readAttributes(staged, BasicFileAttributes.class));
    }
  }

  private static boolean isLinked(PinnedPath pinned, Path staged) {
    try {
      pinned.linkTo(staged);
      return true;
    } catch (IOException e) {
      return false; // another file system, one without links, or somebody else's file
    }
  }

  /**
   * Brings to the host what the guest did, if that is not there already: because it is a copy, or
   * because the guest put another file in its place, as programs do that save in one step. What it
   * deleted stays as it was.
   *
   * @throws GrantException if the host's file cannot be written
   */
  void save() throws IOException {
    BasicFileAttributes now;
    try {
      now = Files.readAttributes(staged, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return;
    }
    // A link is no way to the host's file if somebody has put another one in its place meanwhile.
    boolean same =
        Objects.equals(now.fileKey(), key)
            && ((linked && Objects.equals(keyOf(host), key))
                || (now.size() == size && now.lastModifiedTime().equals(modified)));
    if (same || !now.isRegularFile() || isSaved(now)) {
      return;
    }
    replaceBy(staged);
    saved = now;
  }

  /**
   * Whether it is as it was when it was last saved: a sandbox that is kept saves after each cell.
   */
  private boolean isSaved(BasicFileAttributes now) {
    BasicFileAttributes last = saved;
    return last != null
        && Objects.equals(now.fileKey(), last.fileKey())
        && now.size() == last.size()
        && now.lastModifiedTime().equals(last.lastModifiedTime());
  }

  /**
   * Makes sure that the guest has not kept a link to the host's file by moving it to a folder that
   * it was granted, where whoever is granted that folder later would find it.
   *
   * @throws GrantException if the host's file cannot be written
   */
  void sever() throws IOException {
    if (linked && key != null && !key.equals(keyOf(staged)) && key.equals(keyOf(host))) {
      replaceBy(host);
    }
  }

  private static @Nullable Object keyOf(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Puts a new file with another's content in the place of the host's. */
  private void replaceBy(Path source) throws IOException {
    Path folder = Objects.requireNonNull(host.getParent());
    try (PinnedPath pinned = PinnedPath.of(folder);
        DirectoryStream<Path> stream = Files.newDirectoryStream(pinned.path());
        InputStream in = Files.newInputStream(source, LinkOption.NOFOLLOW_LINKS)) {
      if (stream instanceof SecureDirectoryStream<Path> secure) {
        replace(secure, in);
      } else {
        Path unfinished = folder.resolve(unfinishedName());
        Files.copy(in, unfinished);
        Files.move(unfinished, host, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (GrantException e) {
      throw e;
    } catch (IOException e) {
      throw new GrantException("what it changed in " + host + " cannot be saved: " + e);
    }
  }

  private Path unfinishedName() {
    return Path.of("." + host.getFileName() + "." + UUID.randomUUID() + ".part");
  }

  /** Writes a new file beside the old one, with its permissions, and puts it in its place. */
  private void replace(SecureDirectoryStream<Path> folder, InputStream in) throws IOException {
    Path name = host.getFileName();
    Path unfinished = unfinishedName();
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try {
      try (OutputStream out =
          Channels.newOutputStream(folder.newByteChannel(unfinished, CREATE, mode))) {
        in.transferTo(out);
      }
      view(folder, unfinished).setPermissions(view(folder, name).readAttributes().permissions());
      folder.move(unfinished, folder, name);
    } catch (IOException e) {
      try {
        folder.deleteFile(unfinished);
      } catch (IOException ignored) {
        // it was not even made
      }
      throw e;
    }
  }

  private static PosixFileAttributeView view(SecureDirectoryStream<Path> folder, Path name) {
    return folder.getFileAttributeView(
        name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
  }
}
