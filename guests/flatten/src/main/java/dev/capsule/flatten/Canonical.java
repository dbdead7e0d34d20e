package dev.capsule.flatten;

import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/** An entry of a component's canonical section: how a function crosses the component's border. */
sealed interface Canonical {
  /** Makes a core function callable from outside; {@code type} is its type at component level. */
  record Lift(int coreFunction, List<Option> options, int type) implements Canonical {}

  /** Makes a function of the component level callable from inside. */
  record Lower(int function, List<Option> options) implements Canonical {}

  /**
   * {@code resource.new}, {@code resource.drop} or {@code resource.rep} ({@code code}) of a type.
   */
  record Resource(int code, int type) implements Canonical {}

  /** An option of a lift or lower; {@code index} is 0 for those that have none. */
  record Option(Kind kind, int index) {
    /** The further ones are of the asynchronous ABI. */
    enum Kind {
      UTF8(0),
      UTF16(1),
      LATIN1_OR_UTF16(2),
      MEMORY(3),
      REALLOC(4),
      POST_RETURN(5);

      private final int code;

      Kind(int code) {
        this.code = code;
      }

      boolean isCoreFunction() {
        return this == REALLOC || this == POST_RETURN;
      }

      boolean hasIndex() {
        return this == MEMORY || isCoreFunction();
      }
    }

    private static Option read(BinaryReader in) {
      int at = in.position();
      int code = in.u8();
      if (code >= Kind.values().length) {
        throw FlattenException.at(at, "unsupported canonical option 0x%02x".formatted(code));
      }
      Kind kind = Kind.values()[code];
      return new Option(kind, kind.hasIndex() ? in.u32() : 0);
    }
  }

  int RESOURCE_NEW = 0x02;
  int RESOURCE_DROP = 0x03;
  int RESOURCE_REP = 0x04;

  static Canonical read(BinaryReader in) {
    int at = in.position();
    int code = in.u8();
    return switch (code) {
      case 0x00 -> {
        in.expect(0, "lift");
        yield new Lift(in.u32(), in.vector(Option::read), in.u32());
      }
      case 0x01 -> {
        in.expect(0, "lower");
        yield new Lower(in.u32(), in.vector(Option::read));
      }
      case RESOURCE_NEW, RESOURCE_DROP, RESOURCE_REP -> new Resource(code, in.u32());
      default ->
          throw FlattenException.at(
              at, "unsupported canonical function 0x%02x (asynchronous guest?)".formatted(code));
    };
  }

  /** The options of a lift or lower. */
  default List<Option> options() {
    return switch (this) {
      case Lift lift -> lift.options;
      case Lower lower -> lower.options;
      case Resource resource -> List.of();
    };
  }

  /** The core functions that the options name. */
  default List<Integer> optionFunctions() {
    return options().stream().filter(o -> o.kind().isCoreFunction()).map(Option::index).toList();
  }

  /** The core memory that the options name. */
  default Optional<Integer> memory() {
    return options().stream()
        .filter(o -> o.kind() == Option.Kind.MEMORY)
        .map(Option::index)
        .findFirst();
  }

  /** Writes it with other core functions, and with core memory 0. */
  default void write(BinaryWriter out, IntUnaryOperator coreFunction) {
    switch (this) {
      case Lift lift -> {
        out.u8(0x00).u8(0x00).u32(coreFunction.applyAsInt(lift.coreFunction));
        writeOptions(out, coreFunction);
        out.u32(lift.type);
      }
      case Lower lower -> {
        out.u8(0x01).u8(0x00).u32(lower.function);
        writeOptions(out, coreFunction);
      }
      case Resource resource -> out.u8(resource.code).u32(resource.type);
    }
  }

  private void writeOptions(BinaryWriter out, IntUnaryOperator coreFunction) {
    out.vector(
        options(),
        (to, option) -> {
          to.u8(option.kind.code);
          if (option.kind.isCoreFunction()) {
            to.u32(coreFunction.applyAsInt(option.index));
          } else if (option.kind.hasIndex()) {
            to.u32(0);
          }
        });
  }
}
