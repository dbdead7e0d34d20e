package dev.capsule.flatten;

/** What a core module can import and export. */
enum ExternKind {
  FUNCTION(0),
  TABLE(1),
  MEMORY(2),
  GLOBAL(3);

  private final int code;

  ExternKind(int code) {
    this.code = code;
  }

  static ExternKind read(BinaryReader in) {
    int code = in.u8();
    for (ExternKind kind : values()) {
      if (kind.code == code) {
        return kind;
      }
    }
    throw in.error(
        "unsupported kind 0x%02x of import or export (tags are not supported)".formatted(code));
  }

  /** Its code in the binary format. */
  int code() {
    return code;
  }
}
