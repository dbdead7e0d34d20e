package dev.capsule.repl.command;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What can be typed after {@code capsule mcp}. */
final class McpSyntax {
  private static final String ANY_PORT = "0";

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
    spec.addOption(http());
    RunSyntax.policy().forEach(spec::addOption);
    spec.addOption(Syntax.debug()).addOption(Syntax.help());
    spec.usageMessage()
        .header("Serves the Model Context Protocol on standard input and output, or by HTTP.")
        .description(
            "For clients such as editors and assistants, which start it. Each task is a tool with"
                + " its own limits and grants, under the ceiling that is given here; files that"
                + " --mount names are resources.")
        .footer(
            "",
            "Examples:",
            "  capsule mcp",
            "  capsule mcp tools.py report.ts --max-timeout 30s",
            "  capsule mcp --mount ./data:ro --allow-host api.example.com",
            "  capsule mcp --http=8765");
    return CommandTree.configured(new CommandLine(spec));
  }

  /** Its value is never the next word, which is a file. */
  private static OptionSpec http() {
    return OptionSpec.builder("--http")
        .paramLabel("PORT")
        .arity("0..1")
        .type(String.class)
        .fallbackValue(ANY_PORT)
        .preprocessor((words, spec, option, about) -> {
          if (!"=".equals(about.get("separator"))) {
            words.push(ANY_PORT);
          }
          return false;
        })
        .description(
            "Serves by HTTP instead, on 127.0.0.1 alone, to those who know a token: the one in"
                + " CAPSULE_MCP_TOKEN, or else a new one, in a file that is told. --http=PORT"
                + " says on which port (default: any that is free).")
        .build();
  }
}
