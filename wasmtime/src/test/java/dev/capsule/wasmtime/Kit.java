package dev.capsule.wasmtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** The library, the tiny component of {@code tiny.wat}, and a thread to run guests on. */
final class Kit {
  static final EngineConfig METERED = new EngineConfig(true, true, 512 << 10, null);
  static final EngineConfig POOLED =
      new EngineConfig(true, true, 512 << 10, PoolConfig.of(20, 64L << 20));

  /** A host that answers with what it was asked. */
  static final HostFunction ECHO = (store, args) -> new Val.Ok(args.get(1));

  static final HostFunction IGNORE = (store, args) -> null;

  private static final class Loaded {
    static final Wasmtime WASMTIME = load();
  }

  private Kit() {}

  static Wasmtime wasmtime() {
    return Loaded.WASMTIME;
  }

  /** A binding of its own, of which nothing has been used. */
  static Wasmtime load() {
    return Wasmtime.load(library());
  }

  static Path home() {
    return Path.of(Objects.requireNonNull(System.getProperty("capsule.home"), "capsule.home"));
  }

  private static Path library() {
    Path library = home().resolve("native").resolve(System.mapLibraryName("wasmtime"));
    if (!Files.exists(library)) {
      throw new AssertionError(library + " is missing: run ./capsule build");
    }
    return library;
  }

  static String resource(String name) {
    try (InputStream in = Objects.requireNonNull(Kit.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Component tiny(Engine engine) {
    return Component.compile(engine, wasmtime().wat(resource("tiny.wat")));
  }

  /** A linker that gives the tiny component its host. */
  static Linker host(Engine engine, HostFunction call) {
    return new Linker(engine).define("test:tiny/host", Map.of("call", call, "note", IGNORE));
  }

  /** Runs a task on a thread that may run guests, and hands on what it returns or throws. */
  static <T extends @Nullable Object> T onGuestThread(Callable<T> task) throws Exception {
    return onThread(Threads.STACK_BYTES, task);
  }

  static <T extends @Nullable Object> T onThread(long stackBytes, Callable<T> task)
      throws Exception {
    CompletableFuture<T> done = new CompletableFuture<>();
    Thread thread =
        Threads.platform(
            "guest",
            stackBytes,
            () -> {
              try {
                done.complete(task.call());
              } catch (Throwable t) {
                done.completeExceptionally(t);
              }
            });
    thread.start();
    try {
      return done.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case Exception exception -> throw exception;
        case Error error -> throw error;
        case null, default -> throw e;
      }
    }
  }

  /** Resident memory of this process in bytes, or -1 where the system does not tell. */
  static long residentBytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return -1;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    return -1;
  }
}
