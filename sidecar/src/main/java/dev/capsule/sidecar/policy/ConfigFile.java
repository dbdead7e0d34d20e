package dev.capsule.sidecar.policy;

import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A configuration that applies to a program: where it is and what it holds, not yet understood.
 *
 * @param path absolute, without symbolic links but perhaps the last
 * @param text what it holds
 * @param shown its name in errors: relative to the program's folder where it lies in or above it
 */
public record ConfigFile(Path path, String text, String shown) {
  private static final String OWN = "capsule.toml";
  private static final String PYTHON = "pyproject.toml";
  private static final int MAX_BYTES = 1 << 20;
  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("unix");

  /**
   * The configuration that applies to programs in a folder; null: none does.
   *
   * @param root a real path
   * @param named absolute path of the one to use; null: the nearest one, in the folder or above it;
   *     empty: none
   */
  public static @Nullable ConfigFile find(Path root, @Nullable String named)
      throws OptionException {
    if (named != null) {
      return named.isEmpty() ? null : read(named(named), root);
    }
    Path home = home();
    for (Path folder = root; folder != null; folder = folder.getParent()) {
      Path own = folder.resolve(OWN);
      if (Files.exists(own)) {
        requireTrusted(own, root);
        requireAlone(own, folder.resolve(PYTHON), root);
        return read(own, root);
      }
      Path python = folder.resolve(PYTHON);
      if (Files.exists(python)) {
        ConfigFile file = read(python, root);
        if (file.isOfCapsule()) {
          requireTrusted(python, root);
          return file;
        }
      }
      if (folder.equals(home) || Files.exists(folder.resolve(".git"))) {
        return null;
      }
    }
    return null;
  }

  /** Of two configurations one would be ignored, and with it perhaps a ceiling. */
  private static void requireAlone(Path own, Path python, Path root) throws OptionException {
    if (Files.exists(python) && read(python, root).isOfCapsule()) {
      throw new OptionException(
          "config",
          quoted(own),
          "is not the only configuration: the "
              + PYTHON
              + " beside it has a [tool.capsule] too; put all into one of them, or name the one to"
              + " use (--config)");
    }
  }

  private static Path home() {
    Path home = Path.of(System.getProperty("user.home")).toAbsolutePath();
    try {
      return home.toRealPath();
    } catch (IOException e) {
      return home;
    }
  }

  /** The folder that relative paths in it start at. */
  public Path folder() {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalStateException("a file without a folder: " + path);
    }
    return parent;
  }

  boolean isPyproject() {
    return path.endsWith(PYTHON);
  }

  /** Whether a pyproject.toml says anything to Capsule; most do not, and are not parsed then. */
  private boolean isOfCapsule() throws OptionException {
    return text.contains("tool") && text.contains("capsule") && ConfigReader.hasTable(this);
  }

  private static Path named(String text) throws OptionException {
    try {
      Path path = Path.of(text);
      Path parent = path.getParent();
      if (path.isAbsolute() && parent != null && Files.isRegularFile(path)) {
        return parent.toRealPath().resolve(path.getFileName());
      }
    } catch (IOException | InvalidPathException e) {
      // told below
    }
    throw new OptionException(
        "config", new JsonPrimitive(text).toString(), "must be the absolute path of a file");
  }

  private static ConfigFile read(Path path, Path root) throws OptionException {
    byte[] bytes;
    try {
      if (!Files.isRegularFile(path)) {
        throw new OptionException("config", quoted(path), "must be a regular file");
      }
      try (InputStream in = Files.newInputStream(path)) {
        bytes = in.readNBytes(MAX_BYTES + 1);
      }
    } catch (IOException e) {
      throw new OptionException("config", quoted(path), "cannot be read: " + e);
    }
    if (bytes.length > MAX_BYTES) {
      throw new OptionException("config", quoted(path), "is longer than " + MAX_BYTES + " bytes");
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return new ConfigFile(path, text, shown(path, root));
    } catch (CharacterCodingException e) {
      throw new OptionException("config", quoted(path), "is not text in UTF-8");
    }
  }

  private static String shown(Path path, Path root) {
    Path folder = path.getParent();
    return folder != null && (root.startsWith(folder) || folder.startsWith(root))
        ? root.relativize(path).toString()
        : path.toString();
  }

  /**
   * Fails if the file was found, not named, and could have been put there by somebody else: one
   * that anybody leaves in /tmp must not rule over what runs below it. Whoever owns the program's
   * folder may: they could as well change the program.
   */
  private static void requireTrusted(Path path, Path root) throws OptionException {
    if (!POSIX) {
      return;
    }
    try {
      Path self = Path.of("/proc/self");
      Object user = Files.getAttribute(Files.exists(self) ? self : home(), "unix:uid");
      Object program = Files.getAttribute(root, "unix:uid");
      for (LinkOption[] link : new LinkOption[][] {{}, {LinkOption.NOFOLLOW_LINKS}}) {
        Object owner = Files.getAttribute(path, "unix:uid", link);
        if (!owner.equals(0) && !owner.equals(user) && !owner.equals(program)) {
          throw new OptionException(
              "config",
              quoted(path),
              "belongs to another user ("
                  + Files.getOwner(path, link).getName()
                  + "); if you trust it, name it (--config "
                  + path
                  + "), or run without it (--no-config)");
        }
      }
    } catch (IOException e) {
      throw new OptionException("config", quoted(path), "has no owner that can be read: " + e);
    }
  }

  private static String quoted(Path path) {
    return new JsonPrimitive(path.toString()).toString();
  }
}
