package dev.capsule.sidecar.task;

import dev.capsule.sidecar.sandbox.Engine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The modules of one program: the entry, and those in its folder, each read and compiled when it is
 * first imported and then kept, so that every task of a program runs the same source. A guest can
 * ask for nothing but modules: files of the language's extension, in the program's folder.
 */
final class FileModules implements Modules {
  private static final int MAX_BYTES = 16 << 20;
  private static final int MAX_NAME = 512;

  /** Modules to remember, and names of which there is none: guests may ask for any number. */
  private static final int MAX_KNOWN = 10_000;

  private static final Pattern NAME =
      Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*(\\.[\\p{L}_][\\p{L}\\p{N}_]*)*");

  private final Engine engine;
  private final String language;
  private final Language.Files layout;
  private final Path root;
  private final Module entry;
  private final Map<String, Optional<Module>> known = new ConcurrentHashMap<>();

  /**
   * Takes the entry, whose source the client knows.
   *
   * @param root a real path
   * @param name of the entry
   */
  FileModules(
      Engine engine,
      String language,
      Language.Files layout,
      Path root,
      String name,
      Path file,
      String source)
      throws RejectedException {
    this.engine = engine;
    this.language = language;
    this.layout = layout;
    this.root = root;
    this.entry = compile(name, shown(file), file.endsWith(layout.packageFile()), source);
    known.put(name, Optional.of(entry));
  }

  @Override
  public Module entry() {
    return entry;
  }

  @Override
  public @Nullable Module find(String name) throws RejectedException, IOException {
    if (name.length() > MAX_NAME || !NAME.matcher(name).matches()) {
      return null;
    }
    Optional<Module> module = known.get(name);
    if (module == null) {
      module = Optional.ofNullable(read(name));
      if (known.size() < MAX_KNOWN) {
        Optional<Module> first = known.putIfAbsent(name, module);
        module = first == null ? module : first;
      }
    }
    return module.orElse(null);
  }

  @Override
  public boolean isCurrent() {
    return known.entrySet().stream()
        .filter(module -> !module.getKey().equals(entry.name()))
        .allMatch(module -> isCurrent(module.getKey(), module.getValue().orElse(null)));
  }

  private boolean isCurrent(String name, @Nullable Module module) {
    try {
      Path file = locate(name);
      return module == null
          ? file == null
          : file != null && module.file().equals(shown(file)) && module.source().equals(text(file));
    } catch (IOException e) {
      return false;
    }
  }

  private @Nullable Module read(String name) throws RejectedException, IOException {
    Path file = locate(name);
    if (file == null) {
      return null;
    }
    if (Files.isDirectory(file)) {
      return Module.of(name, shown(file), true, "", "");
    }
    return compile(name, shown(file), file.endsWith(layout.packageFile()), text(file));
  }

  /** The file of a module, inside the folder whatever links there are, or null. */
  private @Nullable Path locate(String name) throws IOException {
    Path path = root.resolve(name.replace('.', '/'));
    for (Path candidate :
        new Path[] {
          path.resolve(layout.packageFile()),
          path.resolveSibling(path.getFileName() + layout.extension()),
          path
        }) {
      boolean wanted =
          candidate.equals(path) ? Files.isDirectory(candidate) : Files.isRegularFile(candidate);
      if (wanted && candidate.toRealPath().startsWith(root)) {
        return candidate;
      }
    }
    return null;
  }

  private String text(Path file) throws IOException {
    if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
      return "";
    }
    Path real = file.toRealPath();
    if (!real.startsWith(root)) { // a task may write here, and have changed it since it was found
      throw new IOException(shown(file) + " leads out of the program's folder");
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(real, LinkOption.NOFOLLOW_LINKS)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    }
    if (bytes.length > MAX_BYTES) {
      throw new IOException(shown(file) + " is longer than " + MAX_BYTES + " bytes");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException(shown(file) + " is not UTF-8", e);
    }
  }

  private Module compile(String name, String file, boolean isPackage, String source)
      throws RejectedException {
    return Module.of(
        name, file, isPackage, source, Modules.compile(engine, language, name, file, source));
  }

  private String shown(Path file) {
    return file.startsWith(root) ? root.relativize(file).toString() : file.toString();
  }
}
