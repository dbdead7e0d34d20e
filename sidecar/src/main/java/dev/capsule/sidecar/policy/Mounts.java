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
 * Folders and single files as options write them: {@code "./data"}, {@code "./data:ro"}, {@code
 * "/srv/in.csv::/input.csv:ro"}, or {@code {"path": "./data", "mode": "read-only"}}.
 */
final class Mounts {
  private static final String FORMS =
      "must be a list of folders and files: \"./data\", \"./in.csv:ro\", \"./data::/input:rw\" or"
          + " {\"path\": \"./data\", \"mode\": \"read-only\" or \"read-write\"}";
  static final Set<String> READ_ONLY = Set.of("ro", "read-only");
  static final Set<String> READ_WRITE = Set.of("rw", "read-write");

  private Mounts() {}

  /**
   * Adds the folders and files of an option.
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
      add(mounts, name, entries.get(i), entry(name, entries.get(i), root, insideRoot));
    }
  }

  private static void add(List<Mount> mounts, String field, JsonElement value, Mount mount)
      throws OptionException {
    for (Mount other : List.copyOf(mounts)) {
      if (other.equals(mount)) {
        return;
      }
      if (other.guest().equals(mount.guest())) {
        throw new OptionException(
            field,
            value.toString(),
            "must be seen at a place of its own: another one, or the same in another mode, is at "
                + mount.guest());
      }
      requireAgreement(field, value, mount, other);
      requireAgreement(field, value, other, mount);
      if (mount.file() && !other.file()) {
        if (isHeld(field, value, mount, other)) {
          return;
        }
      } else if (!mount.file() && other.file() && isHeld(field, value, other, mount)) {
        mounts.remove(other);
      }
    }
    mounts.add(mount);
  }

  /** What lies in a folder that may be changed may be changed, whatever another entry says. */
  private static void requireAgreement(String field, JsonElement value, Mount inner, Mount outer)
      throws OptionException {
    if (!inner.writable()
        && outer.writable()
        && !outer.file()
        && inner.host().startsWith(outer.host())) {
      throw new OptionException(
          field,
          value.toString(),
          "must agree with what it lies in or holds: "
              + inner.host()
              + " is read-only, but lies in the folder "
              + outer.host()
              + ", which is read-write; make that read-only, or grant it without what must not"
              + " change");
    }
  }

  /**
   * Whether a folder already gives a file, and all that may be done to it.
   *
   * @throws OptionException if the folder gives less, or another file in that place
   */
  private static boolean isHeld(String field, JsonElement value, Mount file, Mount folder)
      throws OptionException {
    Path guest = Path.of(file.guest());
    Path seenIn = guest.getParent();
    boolean hidden =
        folder.guest().equals("/")
            ? folder.guest().equals(String.valueOf(seenIn))
            : guest.startsWith(folder.guest());
    Path same =
        file.host().startsWith(folder.host())
            ? Path.of(folder.guest()).resolve(folder.host().relativize(file.host()))
            : null;
    if (guest.equals(same)) {
      if (file.writable() && !folder.writable()) {
        throw new OptionException(
            field,
            value.toString(),
            "must agree with what it lies in or holds: the file "
                + file.host()
                + " is read-write, the folder "
                + folder.host()
                + " read-only");
      }
      return true;
    }
    if (hidden) {
      throw new OptionException(
          field,
          value.toString(),
          "must be seen at a place of its own: the file "
              + file.host()
              + " would be at "
              + file.guest()
              + ", in the folder "
              + folder.host());
    }
    return false;
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
      if (hostText.isEmpty() || !Files.exists(asked)) {
        throw new OptionException(
            field,
            value.toString(),
            "must be an existing folder or file; there is nothing at " + asked);
      }
      Path host = asked.toRealPath();
      String objection = SystemFolders.objection(host);
      if (objection != null) {
        throw new OptionException(field, value.toString(), objection);
      }
      if (insideRoot && !host.startsWith(realRoot)) {
        throw new OptionException(
            field,
            value.toString(),
            "must lie in the program's folder "
                + realRoot
                + "; whoever runs the task may grant other folders and files (--mount, mounts=)");
      }
      boolean file = Files.isRegularFile(host);
      if (!file && !Files.isDirectory(host)) {
        throw new OptionException(
            field,
            value.toString(),
            "must be a folder or a regular file, and not a device, a pipe or a socket");
      }
      String guest = guestText == null ? guestPath(hostText, asked, realRoot) : guestText;
      if (!Path.of(guest).isAbsolute()) {
        guest = "/" + guest;
      }
      guest = Path.of(guest).normalize().toString();
      if (file && guest.equals("/")) {
        throw new OptionException(
            field, value.toString(), "must be seen under a name: HOST::/NAME");
      }
      return new Mount(host, guest, writable, file);
    } catch (IOException | InvalidPathException e) {
      throw new OptionException(
          field, value.toString(), "must be a readable folder or file: " + e.getMessage());
    }
  }

  /** What is relative keeps its place below the task's working directory, which is {@code /}. */
  private static String guestPath(String hostText, Path asked, Path realRoot) {
    if (Path.of(hostText).isAbsolute()) {
      return asked.toString();
    }
    return asked.startsWith(realRoot)
        ? "/" + realRoot.relativize(asked)
        : "/" + asked.getFileName();
  }
}
