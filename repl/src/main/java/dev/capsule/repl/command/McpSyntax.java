package dev.capsule.repl.command;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What can be typed after {@code capsule mcp}. */
final class McpSyntax {
  private McpSyntax() {}

  static CommandLine create() {
    CommandSpec spec =
        CommandSpec.create()
            .name("mcp")
            .addPositional(
                PositionalParamSpec.builder()
                    .index("0..*")
                    .arity("0..*")
                    .paramLabel("FILE")
                    .type(List.class)
                    .auxiliaryTypes(String.class)
                    .description(
                        "Programs whose tasks become tools (default: the entrypoint of"
                            + " capsule.toml, if it names one).")
                    .build())
            .addOption(Syntax.config())
            .addOption(Syntax.flag("Looks for no capsule.toml.", "--no-config"));
    RunSyntax.policy().forEach(spec::addOption);
    spec.addOption(Syntax.debug()).addOption(Syntax.help());
    spec.usageMessage()
        .header("Serves the Model Context Protocol on standard input and output.")
        .description(
            "For clients such as editors and assistants, which start it. Each task is a tool with"
                + " its own limits and grants, under the ceiling that is given here; files that"
                + " --mount names are resources.")
        .footer(
            "",
            "Examples:",
            "  capsule mcp",
            "  capsule mcp tools.py report.ts --max-timeout 30s",
            "  capsule mcp --mount ./data:ro --allow-host api.example.com");
    return CommandTree.configured(new CommandLine(spec));
  }
}
