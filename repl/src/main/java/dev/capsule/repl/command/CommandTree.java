package dev.capsule.repl.command;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What can be typed, and the help. Built by calls rather than annotations, whose reading by
 * reflection would take longer than everything else that happens before a task runs.
 */
public final class CommandTree {
  private CommandTree() {}

  public static CommandLine create(String version) {
    CommandSpec root =
        CommandSpec.create()
            .name("capsule")
            .version("capsule " + version)
            .addOption(
                flag("Prints the version.", "-V", "--version").toBuilder()
                    .versionHelp(true)
                    .build())
            .addOption(help())
            .addSubcommand("run", run())
            .addSubcommand("doctor", doctor())
            .addSubcommand("sidecar", sidecar())
            .addSubcommand("build", build())
            .addSubcommand("help", new CommandLine(helpCommand()));
    root.usageMessage()
        .description("Runs Python tasks, each in a WebAssembly sandbox of its own.")
        .footer(
            "",
            "Examples:",
            "  capsule run hello.py                     run the task main of a file",
            "  capsule run agent.py --task search cats  run another task, with an argument",
            "  capsule run hello.py --json              print the whole envelope, for programs",
            "  capsule doctor                           check that everything is in place",
            "",
            "Exit status: 0 success, 1 the task failed, 2 wrong usage or configuration,",
            "3 Capsule itself failed, 130 interrupted.",
            "`capsule help COMMAND` tells more about a command.");
    return configured(new CommandLine(root));
  }

  private static CommandLine configured(CommandLine line) {
    line.setUsageHelpAutoWidth(false);
    line.setUsageHelpWidth(96);
    return line;
  }

  private static CommandLine run() {
    CommandSpec spec =
        CommandSpec.create()
            .name("run")
            .addPositional(
                PositionalParamSpec.builder()
                    .index("0")
                    .paramLabel("FILE")
                    .required(true)
                    .type(String.class)
                    .description("The Python file that holds the task.")
                    .build())
            .addPositional(
                PositionalParamSpec.builder()
                    .index("1..*")
                    .arity("0..*")
                    .paramLabel("ARGS")
                    .type(List.class)
                    .auxiliaryTypes(String.class)
                    .description(
                        "Arguments of the task, passed as strings. Those that begin with - go after --.")
                    .build())
            .addOption(
                value(
                    "NAME",
                    "The task to run (default: main, the only task, or the function main).",
                    "--task"))
            .addOption(
                value("ARRAY", "The arguments as a JSON array, in place of ARGS.", "--args-json"))
            .addOption(value("OBJECT", "Named arguments as a JSON object.", "--kwargs-json"))
            .addOption(
                OptionSpec.builder("--mount")
                    .paramLabel("HOST[::GUEST][:ro|:rw]")
                    .arity("1")
                    .type(List.class)
                    .auxiliaryTypes(String.class)
                    .description(
                        "A folder that the task may use, read-write unless :ro. May be repeated.")
                    .build())
            .addOption(
                value("DURATION", "Longest time of an attempt: 500ms, 30s, 5m.", "--timeout"))
            .addOption(value("SIZE", "Memory: 512MB, 1.5GiB.", "--ram"))
            .addOption(
                value(
                    "LEVEL",
                    "LOW, MEDIUM or HIGH, or a number of units of work (fuel).",
                    "--compute"))
            .addOption(
                OptionSpec.builder("--max-retries")
                    .paramLabel("N")
                    .arity("1")
                    .type(Integer.class)
                    .description("How often a failed task is tried again.")
                    .build())
            .addOption(
                flag(
                    "Prints one JSON envelope on standard output; what the task prints goes to"
                        + " standard error.",
                    "--json"))
            .addOption(debug())
            .addOption(help());
    spec.usageMessage()
        .header("Runs a task of a Python file in a fresh sandbox.")
        .description("Limits given here win over those of the file.")
        .footer(
            "",
            "Examples:",
            "  capsule run hello.py Ada",
            "  capsule run report.py --mount ./data:ro --mount ./out --timeout 1m",
            "  capsule run add.py --args-json '[1, 2]' --json",
            "  capsule run shift.py -- -5");
    return configured(new CommandLine(spec));
  }

  private static CommandLine doctor() {
    CommandSpec spec = CommandSpec.create().name("doctor").addOption(debug()).addOption(help());
    spec.usageMessage()
        .header("Checks that Capsule works here.")
        .description("Looks at each part, runs a task, and says what to do about what is wrong.");
    return configured(new CommandLine(spec));
  }

  /** The launcher carries these two out; they are here for the help and for suggestions. */
  private static CommandLine sidecar() {
    CommandSpec spec = CommandSpec.create().name("sidecar").addOption(help());
    spec.usageMessage()
        .header("The server that SDKs start: JSON-RPC on standard input and output.");
    return configured(new CommandLine(spec));
  }

  private static CommandLine build() {
    CommandSpec spec = CommandSpec.create().name("build").addOption(help());
    spec.usageMessage()
        .header("Builds what is missing or stale, as the other commands do by themselves.");
    return configured(new CommandLine(spec));
  }

  private static CommandSpec helpCommand() {
    CommandSpec spec =
        CommandSpec.create()
            .name("help")
            .addPositional(
                PositionalParamSpec.builder()
                    .index("0")
                    .arity("0..1")
                    .paramLabel("COMMAND")
                    .type(String.class)
                    .description("The command to tell about.")
                    .build());
    spec.usageMessage().header("Shows this help, or that of a command.");
    return spec;
  }

  private static OptionSpec help() {
    return flag("Shows this help.", "-h", "--help").toBuilder().usageHelp(true).build();
  }

  private static OptionSpec debug() {
    return flag("Shows the sidecar's log and Java's stack traces.", "--debug");
  }

  private static OptionSpec flag(String description, String... names) {
    return OptionSpec.builder(names).description(description).type(boolean.class).build();
  }

  private static OptionSpec value(String label, String description, String name) {
    return OptionSpec.builder(name)
        .paramLabel(label)
        .arity("1")
        .type(String.class)
        .description(description)
        .build();
  }
}
