package dev.capsule.flatten;

/** A known integer; {@code valueType} is the code of i32 or i64. */
record Constant(int valueType, long value) {
  static Constant i32(int value) {
    return new Constant(ValueType.I32, value);
  }

  /** Writes the instruction that has this value. */
  void write(BinaryWriter out) {
    out.u8(valueType == ValueType.I64 ? Opcode.I64_CONST : Opcode.I32_CONST).signed(value);
  }

  /** Writes a constant expression that has this value. */
  void writeExpression(BinaryWriter out) {
    write(out);
    out.u8(Opcode.END);
  }
}
