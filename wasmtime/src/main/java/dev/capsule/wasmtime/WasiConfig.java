package dev.capsule.wasmtime;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a guest gets through WASI: nothing but clocks and random numbers, unless granted here. It is
 * plain data until {@link Store#setWasi} hands it over, holds nothing native, and can be used
 * again.
 */
public final class WasiConfig {
  private final List<Preopen> preopens = new ArrayList<>();
  private final Map<String, String> env = new LinkedHashMap<>();
  private final List<String> args = new ArrayList<>();
  private byte @Nullable [] stdin;
  private @Nullable OutputSink stdout;
  private @Nullable OutputSink stderr;

  private record Preopen(Path host, String guest, boolean writable) {}

  /**
   * Grants a folder and all below it. Symbolic links and {@code ..} do not lead out of it.
   *
   * @param host an existing folder; it is opened when the configuration is given to a store
   * @param guest the path at which the guest sees it
   * @param writable whether the guest may change anything there
   */
  public WasiConfig preopen(Path host, String guest, boolean writable) {
    Check.noNul("host path", host.toString());
    preopens.add(new Preopen(host, Check.noNul("guest path", guest), writable));
    return this;
  }

  /** Adds environment variables. */
  public WasiConfig env(Map<String, String> variables) {
    variables.forEach((name, value) -> {
      if (name.isEmpty() || name.indexOf('=') >= 0) {
        throw new IllegalArgumentException("not a name of a variable: '" + name + "'");
      }
      env.put(Check.noNul("variable name", name), Check.noNul("variable " + name, value));
    });
    return this;
  }

  /** Adds arguments, the first of which is by custom the program's name. */
  public WasiConfig args(List<String> arguments) {
    arguments.forEach(argument -> args.add(Check.noNul("argument", argument)));
    return this;
  }

  /** Standard input; by default it is at its end. */
  public WasiConfig stdin(byte[] bytes) {
    stdin = bytes.clone();
    return this;
  }

  /** Receives standard output; by default it is dropped. */
  public WasiConfig stdout(OutputSink sink) {
    stdout = sink;
    return this;
  }

  /** Receives standard error; by default it is dropped. */
  public WasiConfig stderr(OutputSink sink) {
    stderr = sink;
    return this;
  }

  /** A native copy for one store, owned by the caller until it gives it to the store. */
  long create(Store store, Wasmtime wasmtime) {
    Api api = wasmtime.api();
    long config = api.wasiNew.get();
    try (Arena arena = Arena.ofConfined()) {
      for (Preopen preopen : preopens) {
        if (!api.wasiPreopen.test(
            config,
            arena.allocateFrom(preopen.host.toAbsolutePath().toString()).address(),
            arena.allocateFrom(preopen.guest).address(),
            preopen.writable)) {
          throw new WasmtimeException(
              "cannot open the folder %s%s"
                  .formatted(
                      preopen.host, Files.isDirectory(preopen.host) ? "" : ": there is none"));
        }
      }
      if (!env.isEmpty()) {
        require(
            api.wasiEnv.test(
                config,
                (long) env.size(),
                strings(arena, env.keySet()),
                strings(arena, env.values())),
            "environment");
      }
      if (!args.isEmpty()) {
        require(api.wasiArgs.test(config, (long) args.size(), strings(arena, args)), "arguments");
      }
      if (stdin != null) {
        long vec = arena.allocate(Memory.VEC, 8).address();
        wasmtime.values().writeBytes(stdin, vec);
        api.wasiStdin.run(config, vec);
      }
      output(api.wasiStdout, config, stdout, store, wasmtime.callbacks());
      output(api.wasiStderr, config, stderr, store, wasmtime.callbacks());
      return config;
    } catch (Throwable t) {
      api.wasiDelete.run(config);
      throw t;
    }
  }

  private static void output(
      Symbol setter, long config, @Nullable OutputSink sink, Store store, Callbacks callbacks) {
    if (sink != null) {
      setter.run(
          config,
          callbacks.outputStub(),
          callbacks.register(new Callbacks.Output(sink, store)),
          callbacks.releaseStub());
    }
  }

  private static void require(boolean accepted, String what) {
    if (!accepted) {
      throw new WasmtimeException("Wasmtime refused the " + what);
    }
  }

  /** An array of C strings. */
  private static long strings(Arena arena, Iterable<String> texts) {
    List<Long> addresses = new ArrayList<>();
    texts.forEach(text -> addresses.add(arena.allocateFrom(text).address()));
    long array = arena.allocate(8L * addresses.size(), 8).address();
    for (int i = 0; i < addresses.size(); i++) {
      Memory.putLong(array + 8L * i, addresses.get(i));
    }
    return array;
  }
}
