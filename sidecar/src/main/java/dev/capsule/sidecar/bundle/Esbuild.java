package dev.capsule.sidecar.bundle;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * <a href="https://esbuild.github.io/">esbuild</a> as a process that lives as long as one bundling.
 * It finds files, but every file that becomes part of the bundle is given to it by {@link Sources}:
 * it reads none of them itself.
 */
final class Esbuild {
  /** Its service mode may change with the minor version. */
  private static final String SUPPORTED = "0.28.";

  private static final Duration LONGEST = Duration.ofSeconds(60);
  private static final int BUILD = 0;
  private static final int HOOK = 0;

  private final Path program;
  private final Duration longest;

  Esbuild(Path program) {
    this(program, LONGEST);
  }

  /**
   * @param longest a bundling that takes longer is ended
   */
  Esbuild(Path program, Duration longest) {
    this.program = program;
    this.longest = longest;
  }

  /** Gives esbuild the files that it has found. */
  interface Sources {
    /**
     * A file.
     *
     * @param path absolute
     */
    Source load(String path);
  }

  /** What a file is to esbuild. */
  sealed interface Source {
    /**
     * Its content.
     *
     * @param loader how to read it, <a href="https://esbuild.github.io/content-types/">by name</a>
     */
    record Content(String text, String loader) implements Source {}

    /** It may not be part of the bundle. */
    record Refused(String why) implements Source {}
  }

  /**
   * What is to be bundled.
   *
   * @param flags as of its command line
   * @param folder absolute; file names in answers are relative to it
   * @param entry absolute path of the entry
   * @param text of an entry that is no file; null: the entry is one
   */
  record Request(List<String> flags, Path folder, Path entry, @Nullable String text) {}

  /**
   * What came of it.
   *
   * @param errors what esbuild said; if any, there are no files
   * @param files by name
   * @param metafile JSON
   */
  record Answer(List<Map<?, ?>> errors, Map<String, byte[]> files, String metafile) {}

  /** Changes when the program does; looked at without starting it. */
  String identity() throws IOException {
    return program
        + " "
        + Files.size(program)
        + " "
        + Files.getLastModifiedTime(program).to(TimeUnit.NANOSECONDS);
  }

  /** Bundles, and waits for that. */
  Answer build(Request request, Sources sources) throws BundleException, InterruptedException {
    Process process = null;
    try {
      String version = version();
      process = start("--service=" + version);
      Process service = process;
      return await(process, () -> converse(service, version, request, sources));
    } catch (IOException e) {
      throw new BundleException(
          "esbuild (" + program + "), which bundles the program, cannot be run: " + e.getMessage());
    } finally {
      if (process != null) {
        process.destroyForcibly();
      }
    }
  }

  private String version() throws BundleException, IOException, InterruptedException {
    Process process = start("--version");
    try {
      String version =
          await(
              process,
              () -> new String(process.getInputStream().readNBytes(100), StandardCharsets.UTF_8));
      if (!version.startsWith(SUPPORTED)) {
        throw new BundleException(
            program
                + " is esbuild "
                + version.strip()
                + ", but "
                + SUPPORTED
                + "x is needed; run ./capsule build, and unset CAPSULE_ESBUILD");
      }
      return version.strip();
    } finally {
      process.destroyForcibly();
    }
  }

  private Process start(String argument) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(program.toString(), argument)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    // it needs none of them, and some change what it does
    builder.environment().keySet().removeIf(name -> !name.equalsIgnoreCase("SystemRoot"));
    return builder.start();
  }

  private interface Conversation<T> {
    T hold() throws IOException;
  }

  /** Holds a conversation on a thread that ends with the process, whatever that waits for. */
  private <T> T await(Process process, Conversation<T> conversation)
      throws BundleException, IOException, InterruptedException {
    FutureTask<T> task = new FutureTask<>(conversation::hold);
    Thread.ofPlatform().daemon().name("capsule-esbuild").start(task);
    try {
      return task.get(longest.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new BundleException(
          "the program is not bundled after "
              + longest.toSeconds()
              + " seconds; import fewer or smaller files");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException broken) {
        process.destroyForcibly();
        throw new IOException(
            "it ended with exit code " + process.waitFor() + ": " + broken.getMessage(), broken);
      }
      throw new IllegalStateException("cannot bundle: " + e.getCause(), e.getCause());
    }
  }

  private static Answer converse(Process process, String version, Request request, Sources sources)
      throws IOException {
    DataInputStream in = new DataInputStream(new BufferedInputStream(process.getInputStream()));
    OutputStream out = process.getOutputStream();
    String announced = new String(Packet.readBytes(in), StandardCharsets.UTF_8);
    if (!announced.equals(version)) {
      throw new IOException("it says that it is " + announced);
    }
    send(out, new Packet(BUILD, true, build(request)));
    while (true) {
      Packet packet = Packet.read(in);
      if (packet.request()) {
        send(out, new Packet(packet.id(), false, answer(packet.value(), sources)));
      } else if (packet.id() == BUILD) {
        return answer(packet.value());
      }
    }
  }

  private static void send(OutputStream out, Packet packet) throws IOException {
    out.write(packet.encode());
    out.flush();
  }

  private static Map<String, @Nullable Object> build(Request request) {
    Map<String, @Nullable Object> build = new LinkedHashMap<>();
    String text = request.text();
    build.put("command", "build");
    build.put("key", 0);
    build.put(
        "entries", text == null ? List.of(List.of("out", request.entry().toString())) : List.of());
    build.put("flags", request.flags());
    build.put("write", false);
    build.put("stdinContents", text == null ? null : text.getBytes(StandardCharsets.UTF_8));
    build.put("stdinResolveDir", text == null ? null : String.valueOf(request.entry().getParent()));
    build.put("absWorkingDir", request.folder().toString());
    build.put("nodePaths", List.of());
    build.put("context", false);
    build.put("plugins", List.of(plugin()));
    return build;
  }

  /** Has all files, and addresses of the web, sent to us. */
  private static Map<String, Object> plugin() {
    return Map.of(
        "name",
        "capsule",
        "onStart",
        false,
        "onEnd",
        false,
        "onResolve",
        List.of(Map.of("id", HOOK, "filter", "^([a-z]+:)?//", "namespace", "")),
        "onLoad",
        List.of(Map.of("id", HOOK, "filter", ".*", "namespace", "file")));
  }

  private static Map<String, ?> answer(Map<String, ?> asked, Sources sources) {
    if ("on-load".equals(asked.get("command")) && asked.get("path") instanceof String path) {
      return switch (sources.load(path)) {
        case Source.Content(String text, String loader) ->
            Map.of("id", HOOK, "contents", text.getBytes(StandardCharsets.UTF_8), "loader", loader);
        case Source.Refused(String why) -> refused(why);
      };
    }
    if ("on-resolve".equals(asked.get("command"))) {
      return refused(
          "imports from the web are not followed: install the package with npm, and import it by"
              + " its name");
    }
    return Map.of("errors", List.of(), "warnings", List.of()); // it begins
  }

  private static Map<String, ?> refused(String why) {
    Map<String, @Nullable Object> error = new LinkedHashMap<>();
    error.put("id", "");
    error.put("pluginName", "");
    error.put("text", why);
    error.put("location", null);
    error.put("notes", List.of());
    error.put("detail", -1);
    return Map.of("id", HOOK, "errors", List.of(error));
  }

  private static Answer answer(Map<String, ?> response) throws IOException {
    if (response.get("error") instanceof String fault) {
      throw new IOException(fault);
    }
    List<Map<?, ?>> errors = new ArrayList<>();
    for (Object each : list(response.get("errors"))) {
      if (each instanceof Map<?, ?> error) {
        errors.add(error);
      }
    }
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (Object each : list(response.get("outputFiles"))) {
      if (each instanceof Map<?, ?> file
          && file.get("path") instanceof String path
          && file.get("contents") instanceof byte[] bytes) {
        files.put(path, bytes);
      }
    }
    String metafile =
        switch (response.get("metafile")) {
          case String text -> text;
          case byte[] bytes -> new String(bytes, StandardCharsets.UTF_8);
          case null, default -> "";
        };
    return new Answer(errors, files, metafile);
  }

  private static List<?> list(@Nullable Object value) {
    return value instanceof List<?> list ? list : List.of();
  }
}
