package dev.capsule.flatten;

import dev.capsule.flatten.CoreModule.Global;
import dev.capsule.flatten.Entity.Defined;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Works out constant expressions and globals that hold integers. The shared-library modules are
 * full of globals that are imported, never written, and known: where a library's data lies, where
 * its part of the table begins, the addresses of other libraries' symbols.
 *
 * <p>With no written globals it gives values as they are at instantiation, when no code has run
 * yet: there are no start functions.
 */
final class Constants {
  private final InstanceGraph graph;
  private final Set<Defined> written;

  /** Globals in {@code written} have no known value. */
  Constants(InstanceGraph graph, Set<Defined> written) {
    this.graph = graph;
    this.written = written;
  }

  static Constants atInstantiation(InstanceGraph graph) {
    return new Constants(graph, Set.of());
  }

  /** The value that a global always has, if that is known. */
  OptionalLong global(Entity entity) {
    if (!(entity instanceof Defined global) || written.contains(global)) {
      return OptionalLong.empty();
    }
    Global definition = definition(global);
    int type = definition.valueType();
    if (type != ValueType.I32 && type != ValueType.I64) {
      return OptionalLong.empty();
    }
    return value(global.instance(), definition.value(), global.index());
  }

  Global definition(Defined global) {
    return graph.module(global.instance()).globals().get(global.index());
  }

  /** The value of a constant expression of a segment, which must be known. */
  int offset(int instance, Slice expression) {
    OptionalLong value = value(instance, expression, Integer.MAX_VALUE);
    if (value.isEmpty()) {
      throw new FlattenException(
          "offset of a segment in core instance %d is not constant".formatted(instance));
    }
    return (int) value.getAsLong();
  }

  /**
   * Globals of the instance itself must come before {@code limit}, else they could go in circles.
   */
  private OptionalLong value(int instance, Slice expression, int limit) {
    Deque<Long> stack = new ArrayDeque<>();
    InstructionCursor code = new InstructionCursor(expression.reader());
    while (code.next()) {
      switch (code.opcode()) {
        case Opcode.I32_CONST, Opcode.I64_CONST -> stack.push(code.immediate());
        case Opcode.I32_ADD, Opcode.I32_SUB -> {
          int right = (int) pop(stack);
          int left = (int) pop(stack);
          stack.push((long) (code.opcode() == Opcode.I32_ADD ? left + right : left - right));
        }
        case Opcode.GLOBAL_GET -> {
          Entity entity = graph.local(instance, ExternKind.GLOBAL, code.index(0));
          if (entity instanceof Defined global
              && global.instance() == instance
              && global.index() >= limit) {
            throw new FlattenException("a global's value is that of a later global");
          }
          OptionalLong value = global(entity);
          if (value.isEmpty()) {
            return value;
          }
          stack.push(value.getAsLong());
        }
        case Opcode.END -> {}
        default -> {
          return OptionalLong.empty();
        }
      }
    }
    return OptionalLong.of(pop(stack));
  }

  private static long pop(Deque<Long> stack) {
    if (stack.isEmpty()) {
      throw new FlattenException("malformed constant expression");
    }
    return stack.pop();
  }
}
