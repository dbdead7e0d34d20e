package dev.capsule.repl.command;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What can be typed after {@code capsule repl}. */
final class ReplSyntax {
  private ReplSyntax() {}

  static CommandLine create() {
    CommandSpec spec =
        CommandSpec.create()
            .name("repl")
            .addPositional(
                PositionalParamSpec.builder()
                    .index("0")
                    .arity("0..1")
                    .paramLabel("FILE")
                    .type(String.class)
                    .description("Runs it as the first cell; its tasks can be called by :call.")
                    .build())
            .addOption(
                Syntax.value(
                    "LANGUAGE",
                    "python or javascript (default: that of FILE, else python).",
                    "--lang"))
            .addOption(Syntax.config())
            .addOption(Syntax.flag("Looks for no capsule.toml.", "--no-config"));
    RunSyntax.policy().forEach(spec::addOption);
    spec.addOption(Syntax.debug()).addOption(Syntax.help());
    spec.usageMessage()
        .header("Runs what you type, cell by cell, in a sandbox that keeps its state.")
        .description(
            "Type :help in it. Where standard input is no terminal, it runs what it reads, and ends"
                + " with status 1 if a cell failed.")
        .footer(
            "",
            "Examples:",
            "  capsule repl",
            "  capsule repl --lang javascript --mount ./data:ro",
            "  capsule repl helpers.py --timeout 10s",
            "  echo '2 ** 100' | capsule repl");
    return CommandTree.configured(new CommandLine(spec));
  }
}
