package dev.capsule.flatten;

/**
 * Codes of the value types; function references of a given type and garbage-collected ones are not
 * supported.
 */
final class ValueType {
  static final int I32 = 0x7F;
  static final int I64 = 0x7E;
  private static final int V128 = 0x7B;
  private static final int FUNCREF = 0x70;
  private static final int EXTERNREF = 0x6F;

  private ValueType() {}

  static boolean isKnown(int code) {
    return (code <= I32 && code >= V128) || isReference(code);
  }

  static int read(BinaryReader in) {
    int code = in.u8();
    if (!isKnown(code)) {
      throw in.error("unsupported value type 0x%02x".formatted(code));
    }
    return code;
  }

  static int readReference(BinaryReader in) {
    int code = in.u8();
    if (!isReference(code)) {
      throw in.error("unsupported reference type 0x%02x".formatted(code));
    }
    return code;
  }

  private static boolean isReference(int code) {
    return code == FUNCREF || code == EXTERNREF;
  }
}
