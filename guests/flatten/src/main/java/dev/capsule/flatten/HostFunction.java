package dev.capsule.flatten;

import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** What guards call: functions of the interface {@code host} of guests/wit. */
enum HostFunction {
  CHARGE,
  RESERVE_HANDLES,
  /** Takes where a path begins and its length; returns 0 if it may not be used. */
  MAY_USE,
  /** Takes a handle, and which of the granted folders it is. */
  GRANTED,
  /** Takes a folder, where a path begins and its length, flags, whether it failed, and a value. */
  OPENED,
  /** Takes a file and its new stream. */
  STREAMED,
  /** Takes a file or stream, whether it was written to, and how many bytes. */
  MOVED,
  /** Takes a handle. */
  CLOSED;

  String importName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  FunctionType type() {
    return switch (this) {
      case CHARGE -> new FunctionType(List.of(ValueType.I64), List.of());
      case RESERVE_HANDLES -> new FunctionType(numbers(1), List.of());
      case MAY_USE -> new FunctionType(numbers(2), numbers(1));
      case GRANTED -> new FunctionType(numbers(2), List.of());
      case OPENED -> new FunctionType(numbers(6), List.of());
      case STREAMED -> new FunctionType(numbers(2), List.of());
      case MOVED ->
          new FunctionType(List.of(ValueType.I32, ValueType.I32, ValueType.I64), List.of());
      case CLOSED -> new FunctionType(numbers(1), List.of());
    };
  }

  private static List<Integer> numbers(int count) {
    return Collections.nCopies(count, ValueType.I32);
  }
}
