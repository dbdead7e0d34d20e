package dev.capsule.sidecar.packages;

import dev.capsule.sidecar.sandbox.FolderTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Folders of installed packages: how large, whether unharmed, and gone. Links are not followed. */
final class FileTree {
  static final long MAX_BYTES = 500_000_000;
  static final int MAX_FILES = 50_000;

  private FileTree() {}

  /**
   * Fails if there is too much in a folder, or anything but files and folders. Files may come and
   * go meanwhile.
   */
  static void check(Path folder) throws PackageException, IOException {
    long[] bytes = new long[1];
    int[] files = new int[1];
    Path[] odd = new Path[1];
    visit(
        folder,
        (file, attributes) -> {
          bytes[0] += attributes.size();
          files[0]++;
          if (!attributes.isRegularFile()) {
            odd[0] = file;
          }
          return bytes[0] <= MAX_BYTES && files[0] <= MAX_FILES;
        });
    if (bytes[0] > MAX_BYTES || files[0] > MAX_FILES) {
      throw new PackageException(
          "the packages are too large: at most "
              + MAX_BYTES / 1_000_000
              + " MB in "
              + MAX_FILES
              + " files, while they are fetched too. What needs so much belongs in a host tool"
              + " (@tool), which runs in your own process");
    }
    if (odd[0] != null) {
      throw new PackageException(
          "a package holds what is neither a file nor a folder: " + folder.relativize(odd[0]));
    }
  }

  /** A sum over the names, sizes and times of all files: tells whether any was lost or changed. */
  static String fingerprint(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    visit(
        folder,
        (file, attributes) ->
            lines.add(
                folder.relativize(file)
                    + "\0"
                    + attributes.size()
                    + "\0"
                    + attributes.lastModifiedTime().toMillis()
                    + "\0"
                    + attributes.isRegularFile()));
    lines.sort(null);
    return sha256(String.join("\n", lines)) + " " + lines.size();
  }

  static String sha256(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All files, at any depth. */
  static List<Path> files(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    visit(folder, (file, ignored) -> files.add(file));
    return files;
  }

  /** Removes a folder with all that is in it, if it is there. */
  static void delete(Path folder) throws IOException {
    if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      FolderTree.remove(folder);
    } else {
      Files.deleteIfExists(folder);
    }
  }

  private interface Visitor {
    /** Whether to go on. */
    boolean see(Path file, BasicFileAttributes attributes);
  }

  private static void visit(Path folder, Visitor visitor) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            return visitor.see(file, attributes)
                ? FileVisitResult.CONTINUE
                : FileVisitResult.TERMINATE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException problem)
              throws IOException {
            if (problem instanceof NoSuchFileException && !file.equals(folder)) {
              return FileVisitResult.CONTINUE;
            }
            throw problem;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path left, @Nullable IOException problem) {
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
