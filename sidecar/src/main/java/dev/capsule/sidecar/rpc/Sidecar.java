package dev.capsule.sidecar.rpc;

import dev.capsule.sidecar.bundle.Bundler;
import dev.capsule.sidecar.journal.Journals;
import dev.capsule.sidecar.packages.Packages;
import dev.capsule.sidecar.sandbox.Engine;
import dev.capsule.sidecar.sandbox.InProcessEngine;
import dev.capsule.sidecar.task.Language;
import dev.capsule.sidecar.task.StoreFolder;
import dev.capsule.sidecar.task.TaskService;
import dev.capsule.sidecar.trace.Tracing;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The process: puts the parts together, and ends with its client. */
public final class Sidecar {
  /** Where the build or an installation has put the library and the guests. */
  private static final String HOME = "capsule.home";

  private static final String PYTHON = "python";
  private static final String JAVASCRIPT = "javascript";

  private Sidecar() {}

  /**
   * Serves one client.
   *
   * @return the process's exit status
   */
  public static int run(String[] args) {
    // stdout belongs to the protocol: whatever else prints must not get there
    FileOutputStream stdout = new FileOutputStream(FileDescriptor.out);
    System.setOut(System.err);
    Logs logs = Logs.of(System.getenv(), System.err);
    Log log = logs.of("rpc");
    ignoreInterrupts(log);
    if (args.length > 0) {
      log.info("unexpected argument " + args[0]);
      return 2;
    }
    Path home = home(log);
    if (home == null) {
      return 2;
    }
    Engine engine;
    try {
      engine = engine(home, logs.of("sandbox"));
    } catch (RuntimeException | LinkageError e) {
      log.fault("cannot start", e);
      return 1;
    }
    Outbox out = new Outbox(stdout);
    Journals journals = new Journals(System.getenv(), logs.of("journal")::info);
    Tracing tracing = new Tracing(System.getenv(), version(), logs.of("trace")::warn);
    TaskService service =
        new TaskService(engine, languages(home, engine, logs), journals, tracing, System.getenv());
    Connection connection =
        new Connection(
            new FrameReader(new FileInputStream(FileDescriptor.in), Connection.MAX_MESSAGE_BYTES),
            out,
            service,
            version(),
            Sidecar::endWith,
            log);
    int status = connection.serve();
    try {
      out.flush();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    journals.close();
    ProcessExit.now(status);
    return status;
  }

  /** The languages that there may be guests for. */
  private static List<Language> languages(Path home, Engine engine, Logs logs) {
    Path cache = cacheFolder();
    return List.of(
        new Language(
            PYTHON,
            List.of(".py"),
            new Language.Files(".py", "__init__.py"),
            new Packages(engine, cache, System.getenv(), logs.of("packages")::info),
            "its guest is missing; run ./capsule build"),
        new Language(
            JAVASCRIPT,
            List.of(".ts", ".js", ".mts", ".mjs", ".cts", ".cjs", ".tsx", ".jsx"),
            new Language.Bundled(
                new Bundler(
                    cache,
                    home.resolve("node").resolve("node_modules"),
                    System.getenv(),
                    logs.of("bundle")::info)),
            null,
            "it needs Node 20 or newer when Capsule is built: install it and run ./capsule build"));
  }

  private static Engine engine(Path home, Log log) {
    Map<String, Path> guests = new LinkedHashMap<>();
    for (String language : List.of(PYTHON, JAVASCRIPT)) {
      Path guest = home.resolve("guests").resolve(language + ".wasm");
      if (Files.isRegularFile(guest)) {
        guests.put(language, guest);
      }
    }
    if (guests.isEmpty()) {
      throw missing(home.resolve("guests"));
    }
    return new InProcessEngine(
        built(home.resolve("native").resolve(System.mapLibraryName("wasmtime"))),
        guests,
        cacheFolder(),
        List.of(StoreFolder.ofUser(System.getenv())),
        InProcessEngine.MAX_SANDBOXES,
        log::info);
  }

  private static Path built(Path file) {
    if (!Files.isRegularFile(file)) {
      throw missing(file);
    }
    return file;
  }

  private static IllegalStateException missing(Path file) {
    return new IllegalStateException(file + " is missing; in a checkout, run: ./capsule build");
  }

  private static @Nullable Path home(Log log) {
    String home = System.getProperty(HOME);
    if (home == null || !Files.isDirectory(Path.of(home))) {
      log.info("-D" + HOME + " must be the folder with native/ and guests/; it is " + home);
      return null;
    }
    return Path.of(home);
  }

  /** The user's cache folder, as the XDG Base Directory Specification and other systems have it. */
  private static Path cacheFolder() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    if (xdg != null && Path.of(xdg).isAbsolute()) {
      return Path.of(xdg, "capsule");
    }
    String windows = System.getenv("LOCALAPPDATA");
    if (windows != null) {
      return Path.of(windows, "capsule", "cache");
    }
    Path user = Path.of(System.getProperty("user.home"));
    return System.getProperty("os.name").startsWith("Mac")
        ? user.resolve("Library/Caches/capsule")
        : user.resolve(".cache/capsule");
  }

  private static String version() {
    String version = Sidecar.class.getPackage().getImplementationVersion();
    return version == null ? "unreleased" : version;
  }

  /** Ends this process when the client's does. */
  private static void endWith(long clientProcess) {
    ProcessHandle client = ProcessHandle.of(clientProcess).orElse(null);
    if (client == null) {
      ProcessExit.now(1);
    } else {
      var _ = client.onExit().thenRun(() -> ProcessExit.now(1));
    }
  }

  /**
   * Ctrl-C in a terminal goes to the client too, which knows what it means. By reflection, because
   * javac warns of {@code sun.misc.Signal} whatever one does; it is supported and has no successor.
   */
  private static void ignoreInterrupts(Log log) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      signal
          .getMethod("handle", signal, handler)
          .invoke(
              null,
              signal.getConstructor(String.class).newInstance("INT"),
              handler.getField("SIG_IGN").get(null));
    } catch (ReflectiveOperationException e) {
      log.info("cannot ignore interrupts: " + e);
    }
  }
}
