package dev.capsule.sidecar.packages;

import dev.capsule.sidecar.policy.TomlText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;

/**
 * What a script says of itself in a comment, see PEP 723 ("inline script metadata"): the packages
 * that it needs, and the versions of Python. Other keys belong to other tools.
 *
 * @param requiresPython as PEP 440 writes it; null: any
 */
public record InlineMetadata(List<Dependency> dependencies, @Nullable String requiresPython) {
  private static final InlineMetadata NONE = new InlineMetadata(List.of(), null);
  private static final String BLOCK = "# /// ";
  private static final String START = BLOCK + "script";
  private static final int MAX_DEPENDENCIES = 1_000;
  private static final int MAX_SHOWN = 100;

  /**
   * A package.
   *
   * @param line of the program, from 1
   */
  public record Dependency(Requirement requirement, int line) {}

  public InlineMetadata {
    dependencies = List.copyOf(dependencies);
  }

  /**
   * Reads the entry module of a program.
   *
   * @param file its name, for messages
   */
  public static InlineMetadata read(String source, String file) throws PackageException {
    return source.contains(START) ? Reader.read(source, file) : NONE;
  }

  /** Apart, so that programs without metadata need no parser of TOML. */
  private static final class Reader {
    private Reader() {}

    static InlineMetadata read(String source, String file) throws PackageException {
      List<String> lines = source.lines().toList();
      InlineMetadata found = null;
      for (int i = 0; i < lines.size(); i++) {
        if (!lines.get(i).stripTrailing().equals(START)) {
          continue;
        }
        if (found != null) {
          throw refused(file, i + 1, "there is a second one; there may be only one");
        }
        int end = end(lines, i + 1);
        if (end < 0) {
          throw refused(file, i + 1, "it is never closed by a line \"# ///\"");
        }
        found = parse(lines.subList(i + 1, end), i + 1, file);
        i = end;
      }
      return found == null ? NONE : found;
    }

    /** The last line of comment that closes the block: one before it may be part of the TOML. */
    private static int end(List<String> lines, int first) {
      int end = -1;
      for (int i = first; i < lines.size(); i++) {
        String line = lines.get(i).stripTrailing();
        if (!line.equals("#") && !line.startsWith("# ")) {
          break;
        }
        if (line.equals("# ///")) {
          end = i;
        } else if (line.startsWith(BLOCK)) {
          break;
        }
      }
      return end;
    }

    /**
     * Reads the block.
     *
     * @param start number of the line that opens it, so that line 1 of the TOML is the next
     */
    private static InlineMetadata parse(List<String> lines, int start, String file)
        throws PackageException {
      StringBuilder toml = new StringBuilder();
      lines.forEach(line -> toml.append(line.replaceFirst("^# ?", "")).append('\n'));
      TomlParseResult parsed;
      try {
        parsed = TomlText.parse(toml.toString());
      } catch (TomlText.MistakeException e) {
        throw refused(file, start + e.line(), "it " + e.getMessage());
      }
      return new InlineMetadata(dependencies(parsed, start, file), python(parsed, start, file));
    }

    private static List<Dependency> dependencies(TomlParseResult parsed, int start, String file)
        throws PackageException {
      Object value = parsed.get(List.of("dependencies"));
      if (value == null) {
        return List.of();
      }
      int line = start + lineOf(parsed, "dependencies");
      if (!(value instanceof TomlArray array) || array.size() > MAX_DEPENDENCIES) {
        throw refused(
            file, line, "dependencies must be a list of packages, as [\"requests\", \"pyyaml\"]");
      }
      List<Dependency> found = new ArrayList<>();
      for (int i = 0; i < array.size(); i++) {
        var position = array.inputPositionOf(i);
        int at = position == null ? line : start + position.line();
        if (!(array.get(i) instanceof String text)) {
          throw refused(file, at, "dependencies must be strings, as \"requests\"");
        }
        try {
          found.add(new Dependency(Requirement.parse(text), at));
        } catch (PackageException e) {
          throw refused(file, at, "the dependency \"" + shorten(text) + "\" " + e.getMessage());
        }
      }
      return found;
    }

    private static @Nullable String python(TomlParseResult parsed, int start, String file)
        throws PackageException {
      Object value = parsed.get(List.of("requires-python"));
      if (value == null) {
        return null;
      }
      int line = start + lineOf(parsed, "requires-python");
      if (!(value instanceof String text)) {
        throw refused(file, line, "requires-python must be a string, as \">=3.11\"");
      }
      if (!PythonVersion.satisfies(text, file, line)) {
        throw refused(
            file,
            line,
            "the program requires Python "
                + text
                + ", but inside a sandbox it is Python "
                + PythonVersion.SHORT
                + "; change requires-python if the program works with that");
      }
      return text;
    }

    private static int lineOf(TomlParseResult parsed, String key) {
      var position = parsed.inputPositionOf(List.of(key));
      return position == null ? 1 : position.line();
    }

    /** For what is quoted: the parser quotes whatever it does not understand, and all of it. */
    private static String shorten(String text) {
      String line = text.replaceAll("\\p{Cntrl}", " ");
      return line.length() <= MAX_SHOWN ? line : line.substring(0, MAX_SHOWN - 1) + "…";
    }

    private static PackageException refused(String file, int line, String why) {
      return new PackageException(
          file + ":" + line + ": in the script's metadata (# /// script): " + why, line);
    }
  }
}
