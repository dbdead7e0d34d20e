package dev.capsule.repl.mcp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads files of a folder that sandboxes may write to. They can make symbolic links in it, and
 * exchange a folder for a link between two looks of ours: so every step goes from an open folder to
 * a name in it, and no link is ever followed.
 */
final class SharedFiles {
  private static final int MAX_DEPTH = 32;
  private static final Set<OpenOption> READ =
      Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

  private SharedFiles() {}

  /**
   * Adds the sizes of the files in a folder, by their paths from {@code prefix} on.
   *
   * @param most how many to stop at
   */
  static void list(Path folder, String prefix, Map<String, Long> found, int most)
      throws IOException {
    try (SecureDirectoryStream<Path> open = open(folder)) {
      list(open, prefix, found, most, 0);
    }
  }

  private static void list(
      SecureDirectoryStream<Path> folder,
      String prefix,
      Map<String, Long> found,
      int most,
      int depth)
      throws IOException {
    try {
      for (Path entry : folder) {
        Path name = entry.getFileName();
        if (found.size() >= most) {
          return;
        }
        BasicFileAttributes attributes = attributes(folder, name);
        String path = prefix + "/" + name;
        if (attributes.isRegularFile()) {
          found.put(path, attributes.size());
        } else if (attributes.isDirectory() && depth < MAX_DEPTH) {
          try (var inner = folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            list(inner, path, found, most, depth + 1);
          } catch (FileSystemException e) {
            // It may not be read, or is no folder any more: it is left out.
          }
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    } catch (NoSuchFileException e) {
      // It went away while we looked.
    }
  }

  /**
   * The content of a file.
   *
   * @param names of the folders on the way, and the file's own
   * @throws NoSuchFileException if it is no ordinary file
   */
  static byte[] read(Path folder, List<String> names, int maxBytes) throws IOException {
    try (SecureDirectoryStream<Path> open = open(folder)) {
      return read(open, names, maxBytes);
    }
  }

  private static byte[] read(SecureDirectoryStream<Path> folder, List<String> names, int maxBytes)
      throws IOException {
    Path name = Path.of(names.getFirst());
    if (names.size() > 1) {
      try (var inner = folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
        return read(inner, names.subList(1, names.size()), maxBytes);
      }
    }
    if (!attributes(folder, name).isRegularFile()) {
      throw new NoSuchFileException(name.toString());
    }
    try (SeekableByteChannel file = folder.newByteChannel(name, READ);
        InputStream in = Channels.newInputStream(file)) {
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      content.write(in.readNBytes(maxBytes + 1));
      if (content.size() > maxBytes) {
        throw new FileSystemException(
            name.toString(), null, "is larger than " + maxBytes + " bytes");
      }
      return content.toByteArray();
    }
  }

  private static BasicFileAttributes attributes(SecureDirectoryStream<Path> folder, Path name)
      throws IOException {
    return folder
        .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .readAttributes();
  }

  private static SecureDirectoryStream<Path> open(Path folder) throws IOException {
    @SuppressWarnings("StreamResourceLeak") // whoever opened it closes it
    DirectoryStream<Path> stream = Files.newDirectoryStream(folder);
    if (stream instanceof SecureDirectoryStream<Path> secure) {
      return secure;
    }
    stream.close();
    throw new FileSystemException(
        folder.toString(), null, "cannot be read safely on this system: use code in a sandbox");
  }
}
