package dev.capsule.sidecar.policy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A folder or file that grants must lie in.
 *
 * @param host without symbolic links, as far as it exists
 * @param writable whether grants may be read-write
 */
record FileBound(Path host, boolean writable) {
  private static final String FORMS =
      "must be a list of folders or files that grants must lie in: \"./data\", or \"./data:ro\" if"
          + " they may only be read";

  static List<FileBound> parse(String field, JsonElement value, Path base) throws OptionException {
    if (!(value instanceof JsonArray entries)) {
      throw new OptionException(field, value.toString(), FORMS);
    }
    List<FileBound> bounds = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      bounds.add(entry(field + "[" + i + "]", entries.get(i), base));
    }
    return List.copyOf(bounds);
  }

  private static FileBound entry(String field, JsonElement value, Path base)
      throws OptionException {
    if (!(value instanceof JsonPrimitive primitive) || !primitive.isString()) {
      throw new OptionException(field, value.toString(), FORMS);
    }
    String text = primitive.getAsString();
    boolean writable = true;
    int colon = text.lastIndexOf(':');
    String mode = text.substring(colon + 1);
    if (colon >= 0 && (Mounts.READ_ONLY.contains(mode) || Mounts.READ_WRITE.contains(mode))) {
      writable = Mounts.READ_WRITE.contains(mode);
      text = text.substring(0, colon);
    }
    if (text.isEmpty() || text.contains("::")) {
      throw new OptionException(field, value.toString(), FORMS);
    }
    try {
      return new FileBound(real(base.resolve(text).toAbsolutePath().normalize()), writable);
    } catch (IOException | InvalidPathException e) {
      throw new OptionException(
          field, value.toString(), "must be a path that can be read: " + e.getMessage());
    }
  }

  /** What is not there yet may come to be, below the part that is there. */
  private static Path real(Path path) throws IOException {
    Path parent = path.getParent();
    return parent == null || Files.exists(path)
        ? path.toRealPath()
        : real(parent).resolve(path.getFileName());
  }

  boolean covers(Mount mount) {
    return mount.host().startsWith(host) && (writable || !mount.writable());
  }
}
