package dev.capsule.repl.view;

import java.util.ArrayList;
import java.util.List;

/** Text whose parts look different on a terminal that has colours, and are plain elsewhere. */
public final class Styled {
  /** How a part looks, as a terminal is told. */
  public enum Style {
    PLAIN(""),
    BOLD("1"),
    DIM("2"),
    RED("31"),
    GREEN("32"),
    YELLOW("33"),
    BLUE("34");

    private final String code;

    Style(String code) {
      this.code = code;
    }
  }

  private record Part(Style style, String text) {}

  private static final String BEGIN = "\u001b[";
  private static final String END = "\u001b[0m";

  private final List<Part> parts = new ArrayList<>();

  /** Adds a part. */
  public Styled add(Style style, String text) {
    parts.add(new Part(style, text));
    return this;
  }

  /** Adds a part that looks like any text. */
  public Styled add(String text) {
    return add(Style.PLAIN, text);
  }

  /**
   * As a terminal is sent it: what the parts themselves would tell the terminal is made {@link
   * Visible}.
   */
  String forTerminal(boolean colours) {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      String visible = Visible.of(part.text());
      boolean plain = !colours || part.style() == Style.PLAIN || visible.isEmpty();
      text.append(plain ? visible : BEGIN + part.style().code + "m" + visible + END);
    }
    return text.toString();
  }

  /** The text alone. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    parts.forEach(part -> text.append(part.text()));
    return text.toString();
  }
}
