package dev.capsule.sidecar.task;

import com.google.gson.JsonPrimitive;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The functions that the client runs for one of its runs, and for all that this one calls.
 *
 * @param root id of the run that the client has asked for
 * @param offered their names
 */
record ClientTools(String root, Set<String> offered, ToolCaller caller) {
  private static final int MOST = 1_000;
  private static final int LONGEST_NAME = 200;

  ClientTools {
    offered = Set.copyOf(offered);
  }

  /**
   * Takes the names as a client gives them.
   *
   * @throws RequestException if they cannot be names of tools
   */
  static ClientTools of(String root, @Nullable List<String> names, ToolCaller caller) {
    if (names == null) {
      return new ClientTools(root, Set.of(), caller);
    }
    if (names.size() > MOST) {
      throw RequestException.invalid("tools", null, "must be at most " + MOST + " names");
    }
    Set<String> offered = new LinkedHashSet<>();
    for (int i = 0; i < names.size(); i++) {
      @Nullable String name = names.get(i);
      if (name == null || name.isEmpty() || name.length() > LONGEST_NAME) {
        throw RequestException.invalid(
            "tools[" + i + "]",
            name == null ? "null" : new JsonPrimitive(name).toString(),
            "must be the name of a tool, of 1 to " + LONGEST_NAME + " characters");
      }
      offered.add(name);
    }
    return new ClientTools(root, offered, caller);
  }
}
