package dev.capsule.sidecar.packages;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A package that a program asks for, as PEP 508 writes it: a name, perhaps extras, versions and a
 * marker. URLs, paths and options are none, so that it is an index which says what is installed and
 * nothing in it can become an option of the installer.
 *
 * @param name normalised as in PEP 503
 * @param text the whole, on one line
 */
public record Requirement(String name, String text) {
  private static final int MAX_LENGTH = 500;
  private static final String NAME = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?";
  private static final String VERSION = "(?:===?|~=|!=|<=?|>=?) *[A-Za-z0-9][A-Za-z0-9.*+!_-]*";
  private static final String VERSIONS = VERSION + "(?: *, *" + VERSION + ")* *,?";
  private static final Pattern SHAPE =
      Pattern.compile(
          "("
              + NAME
              + ") *(?:\\[ *(?:"
              + NAME
              + "(?: *, *"
              + NAME
              + ")*)? *\\])? *(?:"
              + VERSIONS
              + "|\\( *"
              + VERSIONS
              + " *\\))? *(?:;[A-Za-z0-9_.,'\"<>=!~() *+-]+)?");

  /** Reads one; an error says what is wrong with it, as in "is an option of pip". */
  public static Requirement parse(String written) throws PackageException {
    String text = written.strip();
    Matcher shape = SHAPE.matcher(text);
    if (text.length() > MAX_LENGTH || !shape.matches()) {
      throw new PackageException(fault(text));
    }
    return new Requirement(normalise(shape.group(1)), text);
  }

  private static String fault(String text) {
    if (text.startsWith("-")) {
      return "is an option of pip; name packages only, as \"requests>=2\"";
    }
    if (text.contains("://") || text.matches("[^;]*@.*")) {
      return "names a URL; only packages of an index can be installed, because what is built from"
          + " elsewhere would run code on this machine. Name it as \"requests>=2\"; an index of"
          + " your own is set up in pip or uv";
    }
    if (text.startsWith(".") || text.contains("/") || text.contains("\\")) {
      return "names a path; put modules of your own beside the program, where they can be imported"
          + " as they are";
    }
    return "is not a requirement; write a name and versions as \"requests\", \"requests>=2,<3\" or"
        + " \"httpx[http2]\"";
  }

  static String normalise(String name) {
    return name.replaceAll("[-_.]+", "-").toLowerCase(Locale.ROOT);
  }
}
