package dev.capsule.repl.mcp;

import com.google.gson.JsonElement;
import dev.capsule.protocol.DescribeConfigParams;
import dev.capsule.protocol.DescribeConfigResult;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.LoadProgramResult;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.Setting;
import dev.capsule.protocol.TaskInfo;
import dev.capsule.protocol.TaskSettings;
import dev.capsule.repl.client.RpcException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The programs of a project, whose tasks are tools. */
final class Project {
  private static final int MAX_NAME = 64;

  /**
   * What the programs hold now.
   *
   * @param tools by their names
   * @param problems why some programs could not be loaded
   * @param empty whether there are no programs
   */
  record Catalogue(Map<String, TaskTool> tools, List<String> problems, boolean empty) {
    Catalogue {
      tools = Collections.unmodifiableMap(new LinkedHashMap<>(tools));
      problems = List.copyOf(problems);
    }
  }

  private final Programs programs;
  private final Set<String> taken;
  private final @Nullable JsonElement ceiling;

  /**
   * @param taken names that are other tools'
   * @param ceiling what no task may exceed; null: what the configuration says
   */
  Project(Programs programs, Set<String> taken, @Nullable JsonElement ceiling) {
    this.programs = programs;
    this.taken = Set.copyOf(taken);
    this.ceiling = ceiling;
  }

  /** Loads all programs. */
  Catalogue read(Exchange exchange) throws RpcException, InterruptedException {
    Map<String, TaskTool> tools = new LinkedHashMap<>();
    Programs.Found found = programs.find();
    List<String> problems = new ArrayList<>(found.problems());
    Set<String> names = new HashSet<>(taken);
    for (ProgramSource program : found.programs()) {
      try {
        List<TaskInfo> tasks = load(program, exchange).tasks();
        Map<String, List<Setting>> settings = settings(program, exchange);
        for (TaskInfo task : tasks) {
          String name = nameFor(task.name(), program.stem(), names);
          List<Setting> own = settings.getOrDefault(task.name(), List.of());
          names.add(name);
          tools.put(name, new TaskTool(name, task, program, own, ceiling));
        }
      } catch (RpcException e) {
        if (e.code() == ErrorCode.CANCELLED) {
          throw e;
        }
        problems.add(program.shown() + ": " + FailureText.of(e));
      }
    }
    return new Catalogue(tools, problems, found.programs().isEmpty());
  }

  /** Loads one program. */
  static LoadProgramResult load(ProgramSource program, Exchange exchange)
      throws RpcException, InterruptedException {
    exchange.backend().isLoading(exchange, true);
    try {
      return exchange.ask(Method.LOAD_PROGRAM, program.toLoad(), LoadProgramResult.class);
    } finally {
      exchange.backend().isLoading(exchange, false);
    }
  }

  /** Of each of its tasks, by name. */
  private static Map<String, List<Setting>> settings(ProgramSource program, Exchange exchange)
      throws RpcException, InterruptedException {
    var of = program.toLoad();
    var params = new DescribeConfigParams(of.root(), of.file(), of.language(), of.config());
    return exchange.ask(Method.DESCRIBE_CONFIG, params, DescribeConfigResult.class).tasks().stream()
        .collect(Collectors.toMap(TaskSettings::name, TaskSettings::settings, (one, other) -> one));
  }

  /** A name as MCP allows them, that no other tool has. */
  private static String nameFor(String task, String stem, Set<String> names) {
    String plain = allowed(task);
    String name = names.contains(plain) ? allowed(stem + "_" + task) : plain;
    for (int number = 2; names.contains(name); number++) {
      String suffix = "_" + number;
      name = plain.substring(0, Math.min(plain.length(), MAX_NAME - suffix.length())) + suffix;
    }
    return name;
  }

  private static String allowed(String name) {
    String plain = name.replaceAll("[^A-Za-z0-9_-]", "_");
    String some = plain.isEmpty() ? "task" : plain;
    return some.substring(0, Math.min(some.length(), MAX_NAME));
  }
}
