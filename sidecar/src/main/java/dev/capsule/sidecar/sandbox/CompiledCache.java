package dev.capsule.sidecar.sandbox;

import dev.capsule.wasmtime.Component;
import dev.capsule.wasmtime.Engine;
import dev.capsule.wasmtime.WasmtimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Machine code of guests, compiled once for this machine and mapped by every sidecar. It is native
 * code, so it is loaded only from a folder that nobody else can write to, and only if its checksum
 * is right; anything else is compiled anew. One process compiles while others wait for it. What has
 * not been used for a month, because there is a newer build, goes when something is compiled.
 */
final class CompiledCache {
  private static final Duration KEPT = Duration.ofDays(30);

  /** How exactly the last use is known: not every start has to write. */
  private static final Duration USE_IS_KNOWN = Duration.ofDays(1);

  private static final String CHECKSUM = ".crc32c";

  private final PrivateFolder folder;
  private final Path library;
  private final String settings;
  private final Consumer<String> progress;

  /**
   * @param library the engine; another one makes other machine code
   * @param settings of the engine
   * @param progress told when something takes long
   */
  CompiledCache(PrivateFolder folder, Path library, String settings, Consumer<String> progress) {
    this.folder = folder;
    this.library = library;
    this.settings = settings;
    this.progress = progress;
  }

  /** The component in a file of WebAssembly, compiled. */
  synchronized Component load(Engine engine, Path wasm) { // a process can lock a file only once
    try {
      folder.ensure();
      Path compiled = folder.path().resolve(key(wasm) + ".cwasm");
      Component component = loadVerified(engine, compiled);
      if (component != null) {
        return component;
      }
      try (FileChannel channel = open(folder.path().resolve("lock"));
          FileLock lock = channel.lock()) {
        component =
            lock.isValid() ? loadVerified(engine, compiled) : null; // another may have made it
        return component != null ? component : compile(engine, wasm, compiled);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use the cache " + folder.path() + ": " + e, e);
    }
  }

  private static FileChannel open(Path lock) throws IOException {
    return FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private static @Nullable Component loadVerified(Engine engine, Path compiled) throws IOException {
    byte[] sum;
    try {
      sum = Files.readAllBytes(checksumFile(compiled));
    } catch (NoSuchFileException e) {
      return null; // not made yet, or about to be replaced
    }
    if (!Files.isRegularFile(compiled)
        || !PrivateFolder.isOurs(compiled)
        || !Arrays.equals(sum, checksum(compiled).getBytes(StandardCharsets.UTF_8))) {
      return null;
    }
    try {
      Component component = Component.loadSerialized(engine, compiled);
      noteUse(checksumFile(compiled));
      return component;
    } catch (WasmtimeException e) {
      return null; // made by another version or for another processor
    }
  }

  private Component compile(Engine engine, Path wasm, Path compiled) throws IOException {
    progress.accept("compiling " + wasm.getFileName() + " for this machine (once)");
    Component component = Component.compile(engine, Files.readAllBytes(wasm));
    Path temporary = folder.createFile();
    try {
      Files.write(temporary, component.serialize());
      Files.deleteIfExists(checksumFile(compiled));
      String sum = checksum(temporary);
      Files.move(temporary, compiled, StandardCopyOption.ATOMIC_MOVE);
      Path temporarySum = folder.createFile();
      Files.writeString(temporarySum, sum);
      Files.move(temporarySum, checksumFile(compiled), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    component.close();
    removeUnused();
    Component mapped = loadVerified(engine, compiled);
    if (mapped == null) {
      throw new IOException("what was just written to " + compiled + " cannot be read back");
    }
    return mapped;
  }

  private static void noteUse(Path sum) throws IOException {
    if (isOlder(sum, USE_IS_KNOWN)) {
      Files.setLastModifiedTime(sum, FileTime.from(Instant.now()));
    }
  }

  private static boolean isOlder(Path file, Duration age) throws IOException {
    return Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now().minus(age));
  }

  /** Removes what was not used for long, and what processes left that were killed. */
  private void removeUnused() throws IOException {
    try (var all = Files.newDirectoryStream(folder.path(), "*.{crc32c,tmp}")) {
      for (Path each : all) {
        if (isOlder(each, KEPT)) {
          Files.delete(each); // the checksum first: without it the code is not loaded
          String name = each.getFileName().toString();
          if (name.endsWith(CHECKSUM)) {
            String code = name.substring(0, name.length() - CHECKSUM.length());
            Files.deleteIfExists(each.resolveSibling(code));
          }
        }
      }
    }
  }

  private static Path checksumFile(Path compiled) {
    return compiled.resolveSibling(compiled.getFileName() + CHECKSUM);
  }

  /** Finds damage, at memory speed; forgery is kept out by the folder's permissions. */
  private static String checksum(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      MappedByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      CRC32C crc = new CRC32C();
      crc.update(bytes);
      return channel.size() + " " + Long.toHexString(crc.getValue());
    }
  }

  private String key(Path wasm) throws IOException {
    MessageDigest digest = sha256();
    for (String part :
        new String[] {
          library.getFileName().toString(),
          Long.toString(Files.size(library)),
          settings,
          System.getProperty("os.name"),
          System.getProperty("os.arch"),
          processor(),
          contentHash(wasm)
        }) {
      digest.update(part.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  /** The build leaves the hash beside the file, so that not every start has to read all of it. */
  static String contentHash(Path wasm) throws IOException {
    Path known = wasm.resolveSibling(wasm.getFileName() + ".sha256");
    if (Files.isRegularFile(known)
        && Files.getLastModifiedTime(known).compareTo(Files.getLastModifiedTime(wasm)) >= 0) {
      return Files.readString(known).strip();
    }
    return HexFormat.of().formatHex(sha256().digest(Files.readAllBytes(wasm)));
  }

  /** What the processor can do, where the system tells. */
  private static String processor() throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(info)) {
      return "";
    }
    try (var lines = Files.lines(info)) {
      return lines
          .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
          .findFirst()
          .orElse("");
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
