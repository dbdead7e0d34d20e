package dev.capsule.sidecar.bundle;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What esbuild says of a bundle's files and <a
 * href="https://esbuild.github.io/api/#metafile">imports</a>: finds what else could have decided
 * where those lead.
 */
final class Metafile {
  private static final String MODULES = "node_modules";
  private static final String MANIFEST = "package.json";

  private final Path folder;
  private final Evidence evidence;
  private final Set<Path> seen = new HashSet<>();

  private Metafile(Path folder, Evidence evidence) {
    this.folder = folder;
    this.evidence = evidence;
  }

  /**
   * Adds to the evidence.
   *
   * @param folder that its file names are relative to
   */
  static void read(String json, Path folder, Evidence evidence) {
    Metafile metafile = new Metafile(folder, evidence);
    JsonObject inputs = JsonParser.parseString(json).getAsJsonObject().getAsJsonObject("inputs");
    for (Map.Entry<String, JsonElement> input : inputs.entrySet()) {
      metafile.input(input.getKey(), input.getValue().getAsJsonObject());
    }
  }

  private void input(String name, JsonObject input) {
    if (name.startsWith("data:") || name.startsWith("dataurl:")) {
      return; // it is its own content
    }
    // one that a package's "browser" field leaves out: "(disabled):path"
    Path file = folder.resolve(name.replaceFirst("^\\(?[a-z]+\\)?:(?!\\\\)", "")).normalize();
    Path parent = Objects.requireNonNull(file.getParent());
    manifests(parent);
    candidates(file);
    for (JsonElement each : input.getAsJsonArray("imports")) {
      JsonObject imported = each.getAsJsonObject();
      boolean external = imported.has("external") && imported.get("external").getAsBoolean();
      JsonElement original = imported.get("original");
      String specifier =
          original != null
              ? original.getAsString()
              : external ? imported.get("path").getAsString() : null;
      if (specifier != null && !(external && Builtins.has(specifier))) {
        specifier(parent, specifier);
      }
    }
  }

  /** Every package.json above a file may say what its imports mean. */
  private void manifests(@Nullable Path from) {
    for (Path above = from; above != null && seen.add(above); above = above.getParent()) {
      evidence.content(above.resolve(MANIFEST));
    }
  }

  private void specifier(Path from, String specifier) {
    if (specifier.startsWith(".") || specifier.startsWith("/")) {
      Path target = from.resolve(specifier).normalize();
      candidates(target);
      evidence.names(target, "index");
      evidence.content(target.resolve(MANIFEST));
    } else if (!specifier.startsWith("#")) { // which its package.json maps
      packages(from, specifier);
    }
  }

  /** Files that might be taken for one another: {@code ./util}, util.ts, util.js, util/index.ts. */
  private void candidates(Path target) {
    Path parent = target.getParent();
    Path last = target.getFileName();
    if (parent == null || last == null) {
      return;
    }
    String name = last.toString();
    String stem = Inputs.loader(target) == null ? name : name.substring(0, name.lastIndexOf('.'));
    evidence.names(parent, stem);
    if (stem.equals("index")) {
      candidates(parent);
    }
  }

  private void packages(Path from, String specifier) {
    String[] parts = specifier.split("/", 3);
    String name =
        specifier.startsWith("@") && parts.length > 1 ? parts[0] + "/" + parts[1] : parts[0];
    for (Path above = from; above != null; above = above.getParent()) {
      if (!above.endsWith(MODULES)) {
        Path modules = above.resolve(MODULES);
        evidence.target(modules, name);
        if (Files.exists(modules.resolve(name))) {
          return;
        }
      }
    }
  }
}
