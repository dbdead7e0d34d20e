package dev.capsule.repl.shell;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the shell was started with.
 *
 * @param language of the first cells, as sidecars call it
 * @param file run as the first cell, and whose tasks can be called; null: none
 * @param workingFolder absolute
 * @param config the configuration's path; null: the nearest one; empty: none
 * @param options limits and grants
 * @param ceiling null: what the configuration says
 * @param env values of environment variables
 */
public record Setup(
    String language,
    @Nullable String file,
    Path workingFolder,
    @Nullable String config,
    JsonObject options,
    @Nullable JsonObject ceiling,
    Map<String, String> env) {
  public Setup {
    env = Map.copyOf(env);
  }
}
