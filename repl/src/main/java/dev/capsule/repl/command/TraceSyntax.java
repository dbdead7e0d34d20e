package dev.capsule.repl.command;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What can be typed after {@code capsule trace}. */
final class TraceSyntax {
  private TraceSyntax() {}

  static CommandLine create() {
    CommandSpec spec =
        CommandSpec.create()
            .name("trace")
            .addOption(Syntax.help())
            .addSubcommand("ls", list())
            .addSubcommand("show", show())
            .addSubcommand("follow", follow());
    spec.usageMessage()
        .header("Shows what ran: each task with its attempts, calls, tools and requests.")
        .description(
            "`capsule run` keeps traces; other programs do with CAPSULE_TRACE=store, or where"
                + " capsule.toml says store = true in [trace].");
    return CommandTree.configured(new CommandLine(spec));
  }

  private static CommandLine list() {
    CommandSpec spec =
        withPlace("ls")
            .addOption(Syntax.flag("Only those that failed.", "--failed"))
            .addOption(Syntax.value("N", "How many, the newest first (default: 20).", "--limit"))
            .addOption(Syntax.flag("Prints them as JSON.", "--json"));
    spec.usageMessage().header("Lists the traces that were kept, the newest first.");
    return CommandTree.configured(new CommandLine(spec));
  }

  private static CommandLine show() {
    CommandSpec spec =
        withPlace("show")
            .addPositional(
                PositionalParamSpec.builder()
                    .index("0")
                    .arity("1")
                    .paramLabel("ID")
                    .type(String.class)
                    .description("Of a run, a trace or a workflow, or its beginning.")
                    .build())
            .addOption(Syntax.flag("Prints the spans as JSON.", "--json"))
            .addOption(
                OptionSpec.builder("--html")
                    .paramLabel("FILE")
                    .arity("0..1")
                    .fallbackValue("")
                    .type(String.class)
                    .description(
                        "Writes a page with a timeline, for a browser (default: trace-ID.html; -"
                            + " is standard output). It holds all it needs, and loads nothing.")
                    .build());
    spec.usageMessage()
        .header("Shows one trace as a tree.")
        .footer(
            "",
            "Examples:",
            "  capsule trace show research-42",
            "  capsule trace show research-42 --html");
    return CommandTree.configured(new CommandLine(spec));
  }

  private static CommandLine follow() {
    CommandSpec spec =
        withPlace("follow")
            .addOption(Syntax.flag("Prints the spans as JSON, a line each.", "--json"));
    spec.usageMessage()
        .header("Prints spans as they end, of all processes that keep their traces here.");
    return CommandTree.configured(new CommandLine(spec));
  }

  private static CommandSpec withPlace(String name) {
    return CommandSpec.create()
        .name(name)
        .addOption(
            Syntax.value("FOLDER", "The folder of the program (default: this one).", "--folder"))
        .addOption(Syntax.config())
        .addOption(Syntax.flag("Looks for no capsule.toml.", "--no-config"))
        .addOption(Syntax.debug())
        .addOption(Syntax.help());
  }
}
