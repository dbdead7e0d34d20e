package dev.capsule.sidecar.bundle;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says in users' terms why esbuild made no bundle. */
final class Complaint {
  private static final Pattern UNRESOLVED = Pattern.compile("Could not resolve \"(.*)\"");
  private static final Pattern PACKAGE = Pattern.compile("(@[^/]+/)?[^/@.#:][^/:]*(/.*)?");
  private static final int MAX_TEXT = 2_000;

  private final Territory territory;

  Complaint(Territory territory) {
    this.territory = territory;
  }

  /** The first error; how many more there are is said in its message. */
  BundleException of(List<Map<?, ?>> errors) {
    Map<?, ?> first = errors.getFirst();
    String more =
        switch (errors.size()) {
          case 1 -> "";
          case 2 -> " (and 1 more error)";
          default -> " (and " + (errors.size() - 1) + " more errors)";
        };
    if (!(first.get("location") instanceof Map<?, ?> location)
        || !(location.get("file") instanceof String name)) {
      return new BundleException(shorten(text(first)) + more);
    }
    Path file;
    try {
      file = territory.root().resolve(name).normalize();
    } catch (InvalidPathException e) {
      return new BundleException(shorten(text(first)) + more);
    }
    if (!territory.has(file)) {
      // a file that only decides how imports are resolved; what it holds is not the program's
      return new BundleException(
          file + ", which decides where imports lead, is not valid; correct or move it" + more);
    }
    int line = location.get("line") instanceof Integer number ? Math.max(1, number) : 1;
    return new BundleException(
        shorten(text(first)) + more, territory.shown(file), line, column(location));
  }

  /** The first error in code that is no file. */
  static BundleException ofCode(List<Map<?, ?>> errors) {
    Map<?, ?> first = errors.getFirst();
    String text = first.get("text") instanceof String said ? shorten(said + notes(first)) : "";
    return first.get("location") instanceof Map<?, ?> location
            && location.get("line") instanceof Integer line
        ? new BundleException(text, null, line, column(location))
        : new BundleException(text);
  }

  private String text(Map<?, ?> error) {
    String text = error.get("text") instanceof String said ? said : "";
    Matcher unresolved = UNRESOLVED.matcher(text);
    if (!unresolved.matches()) {
      return text + notes(error);
    }
    String name = unresolved.group(1);
    Matcher asPackage = PACKAGE.matcher(name);
    if (!asPackage.matches()) {
      return "there is no file " + quoted(name) + notes(error);
    }
    String[] parts = name.split("/", 3);
    String wanted = asPackage.group(1) != null ? parts[0] + "/" + parts[1] : parts[0];
    return "there is no package "
        + quoted(wanted)
        + ": install it, npm install "
        + wanted
        + " in "
        + territory.own()
        + notes(error);
  }

  /** What esbuild adds, without its advice on its own options. */
  private static String notes(Map<?, ?> error) {
    StringBuilder notes = new StringBuilder();
    if (error.get("notes") instanceof List<?> list) {
      for (Object each : list) {
        if (each instanceof Map<?, ?> note
            && note.get("text") instanceof String text
            && !text.startsWith("You can mark ")
            && !text.contains("esbuild")) {
          notes.append("; ").append(text);
        }
      }
    }
    return notes.toString();
  }

  private static String quoted(String name) {
    return "\"" + name + "\"";
  }

  private static String shorten(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 1) + "…";
  }

  /** esbuild counts bytes from 0, users characters from 1. */
  private static @Nullable Integer column(Map<?, ?> location) {
    if (!(location.get("column") instanceof Integer column)
        || !(location.get("lineText") instanceof String text)) {
      return null;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int before = Math.max(0, Math.min(column, bytes.length));
    return new String(bytes, 0, before, StandardCharsets.UTF_8).length() + 1;
  }
}
