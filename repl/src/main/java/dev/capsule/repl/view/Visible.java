package dev.capsule.repl.view;

/**
 * Makes text harmless to a terminal. A sandboxed program may print escape sequences that retitle a
 * window, fake a prompt or fill the clipboard; a terminal shows them as text instead.
 */
public final class Visible {
  private Visible() {}

  /** The text with control and direction-changing characters, but for \n and \t, spelled out. */
  public static String of(String text) {
    StringBuilder visible = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isHarmless(c)) {
        if (visible == null) {
          visible = new StringBuilder(text.length() + 16).append(text, 0, i);
        }
        visible.append(c < 0x100 ? "\\x%02x".formatted((int) c) : "\\u%04x".formatted((int) c));
      } else if (visible != null) {
        visible.append(c);
      }
    }
    return visible == null ? text : visible.toString();
  }

  private static boolean isHarmless(char c) {
    if (c < ' ') {
      return c == '\n' || c == '\t';
    }
    if (c < 0x7f) {
      return true;
    }
    boolean control = c <= 0x9f;
    boolean direction = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    return !control && !direction;
  }
}
