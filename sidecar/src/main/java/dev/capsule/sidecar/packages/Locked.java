package dev.capsule.sidecar.packages;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A package in the one version that was chosen.
 *
 * @param name as its index spells it
 * @param hashes of its wheels, {@code "sha256:…"}: nothing else will be installed under its name
 * @param neededBy names of the packages that asked for it; empty if the program did
 */
record Locked(String name, String version, List<String> hashes, List<String> neededBy) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,200}");
  private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.!+_-]{0,200}");
  private static final Pattern HASH = Pattern.compile("sha(256|384|512):[0-9a-f]{64,128}");

  /** Names, versions and hashes are an index's: they go into a file whose lines mean something. */
  Locked {
    hashes = List.copyOf(hashes);
    neededBy = List.copyOf(neededBy);
    if (!NAME.matcher(name).matches()
        || !VERSION.matcher(version).matches()
        || hashes.isEmpty()
        || !hashes.stream().allMatch(hash -> HASH.matcher(hash).matches())
        || !neededBy.stream().allMatch(other -> NAME.matcher(other).matches())) {
      throw new IllegalArgumentException("no package can be named or numbered like that");
    }
  }

  /** As pip and uv take it, with what they skip behind it. */
  private String line() {
    return name
        + "=="
        + version
        + " --hash="
        + String.join(" --hash=", hashes)
        + (neededBy.isEmpty() ? "" : "  # via " + String.join(" ", neededBy));
  }

  static String write(List<Locked> packages) {
    return String.join("\n", packages.stream().map(Locked::line).sorted().toList()) + "\n";
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException if it did not
   */
  static List<Locked> read(String text) {
    List<Locked> packages = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String[] halves = line.split("  # via ", 2);
      String[] words = halves[0].split(" --hash=", -1);
      String[] pin = words[0].split("==", 2);
      packages.add(
          new Locked(
              pin[0],
              pin.length == 2 ? pin[1] : "",
              Arrays.asList(words).subList(1, words.length),
              halves.length == 2 ? Arrays.asList(halves[1].split(" ", -1)) : List.of()));
    }
    return packages;
  }

  /**
   * The name of a package that the program asked for and that needs this one; its own if none is
   * found.
   */
  String askedFor(List<Locked> all) {
    Set<String> seen = new LinkedHashSet<>(Set.of(Requirement.normalise(name)));
    Deque<Locked> towards = new ArrayDeque<>(List.of(this));
    while (!towards.isEmpty()) {
      Locked next = towards.remove();
      if (next.neededBy.isEmpty()) {
        return Requirement.normalise(next.name);
      }
      for (Locked other : all) {
        boolean needs =
            next.neededBy.stream()
                .anyMatch(
                    by -> Requirement.normalise(by).equals(Requirement.normalise(other.name)));
        if (needs && seen.add(Requirement.normalise(other.name))) {
          towards.add(other);
        }
      }
    }
    return Requirement.normalise(name);
  }

  /** For people: name, version, and who asked for it. */
  String shown() {
    return name
        + " "
        + version
        + (neededBy.isEmpty() ? "" : " (needed by " + String.join(", ", neededBy) + ")");
  }
}
