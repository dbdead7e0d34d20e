package dev.capsule.sidecar.journal;

/**
 * Texts as every store keeps them unchanged: halves of surrogate pairs have no UTF-8, and
 * PostgreSQL knows no NUL.
 */
final class Texts {
  private Texts() {}

  /**
   * The same JSON text: there, such characters can only be in a string, and be written otherwise.
   */
  static String json(String text) {
    int first = firstUnfit(text);
    if (first < 0) {
      return text;
    }
    StringBuilder fit = new StringBuilder(text.length() + 16).append(text, 0, first);
    for (int i = first; i < text.length(); i++) {
      if (isUnfit(text, i)) {
        fit.append(String.format("\\u%04x", (int) text.charAt(i)));
      } else {
        fit.append(text.charAt(i));
      }
    }
    return fit.toString();
  }

  /** A text for people, with the replacement character where a character cannot be kept. */
  static String plain(String text) {
    int first = firstUnfit(text);
    if (first < 0) {
      return text;
    }
    StringBuilder fit = new StringBuilder(text);
    for (int i = first; i < text.length(); i++) {
      if (isUnfit(text, i)) {
        fit.setCharAt(i, '\uFFFD');
      }
    }
    return fit.toString();
  }

  private static int firstUnfit(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isUnfit(text, i)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isUnfit(String text, int i) {
    char c = text.charAt(i);
    if (c == 0) {
      return true;
    }
    if (!Character.isSurrogate(c)) {
      return false;
    }
    return Character.isHighSurrogate(c)
        ? i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))
        : i == 0 || !Character.isHighSurrogate(text.charAt(i - 1));
  }
}
