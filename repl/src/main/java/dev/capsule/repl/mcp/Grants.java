package dev.capsule.repl.mcp;

import com.google.gson.JsonElement;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the user granted when the server was started.
 *
 * @param root absolute path of the folder where the user started the server
 * @param config the configuration's path; null: the nearest one; empty: none
 * @param options limits and grants of code that the model writes
 * @param ceiling what nothing may exceed; null: what the configuration says
 * @param env values of environment variables
 * @param files what may be read as resources
 */
public record Grants(
    String root,
    @Nullable String config,
    JsonElement options,
    @Nullable JsonElement ceiling,
    Map<String, String> env,
    List<Shared> files) {
  public Grants {
    env = Map.copyOf(env);
    files = List.copyOf(files);
  }

  /**
   * A folder or file of this machine that sandboxes see.
   *
   * @param guest where they see it, an absolute path
   */
  public record Shared(Path host, String guest) {}
}
