package dev.capsule.repl.mcp;

import dev.capsule.protocol.LoadProgramParams;

/**
 * A program whose tasks become tools.
 *
 * @param shown how the user calls its file
 * @param toLoad asks the sidecar to load it
 */
public record ProgramSource(String shown, LoadProgramParams toLoad) {
  /** Whether arguments can be given by name. */
  boolean takesNames() {
    return toLoad.language().equals("python");
  }

  String stem() {
    return toLoad.module();
  }
}
