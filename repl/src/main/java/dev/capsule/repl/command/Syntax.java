package dev.capsule.repl.command;

import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** Options as commands are made of them. */
final class Syntax {
  private Syntax() {}

  static OptionSpec help() {
    return flag("Shows this help.", "-h", "--help").toBuilder().usageHelp(true).build();
  }

  static OptionSpec debug() {
    return flag("Shows the sidecar's log and Java's stack traces.", "--debug");
  }

  static OptionSpec config() {
    return value(
        "FILE",
        "The capsule.toml or pyproject.toml that applies (default: the nearest one, in the"
            + " program's folder or above it).",
        "--config");
  }

  static OptionSpec flag(String description, String... names) {
    return OptionSpec.builder(names).description(description).type(boolean.class).build();
  }

  static OptionSpec value(String label, String description, String name) {
    return OptionSpec.builder(name)
        .paramLabel(label)
        .arity("1")
        .type(String.class)
        .description(description)
        .build();
  }

  /** An option that may be given several times. */
  static OptionSpec values(String label, String description, String name) {
    return OptionSpec.builder(name)
        .paramLabel(label)
        .arity("1")
        .type(List.class)
        .auxiliaryTypes(String.class)
        .description(description)
        .build();
  }
}
