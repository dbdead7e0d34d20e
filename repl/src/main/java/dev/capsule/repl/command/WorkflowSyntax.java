package dev.capsule.repl.command;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What the commands about workflows accept, and their help. */
final class WorkflowSyntax {
  private WorkflowSyntax() {}

  static CommandSpec runs() {
    CommandSpec spec =
        CommandSpec.create()
            .name("runs")
            .addPositional(id("0..1", "The workflow whose steps are shown; without it, all are."))
            .addOption(Syntax.flag("Only those that failed.", "--failed"))
            .addOption(
                OptionSpec.builder("--limit")
                    .paramLabel("N")
                    .arity("1")
                    .type(Integer.class)
                    .description("How many at most (default: 100).")
                    .build())
            .addOption(Syntax.flag("Prints them as JSON.", "--json"));
    spec.usageMessage()
        .header("Shows the workflows of a project, or the steps of one.")
        .description(
            "Workflows are runs with a name: `capsule run --id ID`, and `workflow(...)` in programs."
                + " Those that changed last come first.");
    return store(spec);
  }

  static CommandSpec resume() {
    CommandSpec spec =
        CommandSpec.create().name("resume").addPositional(id("1", "The workflow to go on with."));
    spec.usageMessage()
        .header("Goes on with a workflow that was interrupted, cancelled or failed.")
        .description(
            "Runs the command that began it, in the folder where it was begun. Steps that are done"
                + " are not done again.");
    return store(spec);
  }

  static CommandSpec cancel() {
    CommandSpec spec =
        CommandSpec.create().name("cancel").addPositional(ids("1..*", "What to stop."));
    spec.usageMessage()
        .header("Stops workflows, wherever they run.")
        .description("`capsule resume ID` lets one go on again.");
    return store(spec);
  }

  static CommandSpec remove() {
    CommandSpec spec =
        CommandSpec.create()
            .name("rm")
            .addPositional(ids("0..*", "What to remove."))
            .addOption(
                Syntax.value(
                    "AGE",
                    "All that have not changed for so long, whatever became of them: 12h, 30d.",
                    "--older-than"))
            .addOption(Syntax.flag("With --older-than: only those that failed.", "--failed"));
    spec.usageMessage()
        .header("Removes what is written down of workflows.")
        .description(
            "One that runs stays. Run again with its ID, a removed one starts from the beginning.");
    return store(spec);
  }

  private static CommandSpec store(CommandSpec spec) {
    return spec.addOption(
            Syntax.value("FOLDER", "The folder of the program (default: this one).", "--folder"))
        .addOption(Syntax.config())
        .addOption(Syntax.flag("Looks for no capsule.toml.", "--no-config"))
        .addOption(Syntax.debug())
        .addOption(Syntax.help());
  }

  private static PositionalParamSpec id(String arity, String description) {
    return PositionalParamSpec.builder()
        .index("0")
        .arity(arity)
        .paramLabel("ID")
        .type(String.class)
        .description(description)
        .build();
  }

  private static PositionalParamSpec ids(String arity, String description) {
    return PositionalParamSpec.builder()
        .index("0..*")
        .arity(arity)
        .paramLabel("ID")
        .type(List.class)
        .auxiliaryTypes(String.class)
        .description(description)
        .build();
  }
}
