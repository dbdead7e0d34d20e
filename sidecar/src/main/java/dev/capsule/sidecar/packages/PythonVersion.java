package dev.capsule.sidecar.packages;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Python inside, and whether it is one of those that a program asks for (PEP 440). */
final class PythonVersion {
  /** Its version as installers want it. */
  static final String SHORT = "3.14";

  private static final List<Integer> NUMBERS = List.of(3, 14, 0);
  private static final Pattern CLAUSE =
      Pattern.compile(
          "(===?|~=|!=|<=?|>=?) *v?([0-9]{1,6}(?:\\.[0-9]{1,6})*)(\\.\\*)?[A-Za-z0-9.+_-]*");

  private static final int MAX_LENGTH = 200;

  private PythonVersion() {}

  /** Whether every clause holds. */
  static boolean satisfies(String specifier, String file, int line) throws PackageException {
    if (specifier.length() > MAX_LENGTH) {
      throw new PackageException(
          file
              + ":"
              + line
              + ": requires-python has more than "
              + MAX_LENGTH
              + " characters; write it as \">=3.11\"",
          line);
    }
    for (String clause : specifier.split(",", -1)) {
      if (!clause.isBlank() && !holds(clause.strip(), file, line)) {
        return false;
      }
    }
    return true;
  }

  private static boolean holds(String clause, String file, int line) throws PackageException {
    Matcher parsed = CLAUSE.matcher(clause);
    if (!parsed.matches()) {
      throw new PackageException(
          file + ":" + line + ": requires-python has \"" + clause + "\"; write it as \">=3.11\"",
          line);
    }
    List<Integer> numbers = new ArrayList<>();
    for (String part : parsed.group(2).split("\\.", -1)) {
      numbers.add(Integer.valueOf(part));
    }
    boolean prefix = parsed.group(3) != null;
    return switch (parsed.group(1)) {
      case "==", "===" -> prefix ? startsWith(numbers) : compare(numbers) == 0;
      case "!=" -> prefix ? !startsWith(numbers) : compare(numbers) != 0;
      case ">=" -> compare(numbers) >= 0;
      case "<=" -> compare(numbers) <= 0;
      case ">" -> compare(numbers) > 0;
      case "<" -> compare(numbers) < 0;
      default -> // ~=
          compare(numbers) >= 0 && startsWith(numbers.subList(0, Math.max(1, numbers.size() - 1)));
    };
  }

  private static boolean startsWith(List<Integer> prefix) {
    for (int i = 0; i < prefix.size(); i++) {
      if (part(NUMBERS, i) != prefix.get(i)) {
        return false;
      }
    }
    return true;
  }

  private static int compare(List<Integer> other) {
    for (int i = 0; i < Math.max(NUMBERS.size(), other.size()); i++) {
      int order = Integer.compare(part(NUMBERS, i), part(other, i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static int part(List<Integer> numbers, int index) {
    return index < numbers.size() ? numbers.get(index) : 0;
  }
}
