package dev.capsule.sidecar.packages;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says in users' terms why an installer failed. */
final class InstallerErrors {
  private static final Pattern NOT_FOUND =
      Pattern.compile(
          "No matching distribution found for ([^\\s(]+)"
              + "|Because ([A-Za-z0-9._-]+) was not found in the package registry"
              + "|([A-Za-z0-9._-]+)(?:[<>=!~][^\\s]*)? has no usable wheels"
              + "|all versions of ([A-Za-z0-9._-]+) have no usable wheels");
  private static final Pattern CONFLICT =
      Pattern.compile(
          "ResolutionImpossible|conflicting dependencies|Double requirement given"
              + "|Because only [^ ]+ (?:is|are) available|you require [^ ]+ and [^ ]+, we can"
              + "|there (?:is|are) no versions? of");

  /** Where pip lists all versions there are, those behind the first and before the last ones. */
  private static final Pattern VERSIONS =
      Pattern.compile("(\\(from versions: )[^)]{60,}?((?:, [^,)]+){5}\\))");

  private static final Pattern OFFLINE =
      Pattern.compile(
          "NewConnectionError|Failed to establish a new connection|name resolution"
              + "|Max retries exceeded|ConnectTimeout|Connection refused|ReadTimeoutError"
              + "|dns error|error sending request|client error \\(Connect\\)|Network is unreachable",
          Pattern.CASE_INSENSITIVE);
  private static final int MAX_LINES = 12;
  private static final int MAX_LINE = 400;

  private InstallerErrors() {}

  static PackageException explain(String output) {
    if (output.contains("CAPSULE: no pip") || output.contains("No module named pip")) {
      return new PackageException(
          "this Python has no pip, which installs the packages: install uv, or set CAPSULE_PYTHON to"
              + " a Python with pip");
    }
    if (output.contains("no such option: --report")) {
      return new PackageException(
          "this pip is too old: 22.2 or later is needed (python3 -m pip install --upgrade pip), or"
              + " uv");
    }
    if (OFFLINE.matcher(output).find()) {
      return new PackageException(
          "the package index cannot be reached; packages are fetched once, and then kept."
              + details(output));
    }
    if (CONFLICT.matcher(output).find()) {
      return new PackageException(
          "no versions of the packages fit together, or there are none such: change the versions"
              + " that the dependencies ask for."
              + details(output));
    }
    Matcher missing = NOT_FOUND.matcher(output);
    if (missing.find()) {
      return missing(missing, output);
    }
    if (output.contains("DO NOT MATCH THE HASHES") || output.contains("Hash mismatch")) {
      return new PackageException(
          "the index gave another file than when the versions were chosen, under the same version;"
              + " nothing was installed."
              + details(output));
    }
    return new PackageException("the packages cannot be installed." + details(output));
  }

  private static PackageException missing(Matcher found, String output) {
    String name = found.group(1);
    for (int i = 2; name == null && i <= found.groupCount(); i++) {
      name = found.group(i);
    }
    return new PackageException(
        "there is no wheel of "
            + name
            + " that could be used: the index does not have that name or version, or has it only as"
            + " source, which is never built because that would run its code on this machine. Check"
            + " the spelling, the versions, and that the index can be reached; a package that comes"
            + " as source only can be used in a host tool (@tool), which runs in your own process."
            + details(output),
        null,
        name == null ? null : Requirement.normalise(name.replaceFirst("[\\[<>=!~;].*", "")));
  }

  /** What the installer says, without what its progress and tracebacks would add. */
  private static String details(String output) {
    List<String> lines =
        output
            .lines()
            .map(
                line -> line.replaceAll("\\u001b\\[[0-9;]*[A-Za-z]|\\p{Cntrl}", "").stripTrailing())
            .filter(line ->
                !line.isBlank() && !line.contains("WARNING: ") && !line.contains("[notice]"))
            .map(line -> withoutCredentials(line))
            .map(line -> VERSIONS.matcher(line).replaceAll("$1…$2"))
            .map(line -> line.length() <= MAX_LINE ? line : line.substring(0, MAX_LINE - 1) + "…")
            .toList();
    int first = Math.max(0, lines.size() - MAX_LINES);
    return lines.isEmpty()
        ? " It does not say why."
        : " The installer says:\n  " + String.join("\n  ", lines.subList(first, lines.size()));
  }

  /** An index's address may hold a password. */
  private static String withoutCredentials(String line) {
    return line.replaceAll("(?i)([a-z][a-z0-9+.-]*://)[^/\\s@]*@", "$1***@");
  }
}
