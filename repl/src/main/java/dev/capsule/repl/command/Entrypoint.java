package dev.capsule.repl.command;

import dev.capsule.protocol.DescribeConfigParams;
import dev.capsule.protocol.DescribeConfigResult;
import dev.capsule.protocol.Method;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.view.Shown;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The program that a configuration names to be run.
 *
 * @param config the configuration's absolute path
 */
record Entrypoint(ProgramFile program, String config) {
  /**
   * Looks for it.
   *
   * @param config the configuration's path; null: the nearest one; empty: none
   * @throws UsageException if there is none
   */
  static Entrypoint find(Session session, @Nullable String config, Path workingFolder)
      throws RpcException, InterruptedException, UsageException {
    var params = new DescribeConfigParams(workingFolder.toString(), null, null, config);
    DescribeConfigResult found =
        session.await(Method.DESCRIBE_CONFIG, params, DescribeConfigResult.class);
    if (found.config() == null) {
      throw new UsageException(
          "name the FILE to run; there is no "
              + (config == null ? "capsule.toml here or above" : "configuration")
              + " that names an entrypoint.\n  See: capsule run --help, capsule init --help");
    }
    Path file = Path.of(found.config());
    if (found.entrypoint() == null) {
      String section = file.endsWith("pyproject.toml") ? "[tool.capsule.workflow]" : "[workflow]";
      throw new UsageException(
          "name the FILE to run, or write in "
              + Shown.path(file, workingFolder)
              + ":\n  "
              + section
              + "\n  entrypoint = \"main.py\"");
    }
    try {
      String typed = Shown.path(Path.of(found.entrypoint()), workingFolder);
      return new Entrypoint(ProgramFile.of(typed, workingFolder), found.config());
    } catch (UsageException e) {
      throw new UsageException(
          "the entrypoint of " + Shown.path(file, workingFolder) + ": " + e.getMessage());
    }
  }
}
