package dev.capsule.repl.command;

import com.google.gson.JsonObject;
import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.InitializeResult;
import dev.capsule.protocol.LoadProgramParams;
import dev.capsule.protocol.LoadProgramResult;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.RunTaskParams;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.SidecarException;
import dev.capsule.repl.view.Screen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code capsule doctor}: checks part by part that Capsule works here, ending with a real task. */
final class Doctor {
  private static final int JAVA = 25;
  private static final String BUILD_AGAIN =
      "Build it again: delete the folder build in the checkout, then `capsule build`.";
  private static final String PYTHON =
      """
      import platform
      from capsule import task

      @task(name="main", compute="LOW", timeout="30s")
      def main(n: int) -> dict:
          return {"sum": sum(range(n)), "python": platform.python_version()}
      """;
  private static final String TYPESCRIPT =
      """
      import { task } from "@capsule/sdk";

      export const main = task({ name: "main", compute: "LOW", timeout: "30s" }, (n: number) => {
        return { sum: (n * (n - 1)) / 2, language: "TypeScript" };
      });
      """;
  private static final String EXPECTED = "\"sum\":4950";
  private static final String NEEDS_NODE =
      "none: TypeScript and JavaScript need Node 20 or newer when Capsule is built; install it and"
          + " run `capsule build`";

  private final Session session;
  private final Screen screen;
  private final Path home = Path.of(System.getProperty("capsule.home", "build"));
  private boolean healthy = true;

  Doctor(Session session, Screen screen) {
    this.session = session;
    this.screen = screen;
  }

  /** Returns the exit code: 0 if all is well, 3 if not. */
  int run() throws InterruptedException {
    java();
    file("Wasmtime", home.resolve("native").resolve(System.mapLibraryName("wasmtime")));
    file("Python guest", home.resolve("guests").resolve("python.wasm"));
    javascript();
    startUpCache();
    List<String> languages = sidecar();
    if (languages.contains(Language.PYTHON.wireName())) {
      task("a Python task", Language.PYTHON, "main.py", PYTHON);
    }
    if (languages.contains(Language.JAVASCRIPT.wireName())) {
      task("a TypeScript task", Language.JAVASCRIPT, "main.ts", TYPESCRIPT);
    }
    return healthy ? ExitCode.OK : ExitCode.SIDECAR_FAILED;
  }

  private void java() {
    String what = Runtime.version() + " in " + System.getProperty("java.home");
    report(
        "Java",
        Runtime.version().feature() >= JAVA,
        what,
        "Install a JDK " + JAVA + " or newer, or point CAPSULE_JAVA at one.");
  }

  private void file(String name, Path file) {
    long size;
    try {
      size = Files.size(file);
    } catch (IOException e) {
      report(name, false, file + " is missing", BUILD_AGAIN);
      return;
    }
    report(name, size > 0, file + ", " + size / 1_000_000 + " MB", BUILD_AGAIN);
  }

  /** Whoever only runs Python needs none of it, so what is not there at all is only told. */
  private void javascript() {
    Path guest = home.resolve("guests").resolve("javascript.wasm");
    if (!Files.exists(guest)) {
      report("JavaScript", true, NEEDS_NODE, "");
      return;
    }
    file("JavaScript guest", guest);
    String chosen = System.getenv("CAPSULE_ESBUILD");
    Path esbuild =
        chosen == null || chosen.isEmpty()
            ? home.resolve("node").resolve("node_modules").resolve("@esbuild")
            : Path.of(chosen);
    report("esbuild", Files.exists(esbuild), esbuild.toString(), BUILD_AGAIN);
  }

  /** Nothing fails without it, so it is only told. */
  private void startUpCache() {
    boolean there =
        Files.exists(home.resolve("aot/cli.aot")) && Files.exists(home.resolve("aot/sidecar.aot"));
    report(
        "start-up cache",
        true,
        there ? home.resolve("aot").toString() : "none: starting takes a little longer",
        "");
  }

  /** The languages that it can run; none if there is no sidecar. */
  private List<String> sidecar() throws InterruptedException {
    try {
      InitializeResult about = session.about();
      report(
          "sidecar",
          true,
          about.serverInfo().name()
              + " "
              + about.serverInfo().version()
              + ", protocol "
              + about.protocolVersion()
              + ", languages: "
              + String.join(", ", about.languages()),
          "");
      return about.languages();
    } catch (SidecarException e) {
      report(
          "sidecar",
          false,
          String.valueOf(e.getMessage()),
          "`capsule doctor --debug` shows its log.");
    } catch (RpcException e) {
      report("sidecar", false, "interrupted", "");
    }
    return List.of();
  }

  private void task(String what, Language language, String name, String source)
      throws InterruptedException {
    Path folder = null;
    try {
      folder = Files.createTempDirectory("capsule-doctor-");
      Path file = Files.writeString(folder.resolve(name), source);
      var load =
          new LoadProgramParams(
              language.wireName(), folder.toString(), "main", file.toString(), null, "");
      LoadProgramResult program = session.await(Method.LOAD_PROGRAM, load, LoadProgramResult.class);
      var run =
          new RunTaskParams(
              program.program(),
              null,
              new RawJson("[100]"),
              null,
              new JsonObject(),
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              null);
      Envelope envelope = session.await(Method.RUN_TASK, run, Envelope.class);
      RawJson result = envelope.result();
      boolean right = result != null && result.text().contains(EXPECTED);
      report(
          what,
          right,
          right
              ? result + " in " + envelope.execution().durationMs() + " ms"
              : String.valueOf(envelope.error() == null ? result : envelope.error().message()),
          BUILD_AGAIN);
    } catch (IOException e) {
      report(what, false, "no temporary folder: " + e.getMessage(), "Check $TMPDIR or /tmp.");
    } catch (RpcException | SidecarException e) {
      report(what, false, String.valueOf(e.getMessage()), "`capsule doctor --debug` shows more.");
    } finally {
      delete(folder, name);
    }
  }

  private static void delete(@Nullable Path folder, String name) {
    if (folder == null) {
      return;
    }
    try {
      for (Path path : List.of(folder.resolve(name), folder)) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // A left-over temporary folder is the system's to sweep.
    }
  }

  private void report(String name, boolean good, String detail, String advice) {
    healthy &= good;
    screen.println("%-4s  %-17s  %s".formatted(good ? "ok" : "FAIL", name, detail));
    if (!good && !advice.isEmpty()) {
      screen.println(" ".repeat(25) + advice);
    }
  }
}
