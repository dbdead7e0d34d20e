package dev.capsule.sidecar.bundle;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.capsule.sidecar.sandbox.Hashes;
import dev.capsule.sidecar.sandbox.PrivateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Bundles in the user's cache folder, which nobody else can write to:
 *
 * <ul>
 *   <li>{@code KEY.entry}: of a program, which bundle it is and what that depends on
 *   <li>{@code HASH.js} and {@code HASH.map}: a bundle, by its own hash
 *   <li>{@code HASH-GUEST.code}: what a guest's {@code compile} made of it, after its hash
 * </ul>
 *
 * Files are written whole or not at all, and the ones that were used last stay. A file that was
 * harmed is as good as none.
 */
final class BundleStore {
  private static final long MAX_BYTES = 256L << 20;
  private static final int HASH_LENGTH = 32;
  private static final int MAX_FILES = 4_000;

  private final PrivateFolder home;
  private final PrivateFolder folder;
  private final Path path;

  BundleStore(Path cache) {
    this.home = new PrivateFolder(cache);
    this.path = cache.resolve("bundles");
    this.folder = new PrivateFolder(path);
  }

  private void ensure() throws IOException {
    home.ensure();
    folder.ensure();
  }

  /** The bundle of a program, if it was kept and all that it depends on is as it was. */
  @Nullable Bundle find(String key) throws IOException {
    ensure();
    try {
      JsonObject entry = JsonParser.parseString(read(key + ".entry")).getAsJsonObject();
      Map<String, String> evidence = new LinkedHashMap<>();
      for (Map.Entry<String, JsonElement> each : entry.getAsJsonObject("evidence").entrySet()) {
        evidence.put(each.getKey(), each.getValue().getAsString());
      }
      if (!Evidence.holds(evidence)) {
        return null;
      }
      String hash = entry.get("bundle").getAsString();
      Bundle bundle = Bundle.of(read(hash + ".js"), read(hash + ".map"));
      return bundle.hash().equals(hash) ? bundle : null;
    } catch (NoSuchFileException e) {
      return null;
    } catch (JsonParseException
        | IllegalStateException
        | NullPointerException
        | UnsupportedOperationException
        | IllegalArgumentException
        | IndexOutOfBoundsException e) {
      return null; // harmed
    }
  }

  /** Keeps a bundle. */
  void keep(String key, Bundle bundle, Map<String, String> evidence) throws IOException {
    ensure();
    write(bundle.hash() + ".js", bundle.code());
    write(bundle.hash() + ".map", bundle.map());
    JsonObject states = new JsonObject();
    evidence.forEach(states::addProperty);
    JsonObject entry = new JsonObject();
    entry.addProperty("bundle", bundle.hash());
    entry.add("evidence", states);
    write(key + ".entry", entry.toString());
    removeOldest();
  }

  /** What a guest made of a bundle, if it was kept. */
  @Nullable String code(Bundle bundle, String guest) throws IOException {
    ensure();
    try {
      String kept = read(compiled(bundle, guest));
      String code = kept.length() < HASH_LENGTH ? "" : kept.substring(HASH_LENGTH);
      return kept.startsWith(Hashes.of(code)) ? code : null;
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Keeps what a guest made of a bundle. */
  void keepCode(Bundle bundle, String guest, String code) throws IOException {
    ensure();
    write(compiled(bundle, guest), Hashes.of(code) + code);
  }

  private static String compiled(Bundle bundle, String guest) {
    return bundle.hash() + "-" + Hashes.of(guest) + ".code";
  }

  private String read(String name) throws IOException {
    Path file = path.resolve(name);
    String text = Files.readString(file);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now())); // it is in use
    return text;
  }

  private void write(String name, String text) throws IOException {
    Path temporary = folder.createFile();
    try {
      Files.writeString(temporary, text);
      Files.move(
          temporary,
          path.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Removes what was not used for longest until little enough is left. */
  private void removeOldest() throws IOException {
    record Kept(Path file, long bytes, FileTime used) {}
    List<Kept> all = new ArrayList<>();
    long bytes = 0;
    try (var files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        try {
          Kept kept = new Kept(file, Files.size(file), Files.getLastModifiedTime(file));
          all.add(kept);
          bytes += kept.bytes();
        } catch (NoSuchFileException e) {
          // another process was quicker
        }
      }
    }
    if (bytes <= MAX_BYTES && all.size() <= MAX_FILES) {
      return;
    }
    all.sort(Comparator.comparing(Kept::used));
    int left = all.size();
    for (Kept each : all) {
      if (bytes <= MAX_BYTES / 2 && left <= MAX_FILES / 2) {
        return;
      }
      Files.deleteIfExists(each.file());
      bytes -= each.bytes();
      left--;
    }
  }
}
