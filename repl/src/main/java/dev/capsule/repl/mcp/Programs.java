package dev.capsule.repl.mcp;

import dev.capsule.repl.client.RpcException;
import java.util.List;

/** Which programs the project has. */
@FunctionalInterface
public interface Programs {
  /**
   * What was found.
   *
   * @param problems why others were not
   */
  record Found(List<ProgramSource> programs, List<String> problems) {
    public Found {
      programs = List.copyOf(programs);
      problems = List.copyOf(problems);
    }
  }

  /** Looks for them; the sidecar may have to be asked. */
  Found find() throws RpcException, InterruptedException;
}
