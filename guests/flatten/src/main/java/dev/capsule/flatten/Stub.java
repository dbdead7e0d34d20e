package dev.capsule.flatten;

import org.jspecify.annotations.Nullable;

/**
 * A function that does nothing but pass its parameters on to whatever is in a slot of a table.
 *
 * @param table the table's index in the stub's module
 */
record Stub(int slot, int table) {
  /** The stub that a module's function (index among its definitions) is, or null. */
  static @Nullable Stub of(CoreModule module, int function) {
    FunctionType type = module.typeOfDefined(function);
    BinaryReader body = Checked.get(module.bodies(), function, "function body").reader();
    if (body.u32() != 0) { // locals
      return null;
    }
    InstructionCursor code = new InstructionCursor(body);
    for (int parameter = 0; parameter < type.parameters().size(); parameter++) {
      if (!code.next() || code.opcode() != Opcode.LOCAL_GET || code.immediate() != parameter) {
        return null;
      }
    }
    if (!code.next() || code.opcode() != Opcode.I32_CONST) {
      return null;
    }
    int slot = (int) code.immediate();
    if (!code.next()
        || code.opcode() != Opcode.CALL_INDIRECT
        || !module.type(code.index(0)).equals(type)) {
      return null;
    }
    int table = code.index(1);
    return code.next() && code.opcode() == Opcode.END && !code.next()
        ? new Stub(slot, table)
        : null;
  }
}
