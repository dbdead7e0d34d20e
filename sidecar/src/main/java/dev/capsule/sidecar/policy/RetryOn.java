package dev.capsule.sidecar.policy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import dev.capsule.protocol.ErrorType;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The kinds of failures that a task is tried again after. */
final class RetryOn {
  /** Trying again cannot help, or is not wanted. */
  private static final Set<ErrorType> NEVER =
      EnumSet.of(ErrorType.CANCELLED, ErrorType.TASK_NOT_FOUND, ErrorType.INVALID_ARGUMENTS);

  private RetryOn() {}

  static Set<ErrorType> parse(String field, JsonElement value) throws OptionException {
    Set<ErrorType> types = EnumSet.noneOf(ErrorType.class);
    List<String> names = NameLists.strings(field, value, "error types such as \"timeout\"");
    for (int i = 0; i < names.size(); i++) {
      ErrorType type = ErrorType.of(names.get(i));
      if (type == null || NEVER.contains(type)) {
        throw new OptionException(
            field + "[" + i + "]",
            value.getAsJsonArray().get(i).toString(),
            type == null
                ? "is not an error type; " + Names.suggest(names.get(i), known())
                : "is never tried again; leave it out");
      }
      types.add(type);
    }
    return types;
  }

  private static Set<String> known() {
    Set<String> names = new LinkedHashSet<>();
    for (ErrorType type : ErrorType.values()) {
      if (!NEVER.contains(type)) {
        names.add(type.wireName());
      }
    }
    return names;
  }

  static JsonArray show(Set<ErrorType> types) {
    JsonArray names = new JsonArray();
    types.forEach(type -> names.add(type.wireName()));
    return names;
  }
}
