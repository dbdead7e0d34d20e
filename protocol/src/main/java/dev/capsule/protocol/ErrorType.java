package dev.capsule.protocol;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code error.type} of an envelope may be; on the wire in lower case. */
public enum ErrorType {
  TIMEOUT,
  OUT_OF_FUEL,
  OUT_OF_MEMORY,
  STACK_OVERFLOW,
  EXIT,
  TASK_ERROR,
  INVALID_ARGUMENTS,
  INVALID_RESULT,
  POLICY_DENIED,
  TASK_NOT_FOUND,
  SOURCE_ERROR,
  CANCELLED,
  OVERLOADED,
  WORKER_LOST,
  INTERNAL;

  private static final Map<String, ErrorType> BY_WIRE_NAME = new HashMap<>();

  static {
    for (ErrorType type : values()) {
      BY_WIRE_NAME.put(type.wireName, type);
    }
  }

  private final String wireName = name().toLowerCase(Locale.ROOT);

  public String wireName() {
    return wireName;
  }

  /** The type of that name on the wire, or null. */
  public static @Nullable ErrorType of(String wireName) {
    return BY_WIRE_NAME.get(wireName);
  }
}
