package dev.capsule.flatten;

import java.util.List;
import java.util.Objects;

/**
 * A call of a function that is guarded, and what WASI answers to it.
 *
 * @param parameters numbers; those that end in {@code l} are 64 bits wide, and {@code @} is where
 *     the answer is written to
 * @param answer a result, {@code >7}, or bytes by their places in what is written: {@code 0:1 4:0}
 */
record GuardedCall(
    String interfaceName, String name, List<String> parameters, List<String> answer) {
  /** Where answers are written to. */
  static final int RESULT = 64;

  GuardedCall {
    parameters = List.copyOf(parameters);
    answer = List.copyOf(answer);
  }

  /** From texts whose words are the lists; {@code -} is none. */
  static GuardedCall of(String interfaceName, String name, String parameters, String answer) {
    return new GuardedCall(interfaceName, name, words(parameters), words(answer));
  }

  private static List<String> words(String text) {
    return text.equals("-") ? List.of() : List.of(text.split(" ", -1));
  }

  /** What the table says about it. Fails if that is nothing, or is about another type. */
  GuardRule rule() {
    ImportName imported = new ImportName(interfaceName + "@0.2.9", name);
    return Objects.requireNonNull(
        GuardTable.read().rule(imported, type()), imported + " is not guarded");
  }

  private FunctionType type() {
    return new FunctionType(
        parameters.stream().map(p -> p.endsWith("l") ? ValueType.I64 : ValueType.I32).toList(),
        returns() ? List.of(ValueType.I32) : List.of());
  }

  private boolean returns() {
    return !answer.isEmpty() && answer.getFirst().startsWith(">");
  }

  private String typeText() {
    StringBuilder text = new StringBuilder("(param");
    type().parameters().forEach(type -> text.append(type == ValueType.I64 ? " i64" : " i32"));
    return text.append(returns() ? ") (result i32)" : ")").toString();
  }

  /** The function that stands for WASI's. */
  String wasi(int number) {
    StringBuilder body = new StringBuilder("(call $does)");
    if (returns()) {
      body.append(" (i32.const ").append(answer.getFirst().substring(1)).append(')');
    } else {
      for (String each : answer) {
        String[] parts = each.split(":", 2);
        body.append(
            " (i32.store8 (i32.const %d) (i32.const %s))"
                .formatted(RESULT + Integer.parseInt(parts[0]), parts[1]));
      }
    }
    return "(func (export \"import%d\") %s %s)\n".formatted(number, typeText(), body);
  }

  String guestImport(int number) {
    return "(import \"guards\" \"guard%d\" (func $guard%<d %s))\n".formatted(number, typeText());
  }

  /** The function that makes the call. */
  String guest(int number) {
    StringBuilder call = new StringBuilder("(call $guard" + number);
    for (String each : parameters) {
      call.append(
          each.endsWith("l")
              ? " (i64.const %s)".formatted(each.substring(0, each.length() - 1))
              : " (i32.const %s)".formatted(each.equals("@") ? RESULT : each));
    }
    return "(func (export \"call%d\") %s)%s)\n".formatted(number, call, returns() ? " drop" : "");
  }

  static String export(int number) {
    return "(func (export \"call%d\") (canon lift (core func $guest \"call%<d\")))\n"
        .formatted(number);
  }
}
