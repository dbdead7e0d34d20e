package dev.capsule.sidecar.policy;

/**
 * A package that a project asks for, as written and unchecked.
 *
 * @param entry its place in the list, from 0
 * @param file the configuration, as shown to users
 * @param line from 1
 * @param column from 1
 */
public record Dependency(String text, int entry, String file, int line, int column) {
  /** The error that it cannot be asked for. */
  public OptionException fault(String value, String why) {
    return new OptionException(
        "dependencies[" + entry + "]", value, why, file + ":" + line + ":" + column);
  }
}
