package dev.capsule.sidecar.bundle;

import dev.capsule.sidecar.harness.SidecarProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** A folder with a program and what lies around it, and the real bundler. */
final class Kit {
  final Path outside;
  final Path root;
  final Path cache;
  final List<String> log = new ArrayList<>();
  Map<String, String> environment = Map.of();

  Kit(Path folder) {
    try {
      this.outside = Files.createDirectories(folder.resolve("outside")).toRealPath();
      this.root = Files.createDirectories(outside.resolve("home/project")).toRealPath();
      this.cache = folder.resolve("cache");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The node_modules that the build has made; tests that need it are skipped without. */
  static Path modules() {
    Path modules = SidecarProcess.home().resolve("node").resolve("node_modules");
    Assumptions.assumeTrue(
        Files.isDirectory(modules),
        "JavaScript is not built: it needs Node 20 or newer and ./capsule build");
    return modules;
  }

  /** Writes a file; its name is relative to the program's folder. */
  Kit with(String name, String text) {
    try {
      Path file = root.resolve(name).normalize();
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a package into the program's node_modules. */
  Kit withPackage(String name, String text) {
    return with("node_modules/" + name + "/package.json", "{\"name\": \"" + name + "\"}")
        .with("node_modules/" + name + "/index.js", text);
  }

  Bundle bundle() throws BundleException, InterruptedException {
    return bundle("main.ts", null);
  }

  Bundle bundle(String entry, @Nullable String source)
      throws BundleException, InterruptedException {
    return new Bundler(cache, modules(), environment, log::add)
        .bundle(root, root.resolve(entry), source);
  }

  /** Why it cannot be bundled. */
  BundleException refusal() throws InterruptedException {
    try {
      Bundle bundle = bundle();
      throw new AssertionError("it was bundled: " + bundle.code());
    } catch (BundleException e) {
      return e;
    }
  }
}
