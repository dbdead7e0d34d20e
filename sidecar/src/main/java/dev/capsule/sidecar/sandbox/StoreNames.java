package dev.capsule.sidecar.sandbox;

import java.text.Normalizer;
import java.util.regex.Pattern;

/**
 * The name of the folders that hold journals and traces. No guest gets at what has it, whatever
 * folder it was granted: there it would find what other tasks were given and have returned, and
 * could forge what a workflow takes for done.
 */
public final class StoreNames {
  /** The name of such a folder in a project. */
  public static final String FOLDER = ".capsule";

  /** How Windows' file systems shorten it. */
  private static final String SHORTENED = "capsul~";

  private static final Pattern SEPARATOR = Pattern.compile("[/\\\\]");
  private static final Pattern WITHOUT_WIDTH = Pattern.compile("[\\p{Cf}\\p{Mn}]");

  private StoreNames() {}

  /**
   * Whether a path leads through such a name, or another spelling under which some file system
   * finds it: those that look at neither case nor characters without width nor dots at the end.
   */
  public static boolean isIn(String path) {
    return SEPARATOR.splitAsStream(path).anyMatch(StoreNames::isOne);
  }

  private static boolean isOne(String name) {
    String plain = name;
    if (name.chars().anyMatch(c -> c >= 0x80)) {
      plain =
          WITHOUT_WIDTH.matcher(Normalizer.normalize(name, Normalizer.Form.NFKD)).replaceAll("");
    }
    if (startsWith(plain, SHORTENED)) {
      return true;
    }
    if (!startsWith(plain, FOLDER)) {
      return false;
    }
    String rest = plain.substring(FOLDER.length());
    return rest.startsWith(":") || rest.chars().allMatch(c -> c == '.' || c == ' ');
  }

  private static boolean startsWith(String name, String beginning) {
    return name.regionMatches(true, 0, beginning, 0, beginning.length());
  }
}
