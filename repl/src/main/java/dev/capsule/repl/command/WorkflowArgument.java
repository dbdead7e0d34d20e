package dev.capsule.repl.command;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/**
 * What makes a run a workflow.
 *
 * @param id the user's name for it
 * @param onChange what follows where the program has changed; null: fail
 * @param durability null: as configured
 */
record WorkflowArgument(String id, @Nullable String onChange, @Nullable String durability) {
  private static final List<String> ON_CHANGE = List.of("fail", "restart", "continue");
  private static final List<String> DURABILITY = List.of("full", "relaxed", "off");

  /** Null: the run is to be none. */
  static @Nullable WorkflowArgument of(ParseResult line) throws UsageException {
    String id = line.matchedOptionValue("--id", (String) null);
    String onChange = choice(line, "--on-change", ON_CHANGE);
    String durability = choice(line, "--durability", DURABILITY);
    if (id == null && (onChange != null || durability != null)) {
      throw new UsageException(
          (onChange != null ? "--on-change" : "--durability")
              + " is about a workflow: name it with --id");
    }
    return id == null ? null : new WorkflowArgument(id, onChange, durability);
  }

  private static @Nullable String choice(ParseResult line, String option, List<String> allowed)
      throws UsageException {
    String said = line.matchedOptionValue(option, (String) null);
    if (said != null && !allowed.contains(said)) {
      throw new UsageException(option + " must be " + String.join(", ", allowed) + ", not " + said);
    }
    return said;
  }

  boolean restarts() {
    return "restart".equals(onChange);
  }
}
