package dev.capsule.sidecar.bundle;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Modules that programs import and that are no files: their guest has them. */
final class Builtins {
  private static final String NODE = "node:";
  private static final String SDK = "@capsule/sdk";

  /** Those of <a href="https://nodejs.org/api/">Node</a> that may be named without "node:". */
  private static final Set<String> BARE =
      Set.of(
          "assert",
          "async_hooks",
          "buffer",
          "child_process",
          "cluster",
          "console",
          "constants",
          "crypto",
          "dgram",
          "diagnostics_channel",
          "dns",
          "domain",
          "events",
          "fs",
          "http",
          "http2",
          "https",
          "inspector",
          "module",
          "net",
          "os",
          "path",
          "perf_hooks",
          "process",
          "punycode",
          "querystring",
          "readline",
          "repl",
          "stream",
          "string_decoder",
          "sys",
          "timers",
          "tls",
          "trace_events",
          "tty",
          "url",
          "util",
          "v8",
          "vm",
          "wasi",
          "worker_threads",
          "zlib");

  /** Their parts. */
  private static final Set<String> PARTS =
      Set.of(
          "assert/strict",
          "dns/promises",
          "fs/promises",
          "inspector/promises",
          "path/posix",
          "path/win32",
          "readline/promises",
          "stream/consumers",
          "stream/promises",
          "stream/web",
          "timers/promises",
          "util/types");

  private Builtins() {}

  static boolean has(String specifier) {
    return specifier.startsWith(NODE)
        || specifier.equals(SDK)
        || BARE.contains(specifier)
        || PARTS.contains(specifier);
  }

  /** The flags that leave them out of bundles. */
  static List<String> flags() {
    return Stream.of(Stream.of(NODE + "*", SDK), BARE.stream().sorted(), PARTS.stream().sorted())
        .flatMap(names -> names)
        .map(name -> "--external:" + name)
        .toList();
  }
}
