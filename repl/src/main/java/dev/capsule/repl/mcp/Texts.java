package dev.capsule.repl.mcp;

/** Texts of a bearable length. */
final class Texts {
  private Texts() {}

  /** At most so many characters, with a sign of what is missing. */
  static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, end(text, most - 1)) + "…";
  }

  /** Where to cut so that no pair of surrogates is torn apart. */
  static int end(String text, int wanted) {
    return wanted > 0 && Character.isHighSurrogate(text.charAt(wanted - 1)) ? wanted - 1 : wanted;
  }

  /** As {@link #end}, for what follows the cut. */
  static int start(String text, int wanted) {
    return wanted < text.length() && Character.isLowSurrogate(text.charAt(wanted))
        ? wanted + 1
        : wanted;
  }
}
