package dev.capsule.sidecar.bundle;

import dev.capsule.sidecar.sandbox.Hashes;
import dev.capsule.sidecar.sandbox.PinnedPath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files of one bundling: reads those that may be part of the program, each once, and remembers
 * what they held.
 */
final class Inputs implements Esbuild.Sources {
  /** Of one file. */
  static final int MAX_BYTES = 16 << 20;

  private static final long MAX_TOTAL_BYTES = 128L << 20;
  private static final int MAX_FILES = 20_000;

  /** How files are read, by the endings of their names; what has another ending is not code. */
  private static final Map<String, String> LOADERS =
      Map.ofEntries(
          Map.entry("js", "js"),
          Map.entry("mjs", "js"),
          Map.entry("cjs", "js"),
          Map.entry("jsx", "jsx"),
          Map.entry("ts", "ts"),
          Map.entry("mts", "ts"),
          Map.entry("cts", "ts"),
          Map.entry("tsx", "tsx"),
          Map.entry("json", "json"),
          // packages import them for other platforms than ours
          Map.entry("css", "empty"),
          Map.entry("node", "empty"));

  private final Territory territory;
  private final Path entry;
  private final @Nullable String given;
  private final Map<Path, String> read = new LinkedHashMap<>();
  private long bytes;

  /**
   * @param entry the entry's file
   * @param given the entry's text; null: what its file holds
   */
  Inputs(Territory territory, Path entry, @Nullable String given) {
    this.territory = territory;
    this.entry = entry;
    this.given = given;
  }

  /** How to read a file of that name; null: it is none that can be part of a program. */
  static @Nullable String loader(Path file) {
    String name = String.valueOf(file.getFileName());
    return LOADERS.get(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
  }

  /** The files that were read, each with the hash of what it held; without a given entry. */
  Map<Path, String> read() {
    return Collections.unmodifiableMap(read);
  }

  @Override
  public Esbuild.Source load(String path) {
    Path file;
    try {
      file = Path.of(path);
    } catch (InvalidPathException e) {
      return new Esbuild.Source.Refused("not a file's name");
    }
    if (given != null && file.equals(entry)) {
      return new Esbuild.Source.Content(given, ofEntry());
    }
    if (!file.isAbsolute() || !territory.has(file.normalize())) {
      return new Esbuild.Source.Refused(
          file
              + " lies outside the program's folder "
              + territory.own()
              + " and its node_modules, or is hidden there, and cannot become part of it: put it"
              + " there, or let the task read it when it runs (allowed files)");
    }
    String loader = loader(file);
    if (loader == null) {
      return new Esbuild.Source.Refused(
          territory.shown(file)
              + " is neither JavaScript, TypeScript nor JSON, and cannot be imported: let the task"
              + " read it when it runs (allowed files)");
    }
    try {
      byte[] content = read(file);
      read.put(file, Hashes.of(content));
      return new Esbuild.Source.Content(new String(content, StandardCharsets.UTF_8), loader);
    } catch (IOException e) {
      return new Esbuild.Source.Refused(
          territory.shown(file) + " cannot be read: " + e.getMessage());
    }
  }

  private String ofEntry() {
    String loader = loader(entry);
    return loader == null ? "ts" : loader;
  }

  private byte[] read(Path file) throws IOException {
    if (read.size() >= MAX_FILES) {
      throw new IOException("a program has at most " + MAX_FILES + " files");
    }
    byte[] content = content(file);
    bytes += content.length;
    if (bytes > MAX_TOTAL_BYTES) {
      throw new IOException("a program has at most " + MAX_TOTAL_BYTES + " bytes of source");
    }
    return content;
  }

  /** What a file holds. Fails if there is a link in its path: then it is another file. */
  static byte[] content(Path real) throws IOException {
    try (PinnedPath pinned = PinnedPath.of(real)) {
      if (!Files.isRegularFile(pinned.path())) { // a FIFO would wait for somebody to write to it
        throw new IOException("it is not an ordinary file");
      }
      byte[] content;
      try (InputStream in = Files.newInputStream(pinned.path())) {
        content = in.readNBytes(MAX_BYTES + 1);
      }
      if (content.length > MAX_BYTES) {
        throw new IOException("it is longer than " + MAX_BYTES + " bytes");
      }
      return content;
    }
  }
}
