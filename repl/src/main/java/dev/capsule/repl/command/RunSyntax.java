package dev.capsule.repl.command;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** What {@code capsule run} accepts, and its help, in which the options stand in groups. */
final class RunSyntax {
  private RunSyntax() {}

  static CommandSpec create() {
    CommandSpec spec =
        CommandSpec.create()
            .name("run")
            .addPositional(
                PositionalParamSpec.builder()
                    .index("0")
                    .arity("0..1")
                    .paramLabel("FILE")
                    .type(String.class)
                    .description(
                        "The program that holds the task, Python (.py), TypeScript or JavaScript (.ts,"
                            + " .js, .mjs, …; default: the entrypoint that"
                            + " capsule.toml names).")
                    .build())
            .addPositional(
                PositionalParamSpec.builder()
                    .index("1..*")
                    .arity("0..*")
                    .paramLabel("ARGS")
                    .type(List.class)
                    .auxiliaryTypes(String.class)
                    .description(
                        "Arguments of the task, passed as strings. Those that begin with - go after"
                            + " --, and all of them if FILE is left out.")
                    .build());
    groups().values().forEach(group -> group.forEach(spec::addOption));
    spec.usageMessage()
        .header("Runs a task of a program in a fresh sandbox.")
        .customSynopsis("capsule run [OPTIONS] [FILE] [ARGS...] [-- ARGS...]")
        .footer(
            "",
            "Examples:",
            "  capsule run hello.py Ada",
            "  capsule run hello.ts Ada",
            "  capsule run report.py --mount ./data:ro --mount ./out --timeout 1m",
            "  capsule run fetch.py --allow-host api.example.com --env API_KEY",
            "  capsule run theirs.py --max-ram 64MB --max-timeout 5s --no-network --no-files",
            "  capsule run add.py --args-json '[1, 2]' --json",
            "  capsule run research.py --id research-42",
            "  capsule run shift.py -- -5");
    return spec;
  }

  /** Puts the options under the headings of their groups, if help is to be shown. */
  static void groupHelp(CommandLine run) {
    run.getHelpSectionMap()
        .put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, RunSyntax::describeGroups);
  }

  private static String describeGroups(Help help) {
    Map<String, List<OptionSpec>> groups = groups();
    List<OptionSpec> all = groups.values().stream().flatMap(List::stream).toList();
    StringBuilder text = new StringBuilder();
    groups.forEach((heading, options) -> {
      // Told of all options, so that the columns of all groups are equally wide.
      Help.Layout layout = help.createDefaultLayout(all, List.of(), help.colorScheme());
      layout.addOptions(options, help.createDefaultParamLabelRenderer());
      text.append('\n').append(heading).append('\n').append(layout);
    });
    return text.toString();
  }

  private static Map<String, List<OptionSpec>> groups() {
    Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
    groups.put("What to run:", whatToRun());
    groups.put("As a workflow; interrupted or failed, it goes on where it was:", workflow());
    groups.put("Limits; what is given here wins over the file and capsule.toml:", limits());
    groups.put("Grants; a task gets nothing of this machine unless it is granted:", grants());
    groups.put(
        "Ceiling; what no task of the run may exceed, whatever the file or capsule.toml say:",
        ceiling());
    groups.put("What to show:", whatToShow());
    return groups;
  }

  /** Limits, grants and the ceiling, for other commands whose code is held to them. */
  static List<OptionSpec> policy() {
    return Stream.of(limits(), grants(), ceiling()).flatMap(List::stream).toList();
  }

  private static List<OptionSpec> whatToRun() {
    return List.of(
        Syntax.value(
            "NAME",
            "The task to run (default: main, the only task, or the function main).",
            "--task"),
        Syntax.value("ARRAY", "The arguments as a JSON array, in place of ARGS.", "--args-json"),
        Syntax.value("OBJECT", "Named arguments as a JSON object.", "--kwargs-json"),
        Syntax.config(),
        Syntax.flag("Looks for no capsule.toml.", "--no-config"));
  }

  private static List<OptionSpec> workflow() {
    return List.of(
        Syntax.value(
            "ID",
            "Names the run: each task that it calls is a step that is written down when it is done."
                + " Run again with the same ID, it does no step twice; once finished, its result is"
                + " printed at once.",
            "--id"),
        Syntax.value(
            "CHOICE",
            "What follows where the program no longer does what was written down: fail (the"
                + " default), restart from the beginning, or continue with the new steps.",
            "--on-change"),
        Syntax.value(
            "CHOICE",
            "What a step that is done survives: full (the default; a power cut too), relaxed (the"
                + " end of all processes), or off (nothing is written down).",
            "--durability"));
  }

  private static List<OptionSpec> limits() {
    return List.of(
        Syntax.value("DURATION", "Longest time of an attempt: 500ms, 30s, 5m.", "--timeout"),
        Syntax.value("SIZE", "Memory: 512MB, 1.5GiB.", "--ram"),
        Syntax.value(
            "LEVEL", "LOW, MEDIUM or HIGH, or a number of units of work (fuel).", "--compute"),
        OptionSpec.builder("--max-retries")
            .paramLabel("N")
            .arity("1")
            .type(Integer.class)
            .description("How often a failed task is tried again.")
            .build(),
        Syntax.value("SIZE", "How much an attempt may write to files.", "--max-disk"),
        Syntax.value("SIZE", "How much it may print; the rest is dropped.", "--max-output"),
        Syntax.value("SIZE", "How large its result may be, as JSON.", "--max-result"));
  }

  private static List<OptionSpec> grants() {
    return List.of(
        Syntax.values(
            "HOST[::GUEST][:ro|:rw]",
            "A folder or file that the task may use beside those that it declares, read-write"
                + " unless :ro. May be repeated.",
            "--mount"),
        Syntax.values(
            "PATTERN",
            "A host that it may send HTTP requests to: api.example.com,"
                + " localhost:8080, *.example.com, or * for all. May be repeated; in place of what the task"
                + " declares.",
            "--allow-host"),
        Syntax.values(
            "NAME[=VALUE]",
            "An environment variable that it may see, with the value it has here or the one given."
                + " May be repeated; in place of what the task declares.",
            "--env"));
  }

  private static List<OptionSpec> ceiling() {
    return List.of(
        Syntax.value("SIZE", "Most memory of a task.", "--max-ram"),
        Syntax.value("DURATION", "Longest time of an attempt.", "--max-timeout"),
        Syntax.value("LEVEL", "Most work (fuel) of an attempt.", "--max-compute"),
        Syntax.flag("No HTTP requests.", "--no-network"),
        Syntax.flag("No files or folders but the scratch folder /tmp.", "--no-files"),
        Syntax.value(
            "OBJECT",
            "Further bounds as a JSON object, by the names of [ceiling] in capsule.toml.",
            "--ceiling"));
  }

  private static List<OptionSpec> whatToShow() {
    return List.of(
        Syntax.flag(
            "Prints one JSON envelope on standard output; what the task prints goes to standard"
                + " error.",
            "--json"),
        Syntax.flag("Prints on standard error how long it took and what it used.", "--stats"),
        Syntax.debug(),
        Syntax.help());
  }
}
