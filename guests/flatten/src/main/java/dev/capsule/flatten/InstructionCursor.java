package dev.capsule.flatten;

import java.util.List;

/**
 * Steps through the instructions of a function body or of a constant expression. After {@link
 * #next} it tells the instruction's code and place, and the value and place of each index in it.
 * Nothing is allocated on the way, since a guest has some ten million instructions.
 */
final class InstructionCursor {
  /** No instruction has more than two indices. */
  private static final int MAX_INDICES = 2;

  private static final int EMPTY_BLOCK = 0x40;
  private static final int MEMORY_INDEX_FOLLOWS = 0x40;

  private final BinaryReader in;
  private final IndexSpace[] spaces = new IndexSpace[MAX_INDICES];
  private final int[] indices = new int[MAX_INDICES];
  private final int[] starts = new int[MAX_INDICES];
  private final int[] ends = new int[MAX_INDICES];
  private int indexCount;
  private int opcode;
  private int start;
  private long immediate;

  /** Blocks that are open, the code itself among them. */
  private int depth = 1;

  InstructionCursor(BinaryReader in) {
    this.in = in;
    this.start = in.position();
  }

  /** Goes to the next instruction; false after the {@code end} of the whole code. */
  boolean next() {
    if (depth == 0) {
      return false;
    }
    start = in.position();
    indexCount = 0;
    immediate = 0;
    opcode = Opcode.read(in);
    List<Operand> operands = Opcode.operands(opcode);
    if (operands == null) {
      throw FlattenException.at(start, "unknown instruction " + Opcode.describe(opcode));
    }
    for (int i = 0; i < operands.size(); i++) {
      read(operands.get(i));
    }
    if (isBlock()) {
      depth++;
    } else if (opcode == Opcode.END) {
      depth--;
    }
    return true;
  }

  int opcode() {
    return opcode;
  }

  /** Where the instruction begins, in bytes from the beginning of the file. */
  int start() {
    return start;
  }

  /** Where it ends. */
  int end() {
    return in.position();
  }

  /** The number of the local, or the value of the constant, of an instruction that has one. */
  long immediate() {
    return immediate;
  }

  /** How many indices the instruction has. */
  int indexCount() {
    return indexCount;
  }

  IndexSpace space(int i) {
    return spaces[i];
  }

  int index(int i) {
    return indices[i];
  }

  /** Where the bytes of an index begin. */
  int indexStart(int i) {
    return starts[i];
  }

  /** Where they end. */
  int indexEnd(int i) {
    return ends[i];
  }

  /** True for the index of a block's type, which alone among indices is a signed number. */
  boolean isBlock() {
    return opcode >= 0x02 && opcode <= 0x04;
  }

  private void read(Operand operand) {
    switch (operand) {
      case FUNCTION -> index(IndexSpace.FUNCTION);
      case TABLE -> index(IndexSpace.TABLE);
      case MEMORY -> index(IndexSpace.MEMORY);
      case GLOBAL -> index(IndexSpace.GLOBAL);
      case TYPE -> index(IndexSpace.TYPE);
      case ELEMENT -> index(IndexSpace.ELEMENT);
      case DATA -> index(IndexSpace.DATA);
      case LOCAL -> immediate = in.u32();
      case LABEL -> in.u32();
      case LABELS -> {
        for (int labels = in.u32(); labels >= 0; labels--) {
          in.u32();
        }
      }
      case BLOCK_TYPE -> blockType();
      case MEMORY_ACCESS -> {
        if ((in.u32() & MEMORY_INDEX_FOLLOWS) != 0) {
          index(IndexSpace.MEMORY);
        }
        in.skipNumber(64);
      }
      case I32 -> immediate = in.signed(32);
      case I64 -> immediate = in.signed(64);
      case F32 -> in.skip(4);
      case F64 -> in.skip(8);
      case V128 -> in.skip(16);
      case LANE -> in.skip(1);
      case VALUE_TYPES -> in.vector(ValueType::read);
      case REFERENCE_TYPE -> ValueType.readReference(in);
      case ZERO -> in.expect(0, "fence");
    }
  }

  private void index(IndexSpace space) {
    int from = in.position();
    add(space, in.u32(), from);
  }

  private void blockType() {
    int from = in.position();
    long type = in.signed(33);
    if (type >= 0) {
      add(IndexSpace.TYPE, (int) Math.min(type, Integer.MAX_VALUE), from);
    } else if (type < -64 || !isBlockResult((int) (type & 0x7F))) {
      throw FlattenException.at(from, "unsupported block type");
    }
  }

  private static boolean isBlockResult(int code) {
    return code == EMPTY_BLOCK || ValueType.isKnown(code);
  }

  private void add(IndexSpace space, int index, int from) {
    spaces[indexCount] = space;
    indices[indexCount] = index;
    starts[indexCount] = from;
    ends[indexCount] = in.position();
    indexCount++;
  }
}
