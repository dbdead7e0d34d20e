package dev.capsule.flatten;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What the guard does about one import: what is charged before the call, and how many handles are
 * counted after it. See {@code guards.txt}.
 *
 * @param type the import's type
 */
record GuardRule(FunctionType type, List<Effect> effects) {

  /** Something that the guard does. */
  sealed interface Effect {
    /** Charges so many bytes. */
    record Charge(long bytes) implements Effect {}

    /** Charges as many bytes as a parameter says. */
    record ChargeParameter(int parameter) implements Effect {}

    /** Charges as many bytes as a parameter says, unless the stream is the console's. */
    record ChargeWrite(int parameter) implements Effect {}

    /**
     * Charges for the whole blocks in which a parameter's number of bytes lie, from an offset on.
     */
    record ChargeBlocks(int parameter, int offset) implements Effect {}

    /** Charges for a block if a parameter, an offset, is not 0. */
    record ChargeSeek(int parameter) implements Effect {}

    /** Charges for a file if the flags in a parameter say that it may be created. */
    record ChargeCreate(int parameter) implements Effect {}

    /** Does not call it, and writes an error of a kind in its stead. */
    record Refuse(int error) implements Effect {}

    /**
     * Asks the host about a path, which begins in a parameter; if it may not be used, writes an
     * error in the call's stead, to a place in the result.
     */
    record Path(int parameter, int error) implements Effect {}

    /** Tells the host what was opened, or could not be. */
    record Opened() implements Effect {}

    /** Tells the host of a file's new stream. */
    record Streamed() implements Effect {}

    /** Tells the host how many bytes the list in memory has, which were read. */
    record Read() implements Effect {}

    /** Tells the host that as many bytes as a parameter says were written. */
    record Wrote(int parameter) implements Effect {}

    /** Tells the host how many bytes were written: the number in the result, at an offset. */
    record WroteSome(int offset) implements Effect {}

    /** Tells the host that a handle is given back. */
    record Closed() implements Effect {}

    /** Tells the host of the folders in the list in memory. */
    record Folders() implements Effect {}

    /** The result is a handle. */
    record Handle(boolean console) implements Effect {}

    /** So many handles if the result in memory is ok. */
    record HandlesIfOk(int count) implements Effect {}

    /** A handle if the option in memory has one. */
    record HandleIfSome() implements Effect {}

    /** As many handles as the list in memory has items. */
    record HandleList() implements Effect {}

    /** A handle if the result in memory is an error of kind 0; {@code offset} is where that is. */
    record HandleOfError(int offset) implements Effect {}

    /** Gives handles back. */
    record Drop(int count, boolean stream) implements Effect {}
  }

  GuardRule {
    effects = List.copyOf(effects);
  }

  /** What its guard calls, besides the functions that count. */
  Set<HostFunction> asks() {
    Set<HostFunction> asked = EnumSet.noneOf(HostFunction.class);
    for (Effect effect : effects) {
      switch (effect) {
        case Effect.Path _ -> asked.add(HostFunction.MAY_USE);
        case Effect.Opened _ -> asked.add(HostFunction.OPENED);
        case Effect.Folders _ -> asked.add(HostFunction.GRANTED);
        case Effect.Streamed _ -> asked.add(HostFunction.STREAMED);
        case Effect.Read _, Effect.Wrote _, Effect.WroteSome _ -> asked.add(HostFunction.MOVED);
        case Effect.Closed _ -> asked.add(HostFunction.CLOSED);
        default -> {}
      }
    }
    return asked;
  }

  /** Reads the third and further columns of a line of the table. */
  static GuardRule parse(List<String> columns) {
    List<Effect> effects = new ArrayList<>();
    for (String text : columns.subList(1, columns.size())) {
      if (!text.equals("-")) {
        effects.add(effect(text));
      }
    }
    return new GuardRule(type(columns.getFirst()), effects);
  }

  private static Effect effect(String text) {
    String name = text.split("[=#*@]", 2)[0];
    String rest = text.substring(Math.min(text.length(), name.length() + 1));
    return switch (name) {
      case "charge" ->
          text.contains("=")
              ? new Effect.Charge(Long.parseLong(rest))
              : new Effect.ChargeParameter(Integer.parseInt(rest));
      case "blocks" -> {
        String[] parameters = rest.split("@", 2);
        yield new Effect.ChargeBlocks(
            Integer.parseInt(parameters[0]), Integer.parseInt(parameters[1]));
      }
      case "seek" -> new Effect.ChargeSeek(Integer.parseInt(rest));
      case "refuse" -> new Effect.Refuse(Integer.parseInt(rest));
      case "write" -> new Effect.ChargeWrite(Integer.parseInt(rest));
      case "create" -> new Effect.ChargeCreate(Integer.parseInt(rest));
      case "path" -> {
        String[] places = rest.split("@", 2);
        yield new Effect.Path(Integer.parseInt(places[0]), Integer.parseInt(places[1]));
      }
      case "opened" -> new Effect.Opened();
      case "folders" -> new Effect.Folders();
      case "stream" -> new Effect.Streamed();
      case "read" -> new Effect.Read();
      case "wrote" ->
          text.contains("#")
              ? new Effect.Wrote(Integer.parseInt(rest))
              : new Effect.WroteSome(Integer.parseInt(rest));
      case "closed" -> new Effect.Closed();
      case "handle" -> new Effect.Handle(false);
      case "console" -> new Effect.Handle(true);
      case "ok" -> new Effect.HandlesIfOk(Integer.parseInt(rest));
      case "some" -> new Effect.HandleIfSome();
      case "list" -> new Effect.HandleList();
      case "error" -> new Effect.HandleOfError(Integer.parseInt(rest));
      case "drop" -> new Effect.Drop(Integer.parseInt(rest), false);
      case "drop-stream" -> new Effect.Drop(1, true);
      default -> throw new IllegalStateException("no effect of a guard: " + text);
    };
  }

  private static FunctionType type(String text) {
    int arrow = text.indexOf('>');
    String parameters = arrow < 0 ? text : text.substring(0, arrow);
    String results = arrow < 0 ? "" : text.substring(arrow + 1);
    return new FunctionType(valueTypes(parameters), valueTypes(results));
  }

  private static List<Integer> valueTypes(String letters) {
    return letters.chars().map(c -> c == 'l' ? ValueType.I64 : ValueType.I32).boxed().toList();
  }
}
