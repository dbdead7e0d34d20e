package dev.capsule.sidecar.task;

import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.DescribeConfigParams;
import dev.capsule.protocol.DescribeConfigResult;
import dev.capsule.protocol.LoadProgramParams;
import dev.capsule.sidecar.policy.ConfigFile;
import dev.capsule.sidecar.policy.OptionException;
import dev.capsule.sidecar.policy.ProjectConfig;
import dev.capsule.sidecar.sandbox.Engine;
import dev.capsule.sidecar.sandbox.Hashes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads programs and keeps the ones that were used last. A program that is asked for again is the
 * same one, unless a file that it was read from has changed since.
 */
final class ProgramLoader {
  private static final int MAX_PROGRAMS = 256;

  private final Engine engine;
  private final Languages languages;
  private final AtomicLong versions = new AtomicLong();
  private final Map<String, Program> byId = lastUsed();
  private final Map<String, String> idBySource = lastUsed();

  ProgramLoader(Engine engine, Languages languages) {
    this.engine = engine;
    this.languages = languages;
  }

  private static <V> Map<String, V> lastUsed() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
        return size() > MAX_PROGRAMS;
      }
    };
  }

  /**
   * The program of that id.
   *
   * @throws RequestException if it is not here, or no longer
   */
  Program get(@Nullable String id) {
    if (id == null) {
      throw RequestException.invalid(
          "program", null, "is missing; it must be an id from loadProgram");
    }
    synchronized (byId) {
      Program program = byId.get(id);
      if (program != null) {
        return program;
      }
    }
    throw RequestException.unknownProgram(id);
  }

  /**
   * Reads a program.
   *
   * @param progress told what takes long
   */
  Program load(LoadProgramParams params, Consumer<String> progress) {
    Language language = languages.named(required("language", params.language()));
    Path root = folder("root", params.root());
    Path file = file(params.file(), params.source() != null, root);
    String module = required("module", params.module());
    EntryFile entry = new EntryFile(language, root, module, file, params.source());
    return load(entry, configFile(root, params.config()), progress, 0);
  }

  private Program load(
      EntryFile entry, @Nullable ConfigFile configFile, Consumer<String> progress, int depth) {
    engine.prepare(entry.language().name()); // while the files are read
    Path root = entry.root();
    EntryFile.Content content = entry.read();
    String key =
        Hashes.of(
            entry.language().name(),
            root.toString(),
            entry.module(),
            entry.file().toString(),
            content.fingerprint(),
            configFile == null ? "" : configFile.path().toString(),
            configFile == null ? "" : configFile.text());
    Program known = known(key);
    ProjectConfig config = known == null ? config(configFile, root) : known.config();
    Path packages =
        Dependencies.install(entry.language(), config, content.text(), entry.shown(), progress);
    if (known != null
        && known.modules().isCurrent()
        && known.others().areCurrent()
        && Objects.equals(known.packages(), packages)) {
      return known;
    }
    String id = key;
    if (known != null) {
      id = Hashes.of(key, Long.toString(versions.incrementAndGet()));
      config = config(configFile, root); // the folders that it names may be others now
    }
    Program program =
        new ProgramReader(engine, entry, content, config, packages)
            .read(id, (file, deeper) -> open(file, configFile, deeper), depth);
    synchronized (byId) {
      byId.put(id, program);
      idBySource.put(key, id);
    }
    return program;
  }

  /** Reads the program of another file of a project, as a client would that names the file. */
  private Program open(Path file, @Nullable ConfigFile configFile, int depth) {
    Language language = languages.of(file, null);
    Path root = Objects.requireNonNull(file.getParent());
    String name = root.relativize(file).toString();
    EntryFile entry = new EntryFile(language, root, module(language, name), file, null);
    return load(entry, configFile, message -> {}, depth);
  }

  private static String module(Language language, String name) {
    String extension = language.extension(name);
    return extension == null ? name : name.substring(0, name.length() - extension.length());
  }

  /** What is set where, for a project or for one program of it. */
  DescribeConfigResult describeConfig(DescribeConfigParams params, Consumer<String> progress) {
    Path root = folder("root", params.root());
    Program program = params.file() == null ? null : load(program(params, root), progress);
    ProjectConfig config =
        program == null ? config(configFile(root, params.config()), root) : program.config();
    return ConfigReport.of(config, program);
  }

  private LoadProgramParams program(DescribeConfigParams params, Path root) {
    Path file = file(params.file(), false, root);
    Language language = languages.of(file, params.language());
    return new LoadProgramParams(
        language.name(),
        root.toString(),
        module(language, root.relativize(file).toString())
            .replace(root.getFileSystem().getSeparator(), "."),
        file.toString(),
        null,
        params.config());
  }

  static @Nullable ConfigFile configFile(Path root, @Nullable String named) {
    try {
      return ConfigFile.find(root, named);
    } catch (OptionException e) {
      throw RequestException.invalidOption(e);
    }
  }

  static ProjectConfig config(@Nullable ConfigFile file, Path root) {
    try {
      return ProjectConfig.read(file, root);
    } catch (OptionException e) {
      throw RequestException.invalidOption(e);
    }
  }

  private @Nullable Program known(String key) {
    synchronized (byId) {
      String id = idBySource.get(key);
      return id == null ? null : byId.get(id);
    }
  }

  static Path folder(String field, @Nullable String text) {
    Path path = absolute(field, text);
    try {
      Path real = path.toRealPath();
      if (Files.isDirectory(real)) {
        return real;
      }
    } catch (IOException e) {
      // told below
    }
    throw RequestException.invalid(field, json(path.toString()), "must be an existing folder");
  }

  /** The entry's file, which may be missing where the client gives the source itself. */
  private static Path file(@Nullable String text, boolean mayBeMissing, Path root) {
    Path path = absolute("file", text);
    Path parent = path.getParent();
    Path file = path;
    try {
      file =
          Files.exists(path) || parent == null
              ? path.toRealPath()
              : parent.toRealPath().resolve(path.getFileName());
    } catch (NoSuchFileException e) {
      if (!mayBeMissing) {
        throw RequestException.invalid("file", json(path.toString()), "must be an existing file");
      }
    } catch (IOException e) {
      throw RequestException.invalid(
          "file", json(path.toString()), "must be a readable file: " + e.getMessage());
    }
    if (!file.startsWith(root)) {
      throw RequestException.invalid(
          "file", json(path.toString()), "must lie in the program's folder " + root);
    }
    return file;
  }

  private static Path absolute(String field, @Nullable String text) {
    try {
      Path path = Path.of(required(field, text));
      if (path.isAbsolute()) {
        return path.normalize();
      }
    } catch (InvalidPathException e) {
      // told below
    }
    throw RequestException.invalid(field, json(text), "must be an absolute path");
  }

  private static String required(String field, @Nullable String value) {
    if (value == null || value.isEmpty()) {
      throw RequestException.invalid(field, value == null ? null : "\"\"", "is missing");
    }
    return value;
  }

  private static @Nullable String json(@Nullable String text) {
    return text == null ? null : new JsonPrimitive(text).toString();
  }
}
