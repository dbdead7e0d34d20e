package dev.capsule.sidecar.policy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Folders as options write them: {@code "./data"}, {@code "./data:ro"}, {@code
 * "/srv/in::/input:ro"}, or {@code {"path": "./data", "mode": "read-only"}}.
 */
final class Mounts {
  private static final String FORMS =
      "must be a list of folders: \"./data\", \"./data:ro\", \"./data::/input:rw\" or"
          + " {\"path\": \"./data\", \"mode\": \"read-only\" or \"read-write\"}";
  private static final Set<String> READ_ONLY = Set.of("ro", "read-only");
  private static final Set<String> READ_WRITE = Set.of("rw", "read-write");

  private Mounts() {}

  /**
   * Adds the folders of an option.
   *
   * @param mounts those of the options before; two different ones cannot be seen at one place
   * @param root what relative paths start at
   * @param insideRoot whether folders outside the root are refused
   */
  static void add(
      List<Mount> mounts, String field, JsonElement value, Path root, boolean insideRoot)
      throws OptionException {
    if (!(value instanceof JsonArray entries)) {
      throw new OptionException(field, value.toString(), FORMS);
    }
    for (int i = 0; i < entries.size(); i++) {
      String name = field + "[" + i + "]";
      Mount mount = entry(name, entries.get(i), root, insideRoot);
      for (Mount other : mounts) {
        if (other.guest().equals(mount.guest()) && !other.equals(mount)) {
          throw new OptionException(
              name,
              entries.get(i).toString(),
              "must be seen at a place of its own: another folder, or the same in another mode, is"
                  + " at "
                  + mount.guest());
        }
      }
      if (!mounts.contains(mount)) {
        mounts.add(mount);
      }
    }
  }

  private static Mount entry(String field, JsonElement value, Path root, boolean insideRoot)
      throws OptionException {
    if (value instanceof JsonPrimitive primitive && primitive.isString()) {
      String text = primitive.getAsString();
      boolean writable = true;
      int colon = text.lastIndexOf(':');
      if (colon > 0 && READ_ONLY.contains(text.substring(colon + 1))) {
        writable = false;
        text = text.substring(0, colon);
      } else if (colon > 0 && READ_WRITE.contains(text.substring(colon + 1))) {
        text = text.substring(0, colon);
      }
      int alias = text.indexOf("::");
      return alias < 0
          ? mount(field, value, text, null, writable, root, insideRoot)
          : mount(
              field,
              value,
              text.substring(0, alias),
              text.substring(alias + 2),
              writable,
              root,
              insideRoot);
    }
    if (value instanceof JsonObject object
        && object.get("path") instanceof JsonPrimitive path
        && path.isString()
        && Set.of("path", "mode").containsAll(object.keySet())) {
      boolean writable = true;
      JsonElement mode = object.get("mode");
      if (mode != null) {
        String text = mode instanceof JsonPrimitive primitive ? primitive.getAsString() : "";
        writable = READ_WRITE.contains(text);
        if (!writable && !READ_ONLY.contains(text)) {
          throw new OptionException(
              field + ".mode",
              mode.toString(),
              "must be \"read-only\", \"ro\", \"read-write\" or \"rw\"");
        }
      }
      return mount(field, value, path.getAsString(), null, writable, root, insideRoot);
    }
    throw new OptionException(field, value.toString(), FORMS);
  }

  private static Mount mount(
      String field,
      JsonElement value,
      String hostText,
      @Nullable String guestText,
      boolean writable,
      Path root,
      boolean insideRoot)
      throws OptionException {
    try {
      Path realRoot = root.toRealPath();
      Path asked = realRoot.resolve(hostText).normalize();
      if (hostText.isEmpty() || !Files.isDirectory(asked)) {
        throw new OptionException(
            field, value.toString(), "must be an existing folder; there is none at " + asked);
      }
      Path host = asked.toRealPath();
      if (insideRoot && !host.startsWith(realRoot)) {
        throw new OptionException(
            field,
            value.toString(),
            "must lie in the program's folder "
                + realRoot
                + "; whoever runs the task may grant other folders (--mount, mounts=)");
      }
      String guest = guestText == null ? guestPath(hostText, asked, realRoot) : guestText;
      if (!Path.of(guest).isAbsolute()) {
        guest = "/" + guest;
      }
      guest = Path.of(guest).normalize().toString();
      return new Mount(host, guest, writable);
    } catch (IOException | InvalidPathException e) {
      throw new OptionException(
          field, value.toString(), "must be a readable folder: " + e.getMessage());
    }
  }

  /** A relative folder keeps its place below the task's working directory, which is {@code /}. */
  private static String guestPath(String hostText, Path asked, Path realRoot) {
    if (Path.of(hostText).isAbsolute()) {
      return asked.toString();
    }
    return asked.startsWith(realRoot)
        ? "/" + realRoot.relativize(asked)
        : "/" + asked.getFileName();
  }
}
