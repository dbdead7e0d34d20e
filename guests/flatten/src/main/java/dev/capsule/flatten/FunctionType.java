package dev.capsule.flatten;

import java.util.List;

/** The type of a core function: the codes of its parameters' and results' types. */
record FunctionType(List<Integer> parameters, List<Integer> results) {
  private static final int CODE = 0x60;

  FunctionType {
    parameters = List.copyOf(parameters);
    results = List.copyOf(results);
  }

  static FunctionType read(BinaryReader in) {
    in.expect(CODE, "type: only plain function types are supported");
    return new FunctionType(in.vector(ValueType::read), in.vector(ValueType::read));
  }

  void write(BinaryWriter out) {
    out.u8(CODE).vector(parameters, BinaryWriter::u8).vector(results, BinaryWriter::u8);
  }
}
