package dev.capsule.sidecar.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Set;

/** Large texts, each in a file that is named after its content. */
final class ResultFiles {
  /** In characters. A larger one would make every reading of its table slow. */
  static final int LARGE = 1 << 20;

  /** A file that nothing names after that time was left by a process that died. */
  private static final Duration LEFT = Duration.ofHours(1);

  private final Path folder;
  private final boolean synced;

  /**
   * @param synced whether a file is on the disk before it is named
   */
  ResultFiles(Path folder, boolean synced) {
    this.folder = folder;
    this.synced = synced;
  }

  /** What a text's file is to be called. */
  static String nameOf(String text) {
    return HexFormat.of().formatHex(sha256(text.getBytes(StandardCharsets.UTF_8)));
  }

  boolean has(String name) {
    return Files.exists(folder.resolve(name));
  }

  /** Writes a text down, if its file is not there or is not what it should be. */
  void write(String name, String text) {
    try {
      if (!isIntact(name)) {
        writeAnew(name, text.getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw Faults.of(e, folder.toString());
    }
  }

  /** Reads a text, which is what was written or an exception. */
  String read(String name) {
    try {
      byte[] bytes = Files.readAllBytes(folder.resolve(name));
      if (!name.equals(HexFormat.of().formatHex(sha256(bytes)))) {
        throw damaged(name, "is not what was written");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw damaged(name, "is missing");
    } catch (IOException e) {
      throw Faults.of(e, folder.toString());
    }
  }

  /** Removes files that nothing names. No other process may name one meanwhile. */
  void keepOnly(Set<String> names) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        boolean unfinished = name.endsWith(".tmp");
        if (unfinished ? isLeft(file) : !names.contains(name)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw Faults.of(e, folder.toString());
    }
  }

  private static boolean isLeft(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now().minus(LEFT));
  }

  private boolean isIntact(String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.exists(file)
        && name.equals(HexFormat.of().formatHex(sha256(Files.readAllBytes(file))));
  }

  private void writeAnew(String name, byte[] bytes) throws IOException {
    PrivateFiles.makeFolder(folder);
    Path file = PrivateFiles.makeFile(folder);
    try {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
          channel.write(rest);
        }
        if (synced) {
          channel.force(true);
        }
      }
      Files.move(file, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      if (synced) {
        PrivateFiles.sync(folder);
      }
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private JournalException damaged(String name, String how) {
    return Faults.damaged(
        folder.toString(),
        "the file "
            + name
            + " "
            + how
            + "; put it back from a copy, or remove the workflow with `capsule rm` and run it anew");
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
