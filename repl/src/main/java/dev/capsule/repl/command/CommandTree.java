package dev.capsule.repl.command;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
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
                Syntax.flag("Prints the version.", "-V", "--version").toBuilder()
                    .versionHelp(true)
                    .build())
            .addOption(Syntax.help())
            .addSubcommand("run", run())
            .addSubcommand("init", init())
            .addSubcommand("config", config())
            .addSubcommand("runs", configured(new CommandLine(WorkflowSyntax.runs())))
            .addSubcommand("resume", configured(new CommandLine(WorkflowSyntax.resume())))
            .addSubcommand("cancel", configured(new CommandLine(WorkflowSyntax.cancel())))
            .addSubcommand("rm", configured(new CommandLine(WorkflowSyntax.remove())))
            .addSubcommand("trace", TraceSyntax.create())
            .addSubcommand("repl", ReplSyntax.create())
            .addSubcommand("mcp", McpSyntax.create())
            .addSubcommand("doctor", doctor())
            .addSubcommand("sidecar", sidecar())
            .addSubcommand("build", build())
            .addSubcommand("help", new CommandLine(helpCommand()));
    root.usageMessage()
        .description("Runs Python and TypeScript tasks, each in a WebAssembly sandbox of its own.")
        .footer(
            "",
            "Examples:",
            "  capsule run hello.py                     run the task main of a file",
            "  capsule run agent.py --task search cats  run another task, with an argument",
            "  capsule run hello.py --json              print the whole envelope, for programs",
            "  capsule run hello.ts                     the same in TypeScript, or JavaScript",
            "  capsule run agent.py --id job-42         run it so that it can be resumed",
            "  capsule runs                             show what was run so, and how it ended",
            "  capsule init                             begin a project: capsule.toml and main.py",
            "  capsule config agent.py                  show each task's settings and their origin",
            "  capsule trace ls                         show what ran; then: capsule trace show ID",
            "  capsule repl                             type code, cell by cell, into a sandbox",
            "  capsule mcp                              offer the tasks to assistants, as tools",
            "  capsule doctor                           check that everything is in place",
            "",
            "Exit status: 0 success, 1 the task failed, 2 wrong usage or configuration,",
            "3 Capsule itself failed, 130 interrupted.",
            "`capsule help COMMAND` tells more about a command.");
    return configured(new CommandLine(root));
  }

  static CommandLine configured(CommandLine line) {
    line.setUsageHelpAutoWidth(false);
    line.setUsageHelpWidth(96);
    return line;
  }

  private static CommandLine run() {
    return configured(new CommandLine(RunSyntax.create()));
  }

  private static CommandLine init() {
    CommandSpec spec =
        CommandSpec.create()
            .name("init")
            .addPositional(
                word("FOLDER", "Where to begin (default: here). It is made if it is not there."))
            .addOption(Syntax.flag("Replaces a capsule.toml that is there.", "--force"))
            .addOption(
                Syntax.value(
                    "LANGUAGE",
                    "Of the first program: python or typescript (default: typescript in a folder"
                        + " with a package.json, else python).",
                    "--language"))
            .addOption(Syntax.help());
    spec.usageMessage()
        .header("Writes a capsule.toml in which every setting is explained.")
        .description(
            "In a folder without a program it writes a small one, main.py or main.ts, too.");
    return configured(new CommandLine(spec));
  }

  private static CommandLine config() {
    CommandSpec spec =
        CommandSpec.create()
            .name("config")
            .addPositional(word("FILE", "A program whose tasks are shown too."))
            .addOption(Syntax.config())
            .addOption(Syntax.flag("Looks for no capsule.toml.", "--no-config"))
            .addOption(Syntax.flag("Prints them as JSON.", "--json"))
            .addOption(Syntax.debug())
            .addOption(Syntax.help());
    spec.usageMessage().header("Shows the effective settings and where each was written.");
    return configured(new CommandLine(spec));
  }

  private static PositionalParamSpec word(String label, String description) {
    return PositionalParamSpec.builder()
        .index("0")
        .arity("0..1")
        .paramLabel(label)
        .type(String.class)
        .description(description)
        .build();
  }

  private static CommandLine doctor() {
    CommandSpec spec =
        CommandSpec.create().name("doctor").addOption(Syntax.debug()).addOption(Syntax.help());
    spec.usageMessage()
        .header("Checks that Capsule works here.")
        .description("Looks at each part, runs a task, and says what to do about what is wrong.");
    return configured(new CommandLine(spec));
  }

  /** The launcher carries these two out; they are here for the help and for suggestions. */
  private static CommandLine sidecar() {
    CommandSpec spec = CommandSpec.create().name("sidecar").addOption(Syntax.help());
    spec.usageMessage()
        .header("The server that SDKs start: JSON-RPC on standard input and output.");
    return configured(new CommandLine(spec));
  }

  private static CommandLine build() {
    CommandSpec spec = CommandSpec.create().name("build").addOption(Syntax.help());
    spec.usageMessage()
        .header("Builds what is missing or stale, as the other commands do by themselves.");
    return configured(new CommandLine(spec));
  }

  private static CommandSpec helpCommand() {
    CommandSpec spec =
        CommandSpec.create()
            .name("help")
            .addPositional(word("COMMAND", "The command to tell about."));
    spec.usageMessage().header("Shows this help, or that of a command.");
    return spec;
  }
}
