package dev.capsule.sidecar.packages;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * pip, run by the user's Python through {@code pip_without_code.py}, which keeps it from starting
 * other processes. See <a href="https://pip.pypa.io/en/stable/reference/installation-report/">its
 * report</a>.
 */
record Pip(Path python) implements Installer {
  private static final String SCRIPT = "pip_without_code.py";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");

  @Override
  public String name() {
    return "pip";
  }

  private List<String> command(Path work, String... arguments) throws IOException {
    Path script = work.resolve(SCRIPT);
    try (InputStream in = Objects.requireNonNull(Pip.class.getResourceAsStream(SCRIPT))) {
      Files.write(script, in.readAllBytes());
    }
    List<String> command = new ArrayList<>(List.of(python.toString(), script.toString()));
    command.addAll(
        List.of(
            "install",
            "--quiet",
            "--no-input",
            "--no-color",
            "--disable-pip-version-check",
            "--no-compile",
            "--ignore-installed",
            "--only-binary=:all:",
            "--python-version",
            PythonVersion.SHORT));
    // Pure wheels first. Where a version has none, a native one may hold a pure half: see
    // NativeParts. The platform is the same on every machine, and so is what comes of it.
    for (String platform : new String[] {"any", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64"}) {
      command.addAll(List.of("--platform", platform));
    }
    for (String abi : new String[] {"cp314", "abi3", "none"}) {
      command.addAll(List.of("--abi", abi));
    }
    command.addAll(List.of("--implementation", "cp"));
    command.addAll(List.of(arguments));
    return command;
  }

  @Override
  public List<Locked> lock(Path requirements, Path work, Subprocess subprocess)
      throws PackageException, IOException, InterruptedException {
    Path report = work.resolve("report.json");
    subprocess.run(
        command(
            work,
            "--dry-run",
            "--report",
            report.toString(),
            "--target",
            work.resolve("nothing").toString(),
            "--requirement",
            requirements.toString()),
        work);
    return parse(Files.readString(report));
  }

  /** The packages of a report. */
  static List<Locked> parse(String report) throws PackageException {
    try {
      JsonArray all = JsonParser.parseString(report).getAsJsonObject().getAsJsonArray("install");
      Map<String, List<String>> neededBy = new HashMap<>();
      for (JsonElement each : all) {
        JsonObject metadata = each.getAsJsonObject().getAsJsonObject("metadata");
        JsonElement needs = metadata.get("requires_dist");
        for (JsonElement need : needs == null ? new JsonArray() : needs.getAsJsonArray()) {
          Matcher name = NAME.matcher(need.getAsString());
          if (name.lookingAt()) {
            neededBy
                .computeIfAbsent(Requirement.normalise(name.group()), ignored -> new ArrayList<>())
                .add(metadata.get("name").getAsString());
          }
        }
      }
      List<Locked> packages = new ArrayList<>();
      for (JsonElement each : all) {
        packages.add(locked(each.getAsJsonObject(), neededBy));
      }
      return packages;
    } catch (JsonParseException
        | IllegalStateException
        | UnsupportedOperationException
        | ClassCastException
        | NullPointerException
        | IllegalArgumentException e) {
      throw new PackageException("pip chose something that is not a wheel of an index: " + e);
    }
  }

  private static Locked locked(JsonObject chosen, Map<String, List<String>> neededBy) {
    JsonObject metadata = chosen.getAsJsonObject("metadata");
    JsonObject archive = chosen.getAsJsonObject("download_info").getAsJsonObject("archive_info");
    List<String> hashes = new ArrayList<>();
    JsonObject byName = archive.getAsJsonObject("hashes");
    if (byName != null) {
      byName.asMap().forEach((name, value) -> hashes.add(name + ":" + value.getAsString()));
    } else { // pip before 23
      hashes.add(archive.get("hash").getAsString().replace('=', ':'));
    }
    String name = metadata.get("name").getAsString();
    boolean requested = chosen.get("requested").getAsBoolean();
    return new Locked(
        name,
        metadata.get("version").getAsString(),
        hashes,
        requested ? List.of() : neededBy.getOrDefault(Requirement.normalise(name), List.of()));
  }

  @Override
  public void install(Path lock, Path target, Path work, Subprocess subprocess)
      throws PackageException, IOException, InterruptedException {
    List<String> command =
        command(
            work,
            "--no-deps",
            "--require-hashes",
            "--target",
            target.toString(),
            "--requirement",
            lock.toString());
    subprocess.run(command, work);
  }
}
