package dev.capsule.sidecar.packages;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Says of packages that are nothing without native code what to do instead. Those that many people
 * ask for are known by name, so that they are refused before they are fetched.
 */
final class NativeCode {
  private static final String IN_A_TOOL =
      "use it in a host tool (@tool), which runs in your own Python process";
  private static final Map<String, String> INSTEAD = instead();

  private NativeCode() {}

  private static Map<String, String> instead() {
    Map<String, String> instead = new HashMap<>();
    for (String name :
        List.of(
            "numpy",
            "scipy",
            "pandas",
            "polars",
            "pyarrow",
            "torch",
            "tensorflow",
            "jax",
            "scikit-learn",
            "matplotlib",
            "opencv-python",
            "opencv-python-headless",
            "pillow",
            "tokenizers",
            "tiktoken",
            "grpcio",
            "psycopg2",
            "psycopg2-binary",
            "psycopg-binary",
            "bcrypt",
            "pynacl",
            "lightgbm",
            "xgboost",
            "duckdb")) {
      instead.put(name, IN_A_TOOL);
    }
    instead.put("pydantic-core", "ask for \"pydantic<2\", which works without it, or " + IN_A_TOOL);
    instead.put(
        "cryptography", "hashlib, hmac and secrets are there; sign and encrypt in a host tool");
    instead.put(
        "lxml", "xml.etree.ElementTree is there, and html5lib and beautifulsoup4 work without it");
    instead.put("orjson", "json is there");
    instead.put("ujson", "json is there");
    instead.put("regex", "re is there");
    instead.put("rpds-py", "ask for \"jsonschema<4.18\", which works without it");
    instead.put("jiter", "call that service in a host tool (@tool), which also keeps its key");
    return Map.copyOf(instead);
  }

  /** Refuses what is known. */
  static void check(List<Locked> packages) throws PackageException {
    for (Locked each : packages) {
      if (INSTEAD.containsKey(Requirement.normalise(each.name()))) {
        throw refusal(each, packages, "");
      }
    }
  }

  /**
   * The refusal of one package.
   *
   * @param all the packages among which it is
   * @param reason what it raised without its native part; empty if that was not tried
   */
  static PackageException refusal(Locked each, List<Locked> all, String reason) {
    return new PackageException(
        each.shown()
            + " is native code, which is made for a processor and an operating system and cannot"
            + " run in a sandbox"
            + (reason.isEmpty() ? "" : " (without it: " + reason + ")")
            + ". What to do: "
            + INSTEAD.getOrDefault(
                Requirement.normalise(each.name()),
                "look for a package, or an older version, that is pure Python, or " + IN_A_TOOL),
        null,
        each.askedFor(all));
  }
}
