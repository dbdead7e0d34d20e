package dev.capsule.sidecar.task;

/** How long texts are, and where they may be cut. */
final class Texts {
  private Texts() {}

  /** Bytes of a text in UTF-8. */
  static long utf8Length(String text) {
    long length = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // a pair of surrogates is four bytes
      length += c < 0x80 ? 0 : c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
    }
    return length;
  }

  /** The beginning of a text, without half a character at its end. */
  static String cut(String text, int length) {
    int end = Math.min(length, text.length());
    boolean half =
        end > 0 && end < text.length() && Character.isHighSurrogate(text.charAt(end - 1));
    return text.substring(0, half ? end - 1 : end);
  }

  /** The text, or its beginning and a mark where it is longer. */
  static String shortened(String text, int longest) {
    return text.length() <= longest ? text : cut(text, longest - 1) + "…";
  }
}
