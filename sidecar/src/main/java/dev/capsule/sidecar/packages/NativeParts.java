package dev.capsule.sidecar.packages;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Machine code in packages, of which nothing can run in a sandbox. Many packages have it only to be
 * faster: where there is the same module in Python it takes over; elsewhere a module comes in its
 * place that raises ImportError, which such packages are made for. Whether a package can do without
 * is then tried in a sandbox.
 */
final class NativeParts {
  /** An extension module, {@code _yaml.cpython-314-x86_64-linux-gnu.so}: its name comes first. */
  private static final Pattern MODULE =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)(?:\\.[A-Za-z0-9_-]+)?\\.(?:so|pyd)");

  private static final Pattern NATIVE =
      Pattern.compile(".*\\.(?:so(?:\\.[0-9.]+)?|pyd|dll|dylib|a|lib|o)");
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final String SCRIPTS = "bin";

  /** Enough for as many files as there may be. */
  private static final int MAX_RECORD_BYTES = 16 << 20;

  private NativeParts() {}

  /**
   * Takes them out of a folder.
   *
   * @return which package to import to see if it can do without, and what it belongs to
   */
  static Map<String, Locked> remove(Path folder, List<Locked> packages) throws IOException {
    FileTree.delete(folder.resolve(SCRIPTS)); // programs for the host; nobody calls them there
    Map<String, Locked> owners = null;
    Map<String, Locked> toTry = new TreeMap<>();
    for (Path file : FileTree.files(folder)) {
      String name = file.getFileName().toString();
      if (!NATIVE.matcher(name.toLowerCase(Locale.ROOT)).matches()) {
        continue;
      }
      owners = owners == null ? owners(folder, packages) : owners;
      Path place = folder.relativize(file);
      Files.delete(file);
      Matcher module = MODULE.matcher(name);
      if (!module.matches() || !isImportable(place.getParent())) {
        continue;
      }
      Path pure = file.resolveSibling(module.group(1) + ".py");
      if (Files.exists(pure) || Files.exists(file.resolveSibling(module.group(1)))) {
        continue;
      }
      Locked owner = owners.get(portable(place));
      String dotted = dotted(place.resolveSibling(module.group(1)));
      Files.writeString(pure, standIn(dotted, owner));
      if (owner != null) {
        toTry.put(dotted.replaceFirst("\\..*", ""), owner);
      }
    }
    return toTry;
  }

  private static boolean isImportable(@Nullable Path folder) {
    if (folder != null) {
      for (Path part : folder) {
        if (!IDENTIFIER.matcher(part.toString()).matches()) {
          return false;
        }
      }
    }
    return true;
  }

  private static String dotted(Path place) {
    StringBuilder name = new StringBuilder();
    for (Path part : place) {
      name.append(name.isEmpty() ? "" : ".").append(part);
    }
    return name.toString();
  }

  /**
   * Names, not texts of a package, so that nothing needs to be quoted. The error has no {@code
   * name}: {@code from package import part} passes over one that has that of the part.
   */
  private static String standIn(String module, @Nullable Locked owner) {
    return "raise ModuleNotFoundError(\""
        + module
        + (owner == null ? "" : " of " + owner.name() + " " + owner.version())
        + " is native code, which cannot run in a sandbox; use it in a host tool (@tool)\")\n";
  }

  /** Which package each file came with, as the packages say themselves. */
  private static Map<String, Locked> owners(Path folder, List<Locked> packages) throws IOException {
    Map<String, Locked> byName = new HashMap<>();
    packages.forEach(each -> byName.put(Requirement.normalise(each.name()), each));
    Map<String, Locked> owners = new HashMap<>();
    try (var records = Files.newDirectoryStream(folder, "*.dist-info")) {
      for (Path info : records) {
        String distribution = info.getFileName().toString().replaceFirst("-.*", "");
        Locked owner = byName.get(Requirement.normalise(distribution));
        Path list = info.resolve("RECORD");
        if (owner != null
            && Files.isRegularFile(list, LinkOption.NOFOLLOW_LINKS)
            && Files.size(list) <= MAX_RECORD_BYTES) {
          new String(Files.readAllBytes(list), StandardCharsets.UTF_8)
              .lines()
              .map(line -> line.replaceFirst(",[^,]*,[^,]*$", "").replace("\"", ""))
              .forEach(path -> owners.put(path, owner));
        }
      }
    }
    return owners;
  }

  private static String portable(Path place) {
    return place.toString().replace(File.separatorChar, '/');
  }
}
