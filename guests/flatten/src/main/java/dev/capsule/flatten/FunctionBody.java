package dev.capsule.flatten;

import org.jspecify.annotations.Nullable;

/** A function's body: its locals, then its instructions. */
final class FunctionBody {
  private FunctionBody() {}

  /** Passes over the locals. */
  static InstructionCursor instructions(Slice body) {
    BinaryReader in = body.reader();
    for (int groups = in.u32(); groups > 0; groups--) {
      in.u32();
      ValueType.read(in);
    }
    return new InstructionCursor(in);
  }

  /** Copies code (a body or a constant expression) and puts new indices in the place of the old. */
  static void rewrite(Slice source, InstructionCursor code, IndexMap indices, BinaryWriter out) {
    int copied = source.start();
    while (code.next()) {
      @Nullable Constant constant =
          code.opcode() == Opcode.GLOBAL_GET ? indices.constant(code.index(0)) : null;
      if (constant != null) {
        source.copyTo(out, copied, code.start());
        constant.write(out);
        copied = code.end();
        continue;
      }
      for (int i = 0; i < code.indexCount(); i++) {
        source.copyTo(out, copied, code.indexStart(i));
        int index = indices.map(code.space(i), code.index(i));
        if (code.isBlock()) {
          out.signed(index);
        } else {
          out.u32(index);
        }
        copied = code.indexEnd(i);
      }
    }
    if (code.end() != source.end()) {
      throw FlattenException.at(code.end(), "code goes on after its end");
    }
    source.copyTo(out, copied, source.end());
  }
}
