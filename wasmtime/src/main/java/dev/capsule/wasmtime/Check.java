package dev.capsule.wasmtime;

/** Checks of arguments that native code must not see unchecked. */
final class Check {
  private Check() {}

  static void range(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + " is " + value + ", must be from " + min + " to " + max);
    }
  }

  /** C strings end at the first NUL: text with one inside would silently mean something else. */
  static String noNul(String name, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(name + " contains a NUL character");
    }
    return text;
  }
}
