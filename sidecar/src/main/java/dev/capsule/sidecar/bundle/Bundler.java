package dev.capsule.sidecar.bundle;

import dev.capsule.sidecar.sandbox.Hashes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes one module of a program and all that it imports, and keeps it for as long as nothing that
 * it was made of changes. Safe to use from any thread.
 */
public final class Bundler {
  /** Part of every key: a change of how bundles are made makes them anew. */
  private static final String FORMAT = "1";

  private static final String OUTPUT = ".capsule-bundle";

  /** What packages for other run times than browsers and Node choose is most like the sandbox. */
  private static final List<String> FLAGS =
      List.of(
          "--bundle",
          "--format=esm",
          "--platform=browser",
          "--conditions=worker,browser",
          "--main-fields=browser,module,main",
          "--target=es2023",
          "--keep-names", // tasks are named after their functions
          "--metafile",
          "--sourcemap=external",
          "--legal-comments=none",
          "--charset=utf8",
          "--log-level=silent",
          "--log-limit=0",
          "--entry-names=" + OUTPUT,
          "--define:process.env.NODE_ENV=\"production\"");

  /** Of a piece of code that is no module: it stays as it is, but for its types. */
  private static final List<String> STRIP =
      List.of(
          "--loader=ts",
          "--format=esm",
          "--target=esnext",
          "--charset=utf8",
          "--sourcemap=inline",
          "--sources-content=false",
          "--log-level=silent",
          "--tsconfig-raw={\"compilerOptions\":{\"verbatimModuleSyntax\":true}}");

  /** What a bundle begins with whose parts, in CommonJS, ask for modules of the guest. */
  private static final String REQUIRE =
      "import { createRequire as __capsuleCreateRequire } from \"node:module\";"
          + " const require = __capsuleCreateRequire(import.meta.url);\n";

  /** In a tsconfig.json: other files then decide where imports lead, too. */
  private static final Pattern REACHES_OUT =
      Pattern.compile("\"(extends|paths|baseUrl|rootDirs)\"");

  private final BundleStore store;
  private final Path modules;
  private final Map<String, String> environment;
  private final Consumer<String> log;

  /**
   * @param cache the user's cache folder
   * @param modules the node_modules folder of the build
   * @param environment of this process, which may say where esbuild is
   * @param log told what goes wrong that no program suffers from
   */
  public Bundler(Path cache, Path modules, Map<String, String> environment, Consumer<String> log) {
    this.store = new BundleStore(cache);
    this.modules = modules;
    this.environment = environment;
    this.log = log;
  }

  /**
   * The bundle of a program.
   *
   * @param root the program's folder, a real path
   * @param file the entry's file, a real path
   * @param source the entry's text; null: what its file holds
   * @throws InterruptedException if the thread was interrupted; nothing is left behind
   */
  public Bundle bundle(Path root, Path file, @Nullable String source)
      throws BundleException, InterruptedException {
    Esbuild esbuild = new Esbuild(EsbuildProgram.find(modules, environment));
    try {
      String key =
          Hashes.of(
              FORMAT,
              String.join("\n", FLAGS),
              esbuild.identity(),
              root.toString(),
              file.toString(),
              source == null ? "-" : "+" + source);
      Bundle kept = store.find(key);
      return kept != null ? kept : make(esbuild, key, root, file, source);
    } catch (IOException e) {
      throw new BundleException("the cache of bundles cannot be used: " + e.getMessage());
    }
  }

  /**
   * TypeScript without its types, and with a source map at its end. Nothing that it imports is
   * looked at.
   *
   * @throws InterruptedException if the thread was interrupted; nothing is left behind
   */
  public String strip(String source) throws BundleException, InterruptedException {
    Path root = Path.of("").toAbsolutePath();
    Esbuild.Answer answer =
        new Esbuild(EsbuildProgram.find(modules, environment))
            .build(
                new Esbuild.Request(STRIP, root, root.resolve("cell.ts"), source),
                path -> new Esbuild.Source.Refused("a cell is not bundled"));
    if (!answer.errors().isEmpty()) {
      throw Complaint.ofCode(answer.errors());
    }
    byte[] code = answer.files().values().stream().findFirst().orElse(null);
    if (code == null) {
      throw new BundleException("esbuild has made nothing of the code");
    }
    return new String(code, StandardCharsets.UTF_8);
  }

  private Bundle make(Esbuild esbuild, String key, Path root, Path file, @Nullable String source)
      throws BundleException, IOException, InterruptedException {
    Territory territory = Territory.of(root);
    Evidence evidence = new Evidence(Instant.now(), territory.own());
    Inputs inputs = new Inputs(territory, file, source);
    Path settings = settings(territory, file, evidence);
    boolean isFile = Files.exists(file);
    Esbuild.Answer answer =
        esbuild.build(
            new Esbuild.Request(
                flags(root, file, settings, isFile), root, file, isFile ? null : source),
            inputs);
    if (!answer.errors().isEmpty()) {
      throw new Complaint(territory).of(answer.errors());
    }
    Bundle bundle = bundle(answer);
    inputs.read().forEach(evidence::read);
    if (isFile && (settings == null || !reachesOut(settings))) {
      Metafile.read(answer.metafile(), root, evidence);
      if (!evidence.isDoubtful()) {
        store.keep(key, bundle, evidence.encoded());
      }
    }
    return bundle;
  }

  private static List<String> flags(Path root, Path file, @Nullable Path settings, boolean isFile) {
    List<String> flags = new ArrayList<>(FLAGS);
    flags.addAll(Builtins.flags());
    flags.add("--outdir=" + root);
    flags.add(settings == null ? "--tsconfig-raw={}" : "--tsconfig=" + settings);
    if (!isFile) {
      String loader = Inputs.loader(file);
      flags.add("--loader=" + (loader == null ? "ts" : loader));
      flags.add("--sourcefile=" + root.relativize(file));
    }
    return flags;
  }

  /** The nearest tsconfig.json of the program's own package; null: there is none. */
  private static @Nullable Path settings(Territory territory, Path file, Evidence evidence)
      throws BundleException, IOException {
    for (Path folder = file.getParent();
        folder != null && folder.startsWith(territory.own());
        folder = folder.getParent()) {
      Path settings = folder.resolve("tsconfig.json");
      evidence.content(settings);
      if (Files.isRegularFile(settings)) {
        if (!settings.toRealPath().startsWith(territory.own())) {
          throw new BundleException(
              "tsconfig.json leads out of the program's folder " + territory.own(),
              territory.shown(settings),
              null,
              null);
        }
        return settings;
      }
    }
    return null;
  }

  private static boolean reachesOut(Path settings) throws IOException {
    return REACHES_OUT.matcher(Files.readString(settings, StandardCharsets.ISO_8859_1)).find();
  }

  private static Bundle bundle(Esbuild.Answer answer) throws BundleException {
    String code = null;
    String map = null;
    for (Map.Entry<String, byte[]> each : answer.files().entrySet()) {
      String text = new String(each.getValue(), StandardCharsets.UTF_8);
      if (each.getKey().endsWith(OUTPUT + ".js")) {
        code = text;
      } else if (each.getKey().endsWith(OUTPUT + ".js.map")) {
        map = text;
      }
    }
    if (code == null || map == null) {
      throw new BundleException("esbuild has made no module of the program");
    }
    // what esbuild puts there for calls of require() that it leaves; it renames a program's own
    // names
    return code.contains("var __require = ")
        ? Bundle.of(REQUIRE + code, SourceMaps.slim(map, 1))
        : Bundle.of(code, SourceMaps.slim(map, 0));
  }

  /**
   * What a guest made of a bundle before; null: nothing that is known.
   *
   * @param guest stands for this very build of the guest
   */
  public @Nullable String compiled(Bundle bundle, String guest) {
    try {
      return store.code(bundle, guest);
    } catch (IOException e) {
      log.accept("the cache of bundles cannot be read: " + e.getMessage());
      return null;
    }
  }

  /**
   * Keeps what a guest made of a bundle.
   *
   * @param code what {@code compile} of that guest returned, and nothing else
   */
  public void keep(Bundle bundle, String guest, String code) {
    try {
      store.keepCode(bundle, guest, code);
    } catch (IOException e) {
      log.accept("the cache of bundles cannot be written: " + e.getMessage());
    }
  }
}
