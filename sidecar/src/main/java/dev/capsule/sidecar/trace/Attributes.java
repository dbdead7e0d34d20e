package dev.capsule.sidecar.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** Names with values: text, whole numbers, truth values or lists of text. Not for many threads. */
public final class Attributes {
  /** None; nobody can add to them. */
  static final Attributes NONE = new Attributes(List.of(), 0);

  private static final int USUAL_CHARS = 16;

  private final List<Object> namesAndValues;
  private long chars;

  public Attributes() {
    this(new ArrayList<>(), 0);
  }

  private Attributes(List<Object> namesAndValues, long chars) {
    this.namesAndValues = namesAndValues;
    this.chars = chars;
  }

  /** Adds one. */
  public Attributes put(String name, String value) {
    chars += value.length();
    return add(name, value);
  }

  /** Adds one. */
  public Attributes put(String name, long value) {
    return add(name, value);
  }

  /** Adds one. */
  public Attributes put(String name, boolean value) {
    return add(name, value);
  }

  /** Adds one. */
  public Attributes put(String name, List<String> value) {
    value.forEach(item -> chars += item.length());
    return add(name, List.copyOf(value));
  }

  private Attributes add(String name, Object value) {
    namesAndValues.add(name);
    namesAndValues.add(value);
    chars += name.length() + USUAL_CHARS;
    return this;
  }

  /** About how many characters they take. */
  long size() {
    return chars;
  }

  /** Goes through them in the order in which they were added. */
  void forEach(BiConsumer<String, Object> visitor) {
    for (int i = 0; i < namesAndValues.size(); i += 2) {
      visitor.accept((String) namesAndValues.get(i), namesAndValues.get(i + 1));
    }
  }

  /** These as they are now; nobody can add to that. */
  Attributes copy() {
    return new Attributes(List.copyOf(namesAndValues), chars);
  }
}
