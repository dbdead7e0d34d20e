package dev.capsule.repl;

import dev.capsule.protocol.TraceOptions;
import dev.capsule.repl.command.CommandTree;
import dev.capsule.repl.command.Commands;
import dev.capsule.repl.command.ExitCode;
import dev.capsule.repl.command.Language;
import dev.capsule.repl.command.Session;
import dev.capsule.repl.shell.OpeningTerminal;
import dev.capsule.repl.view.Screen;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The program {@code capsule}. The launcher tells it by system properties what only a shell knows:
 * {@code capsule.sidecar} is the command that starts a sidecar, an argument a line; {@code
 * capsule.terminals} says which of {@code out} and {@code err} are terminals; {@code capsule.home}
 * is the folder of what was built; {@code capsule.launcher} is the launcher itself.
 */
public final class Main {
  private static final long PATIENCE_MS = 3_000;
  private static final Set<String> NEED_SIDECAR =
      Set.of("run", "config", "doctor", "runs", "resume", "cancel", "rm", "trace", "mcp", "repl");

  private static final Set<String> KEEP_TRACES = Set.of("run", "repl");

  /** These run no program, or have one run by another process. */
  private static final Set<String> NEED_NO_LANGUAGE =
      Set.of("runs", "resume", "cancel", "rm", "trace");

  private static final String TERMINALS = System.getProperty("capsule.terminals", "");

  private final Screen screen = Screen.ofProcess(TERMINALS, Main::exitQuietly);
  private final CountDownLatch finished = new CountDownLatch(1);

  private Main() {}

  public static void main(String[] args) {
    System.exit(new Main().run(args));
  }

  private int run(String[] args) {
    List<String> words = Arrays.asList(args);
    int end = words.indexOf("--");
    List<String> options = end < 0 ? words : words.subList(0, end);
    boolean debug = options.contains("--debug");
    String version =
        Objects.requireNonNullElse(Main.class.getPackage().getImplementationVersion(), "unpacked");
    Session session = null;
    try {
      OpeningTerminal terminal = null;
      if (needsSidecar(options)) {
        // What takes longest begins before the command line is read: where somebody waits for a
        // prompt, the terminal; elsewhere the sidecar.
        terminal = options.getFirst().equals("repl") ? OpeningTerminal.of(TERMINALS) : null;
        session = session(options, debug, version, terminal == null);
      }
      return new Commands(CommandTree.create(version), screen, session, terminal).run(args);
    } catch (InterruptedException | RuntimeException e) {
      screen.printErrorLine("capsule: internal error: " + e);
      if (debug) {
        e.printStackTrace();
      } else {
        screen.printErrorLine("  --debug shows more.");
      }
      return ExitCode.SIDECAR_FAILED;
    } finally {
      finished.countDown();
      if (session != null) {
        session.close();
      }
    }
  }

  private static boolean needsSidecar(List<String> options) {
    return !options.isEmpty()
        && NEED_SIDECAR.contains(options.getFirst())
        && !options.contains("--help")
        && !options.contains("-h");
  }

  /** Those of the files on the command line; null: there is none, all may be needed. */
  private static @Nullable List<String> languages(List<String> options) {
    if (NEED_NO_LANGUAGE.contains(options.getFirst())) {
      return List.of();
    }
    if (options.getFirst().equals("mcp")) {
      return null;
    }
    List<String> languages =
        options.stream()
            .map(Language::of)
            .filter(Objects::nonNull)
            .map(Language::wireName)
            .distinct()
            .toList();
    return languages.isEmpty() ? null : languages;
  }

  private Session session(List<String> options, boolean debug, String version, boolean atOnce) {
    String command = System.getProperty("capsule.sidecar", "");
    if (command.isBlank()) {
      throw new IllegalStateException("capsule.sidecar is not set; start Capsule by its launcher");
    }
    TraceOptions trace = KEEP_TRACES.contains(options.getFirst()) ? new TraceOptions(true) : null;
    boolean logged =
        System.getenv("CAPSULE_LOG") != null && System.getenv("CAPSULE_LOG_FILE") == null;
    Session session =
        new Session(
            command.strip().lines().toList(), debug || logged, version, languages(options), trace);
    if (atOnce) {
      session.begin();
    }
    // Ctrl-C: the JVM runs this hook and then ends with 130 of its own accord.
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> stop(session)));
    return session;
  }

  /** If the process ends before its work is done: stops the task, lets the command say so. */
  private void stop(Session session) {
    try {
      if (finished.getCount() > 0) {
        session.interrupt();
        boolean _ = finished.await(PATIENCE_MS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    session.close();
  }

  /** From a thread of its own: whoever noticed may be needed by what happens at exit. */
  private static void exitQuietly() {
    Thread.ofPlatform().name("output-closed").start(() -> System.exit(ExitCode.OUTPUT_CLOSED));
  }
}
