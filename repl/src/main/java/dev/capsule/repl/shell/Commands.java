package dev.capsule.repl.shell;

import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.CellResult;
import dev.capsule.protocol.DescribeConfigResult;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.ReadTraceParams;
import dev.capsule.protocol.ReadTraceResult;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.view.TraceTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** What begins with a colon. */
final class Commands {
  private static final int MAX_SOURCE = 8 * 1024 * 1024;

  /** Each with what it takes and does. */
  private static final List<List<String>> ALL =
      List.of(
          List.of(":help", "", "shows this"),
          List.of(":lang", "[python|javascript]", "changes the language; each keeps its session"),
          List.of(":limits", "", "shows limits and grants of cells"),
          List.of(":set", "NAME VALUE", "sets a limit: timeout, compute, ram, max_disk, …"),
          List.of(":mount", "HOST[::GUEST][:ro]", "grants a folder or file; begins a new session"),
          List.of(":allow", "HOST", "grants HTTP requests to a host; begins a new session"),
          List.of(":run", "FILE", "runs a file as a cell"),
          List.of(":load", "FILE", "puts a file into the editor"),
          List.of(":save", "FILE", "writes the cells that ended well to a file"),
          List.of(":tasks", "[FILE]", "lists the tasks of a program"),
          List.of(
              ":call",
              "TASK [ARG...]",
              "runs a task in a sandbox of its own; ARGs are JSON or words"),
          List.of(":trace", "", "shows what the last cell did"),
          List.of(":time", "[on|off]", "shows what each cell takes, or does not"),
          List.of(":reset", "", "forgets all names and files of the session"),
          List.of(":quit", "", "leaves, as Ctrl-D does"));

  static final List<String> NAMES = ALL.stream().map(List::getFirst).toList();

  private final Shell shell;
  private final Host host;
  private final Tasks tasks;

  Commands(Shell shell, Host host) {
    this.shell = shell;
    this.host = host;
    this.tasks = new Tasks(shell, host);
  }

  List<String> taskNames() {
    return tasks.names();
  }

  /** Carries one out. */
  void run(String text) throws Refused, RpcException, InterruptedException {
    String[] parts = text.split("\\s+", 2);
    String name = parts[0];
    String argument = parts.length > 1 ? parts[1].strip() : "";
    switch (name) {
      case ":help", ":h", ":?" -> help();
      case ":lang" -> lang(argument);
      case ":limits" -> limits();
      case ":set" -> set(argument);
      case ":mount" -> grant("mounts", host.mount(needed(argument, ":mount HOST[::GUEST][:ro]")));
      case ":allow" -> grant("allowed_hosts", needed(argument, ":allow HOST"));
      case ":run" -> shell.cell(read(needed(argument, ":run FILE")));
      case ":load" -> load(needed(argument, ":load FILE"));
      case ":save" -> save(needed(argument, ":save FILE"));
      case ":tasks" -> tasks.list(argument);
      case ":call" -> tasks.call(needed(argument, ":call TASK [ARG...]"));
      case ":trace" -> trace();
      case ":time" -> time(argument);
      case ":reset" -> {
        shell.cells().reset();
        say("The session begins anew.");
      }
      case ":quit", ":q", ":exit" -> shell.leave();
      default -> throw new Refused("there is no command " + name + "; :help lists them");
    }
  }

  private static String needed(String argument, String form) throws Refused {
    if (argument.isEmpty()) {
      throw new Refused("write " + form);
    }
    return argument;
  }

  private void say(String text) {
    shell.screen().printAside(text);
  }

  private void help() {
    for (List<String> each : ALL) {
      shell.screen().println("%-8s %-20s %s".formatted(each.toArray()));
    }
    if (shell.input().isInteractive()) {
      say(
          "Enter runs what is complete, Alt-Enter begins another line, Tab completes, Ctrl-R searches"
              + " the history, Ctrl-C interrupts, Ctrl-D leaves.");
    }
  }

  private void lang(String name) throws Refused {
    if (!name.isEmpty()) {
      Grammar other = Grammar.of(name);
      if (other == null) {
        throw new Refused("there is no language " + name + "; there are python and javascript");
      }
      shell.speak(other);
    }
    say("Cells are " + shell.grammar().language() + ".");
  }

  private void limits() throws RpcException, InterruptedException {
    DescribeConfigResult found =
        shell
            .cells()
            .ask(Method.DESCRIBE_CONFIG, shell.settings().toDescribe(), DescribeConfigResult.class);
    shell.settings().lines(found).forEach(shell.screen()::println);
  }

  private void set(String argument) throws Refused {
    String[] words = argument.replaceFirst("\\s*=\\s*", " ").split("\\s+", 2);
    if (words.length < 2) {
      throw new Refused("write :set NAME VALUE, as in :set timeout 10s");
    }
    tellOfNewSession(shell.settings().set(words[0], words[1]));
  }

  private void grant(String option, String value) {
    shell.settings().grant(option, value);
    tellOfNewSession(true);
  }

  private void tellOfNewSession(boolean anew) {
    say(anew ? "The next cell begins a new session with it." : "It holds from the next cell on.");
  }

  private String read(String typed) throws Refused {
    try {
      Path file = shell.settings().setup().workingFolder().resolve(typed);
      if (Files.isRegularFile(file) && Files.size(file) > MAX_SOURCE) {
        throw new Refused(typed + " is too large");
      }
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new Refused(typed + " is not an ordinary file");
      }
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new Refused("there is no file " + typed);
    } catch (IOException | InvalidPathException e) {
      throw new Refused(typed + " cannot be read as text: " + e.getMessage());
    }
  }

  private void load(String typed) throws Refused {
    String source = read(typed).stripTrailing();
    if (!shell.input().isInteractive()) {
      throw new Refused(":load needs an editor; :run runs a file");
    }
    shell.input().prefill(source);
  }

  private void save(String typed) throws Refused {
    List<String> cells = shell.cells().history();
    try {
      Path file = shell.settings().setup().workingFolder().resolve(typed);
      Files.writeString(file, String.join("\n\n", cells) + "\n");
    } catch (IOException | InvalidPathException e) {
      throw new Refused(typed + " cannot be written: " + e.getMessage());
    }
    say("wrote " + cells.size() + (cells.size() == 1 ? " cell" : " cells") + " to " + typed);
  }

  private void time(String argument) throws Refused {
    switch (argument) {
      case "on" -> shell.view().showTimes(true);
      case "off" -> shell.view().showTimes(false);
      case "" -> shell.view().showTimes(!shell.view().showsTimes());
      default -> throw new Refused("write :time on or :time off");
    }
    say("What cells take is " + (shell.view().showsTimes() ? "shown." : "not shown."));
  }

  private void trace() throws Refused, RpcException, InterruptedException {
    CellResult last = shell.last();
    if (last == null) {
      throw new Refused("no cell has run yet");
    }
    Setup setup = shell.settings().setup();
    var params =
        new ReadTraceParams(
            setup.workingFolder().toString(), setup.config(), last.execution().traceId());
    ReadTraceResult found = shell.cells().ask(Method.READ_TRACE, params, ReadTraceResult.class);
    for (TraceTree.Line each : TraceTree.of(found.spans())) {
      shell.screen().printMarked(each.text(), each.failed());
    }
  }

  /** An argument that a user wrote: JSON if it is some, else a word. */
  static String json(String word) {
    try {
      return RawJson.parse(word).text();
    } catch (IOException | IllegalStateException e) {
      return Json.gson().toJson(new JsonPrimitive(word));
    }
  }
}
