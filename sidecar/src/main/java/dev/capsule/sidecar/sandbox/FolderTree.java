package dev.capsule.sidecar.sandbox;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Removes folders that guests have written to, whatever they made of them. */
public final class FolderTree {
  private FolderTree() {}

  /**
   * Removes a folder and all that is in it. Links are removed, not followed. A folder in it is
   * moved to the top before it is emptied, so that neither a path nor the stack becomes long
   * however deep the tree is.
   */
  public static void remove(Path folder) throws IOException {
    try {
      empty(folder);
      Files.deleteIfExists(folder);
    } catch (NoSuchFileException e) {
      // it is gone: that was the aim
    }
  }

  static boolean isEmpty(Path folder) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      return !entries.iterator().hasNext();
    }
  }

  private static void empty(Path folder) throws IOException {
    long moved = 0;
    boolean again = true;
    while (again) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
        if (!(entries instanceof SecureDirectoryStream<Path> top)) {
          walk(folder);
          return;
        }
        again = false;
        for (Path entry : top) {
          again = true;
          Path name = entry.getFileName();
          if (isFolder(top, name)) {
            moved = raise(top, name, moved);
            top.deleteDirectory(name);
          } else {
            top.deleteFile(name);
          }
        }
      }
    }
  }

  /** Empties a folder: its files are deleted, its folders moved to the top under new names. */
  private static long raise(SecureDirectoryStream<Path> top, Path name, long before)
      throws IOException {
    long moved = before;
    try (SecureDirectoryStream<Path> inner =
        top.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
      for (Path entry : inner) {
        Path child = entry.getFileName();
        if (isFolder(inner, child)) {
          Path unused;
          do {
            unused = name.resolveSibling("raised-" + moved++);
          } while (exists(top, unused));
          inner.move(child, top, unused);
        } else {
          inner.deleteFile(child);
        }
      }
    }
    return moved;
  }

  private static boolean isFolder(SecureDirectoryStream<Path> in, Path name) throws IOException {
    return attributes(in, name).readAttributes().isDirectory();
  }

  private static boolean exists(SecureDirectoryStream<Path> in, Path name) {
    try {
      var _ = attributes(in, name).readAttributes();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static BasicFileAttributeView attributes(SecureDirectoryStream<Path> in, Path name) {
    return in.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
  }

  /** Where folders cannot be held open. */
  private static void walk(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path inner, @Nullable IOException failure)
              throws IOException {
            if (!inner.equals(folder)) {
              Files.delete(inner);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
