package dev.capsule.sidecar.bundle;

import dev.capsule.sidecar.sandbox.Hashes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a bundle depends on, and how it was: contents of files, files that are not there, and which
 * names begin like one that is imported, since another file of such a name might be found instead.
 * Contents are compared, not times: an edit counts however soon it comes.
 */
final class Evidence {
  /** Clocks of file systems are coarser than ours. */
  private static final long CLOCK_MS = 20;

  private static final String NONE = "-";

  /** What to look at; each knows how to say in a few letters how it is. */
  private enum Kind {
    CONTENT {
      @Override
      String state(Path path, String stem) throws IOException {
        if (!Files.isRegularFile(path)) {
          return NONE;
        }
        try (InputStream in = Files.newInputStream(path)) {
          return Hashes.of(in.readNBytes(Inputs.MAX_BYTES + 1));
        }
      }
    },
    /** Files and folders of the name, with any ending. */
    NAMES {
      @Override
      String state(Path path, String stem) throws IOException {
        if (!Files.isDirectory(path)) {
          return NONE;
        }
        List<String> names = new ArrayList<>();
        names.add(path.toRealPath().toString());
        try (DirectoryStream<Path> files =
            Files.newDirectoryStream(path, file -> isOf(stem, file.getFileName().toString()))) {
          for (Path file : files) {
            names.add(
                file.getFileName()
                    + (Files.isDirectory(file) ? "/" : "")
                    + (Files.isSymbolicLink(file) ? " " + target(file) : ""));
          }
        }
        Collections.sort(names);
        return Hashes.of(names.toArray(new String[0]));
      }
    },
    /** Where a path leads. */
    TARGET {
      @Override
      String state(Path path, String stem) throws IOException {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS) ? target(path) : NONE;
      }
    };

    abstract String state(Path path, String stem) throws IOException;
  }

  private static boolean isOf(String stem, String name) {
    return name.startsWith(stem)
        && (name.length() == stem.length() || name.charAt(stem.length()) == '.');
  }

  private static String target(Path path) {
    try {
      return path.toRealPath().toString();
    } catch (IOException e) {
      return "nowhere";
    }
  }

  /** Something to look at. */
  private record Sight(Kind kind, Path path, String stem) {
    String state() {
      try {
        return kind.state(path, stem);
      } catch (IOException e) {
        return "? " + e.getMessage();
      }
    }

    String encoded() {
      return kind + "\0" + stem + "\0" + path;
    }

    static Sight decode(String encoded) {
      String[] parts = encoded.split("\0", 3);
      return new Sight(Kind.valueOf(parts[0]), Path.of(parts[2]), parts[1]);
    }
  }

  private final Map<Sight, String> states = new LinkedHashMap<>();
  private final Instant began;
  private final Path own;
  private boolean changing;

  /**
   * @param began when the bundler did: what changed since then may be another than it saw
   * @param own the folder whose changes count; above it, in /tmp perhaps, others work
   */
  Evidence(Instant began, Path own) {
    this.began = began.minusMillis(CLOCK_MS);
    this.own = own;
  }

  /** A file that the bundler was given, with that content. */
  void read(Path file, String hash) {
    states.put(new Sight(Kind.CONTENT, file, ""), hash);
  }

  /** A file that the bundler may have read itself, or would have if it were there. */
  void content(Path file) {
    look(new Sight(Kind.CONTENT, file, ""));
  }

  /** Names that the bundler may have chosen from. */
  void names(Path folder, String stem) {
    look(new Sight(Kind.NAMES, folder, stem));
  }

  /** A package's folder, often a link, or none. */
  void target(Path path, String name) {
    look(new Sight(Kind.TARGET, path.resolve(name), ""));
  }

  private void look(Sight sight) {
    if (!states.containsKey(sight)) {
      states.put(sight, sight.state());
      Path parent = sight.path().getParent();
      changing |=
          changed(sight.path()) || (parent != null && parent.startsWith(own) && changed(parent));
    }
  }

  private boolean changed(Path path) {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try {
      return Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).toInstant().isAfter(began)
          || (path.getFileSystem().supportedFileAttributeViews().contains("unix")
              && ((FileTime) Files.getAttribute(path, "unix:ctime", LinkOption.NOFOLLOW_LINKS))
                  .toInstant()
                  .isAfter(began));
    } catch (IOException e) {
      return true;
    }
  }

  /**
   * Whether something that decides where imports lead changed while the bundler ran: then nobody
   * knows which of both it saw.
   */
  boolean isDoubtful() {
    return changing;
  }

  Map<String, String> encoded() {
    Map<String, String> encoded = new LinkedHashMap<>();
    states.forEach((sight, state) -> encoded.put(sight.encoded(), state));
    return encoded;
  }

  /** Whether all is as it was. */
  static boolean holds(Map<String, String> encoded) {
    return encoded.entrySet().stream()
        .allMatch(entry -> Sight.decode(entry.getKey()).state().equals(entry.getValue()));
  }
}
