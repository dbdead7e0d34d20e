package dev.capsule.sidecar.sandbox;

import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.SidecarProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The real engine with the real Python guest, in the test's own process. */
final class GuestKit implements AutoCloseable {
  private final InProcessEngine engine;

  GuestKit() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path cache = xdg == null ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
    Path home = SidecarProcess.home();
    engine =
        new InProcessEngine(
            home.resolve("native").resolve(System.mapLibraryName("wasmtime")),
            Map.of("python", home.resolve("guests/python.wasm")),
            cache.resolve("capsule"),
            List.of(),
            InProcessEngine.MAX_SANDBOXES,
            line -> {});
  }

  /**
   * Runs statements in a fresh sandbox.
   *
   * @param statements lines of a function's body
   */
  Ending run(String statements, long maxDiskBytes, List<Start.Folder> folders) {
    String source =
        "import os\nfrom capsule import task\n\n@task\ndef main():\n" + statements.indent(4);
    JsonObject compile = new JsonObject();
    compile.addProperty("module", "main");
    compile.addProperty("file", "main.py");
    compile.addProperty("source", source);
    if (!(engine.compile("python", compile.toString()) instanceof Compiled.Code(String code))) {
      throw new AssertionError("it does not compile: " + source);
    }
    JsonObject module = new JsonObject();
    module.addProperty("name", "main");
    module.addProperty("file", "main.py");
    module.addProperty("package", false);
    module.addProperty("code", code);
    String request =
        "{\"op\":\"call\",\"modules\":["
            + module
            + "],\"task\":\"main\",\"args\":[],\"kwargs\":{},\"env\":{},"
            + "\"max_result_bytes\":1000000}";
    CompletableFuture<Ending> ended = new CompletableFuture<>();
    Attempt _ = start(() -> request, maxDiskBytes, folders, ended);
    return ending(ended);
  }

  /** Has an attempt fail by an exception right after it was cancelled, before its guest runs. */
  Ending cancelAndFail(RuntimeException failure) {
    CompletableFuture<Attempt> attempt = new CompletableFuture<>();
    CompletableFuture<Ending> ended = new CompletableFuture<>();
    Supplier<String> request =
        () -> {
          attempt.join().cancel();
          throw failure;
        };
    attempt.complete(start(request, 0, List.of(), ended));
    return ending(ended);
  }

  private Attempt start(
      Supplier<String> request,
      long maxDiskBytes,
      List<Start.Folder> folders,
      CompletableFuture<Ending> ended) {
    return engine.start(
        new Start(
            "python",
            request,
            this,
            0,
            1_000_000_000_000L,
            512_000_000,
            Duration.ofMinutes(5),
            64_000_000,
            maxDiskBytes,
            folders,
            List.of()),
        new Listener(ended));
  }

  private static Ending ending(CompletableFuture<Ending> ended) {
    try {
      return ended.get(Deadline.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("the attempt does not end", e);
    }
  }

  /** Runs statements to their end and gives the reply. */
  String reply(String statements, long maxDiskBytes, List<Start.Folder> folders) {
    if (run(statements, maxDiskBytes, folders) instanceof Ending.Replied(String reply, var usage)) {
      return reply;
    }
    throw new AssertionError("no reply");
  }

  private record Listener(CompletableFuture<Ending> ended) implements AttemptListener {
    @Override
    public void started() {}

    @Override
    public void printed(boolean error, String text) {}

    @Override
    public @Nullable Runnable submitted(long id, String operation) {
      return null;
    }

    @Override
    public void ended(Ending ending) {
      ended.complete(ending);
    }
  }

  @Override
  public void close() {
    engine.close();
  }
}
