package dev.capsule.sidecar.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.harness.Fuzz;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a capsule.toml holds, it is a configuration or refused in words, with its place. */
@Timeout(value = 3, unit = TimeUnit.HOURS)
class ConfigFuzzTest {
  private static final List<String> WORDS =
      List.of(
          "[workflow]\n",
          "[tasks]\n",
          "[tasks.x]\n",
          "[tasks.\"a b\"]\n",
          "[ceiling]\n",
          "[[tasks]]\n",
          "[tool.capsule]\n",
          "[",
          "]",
          "{",
          "}",
          "=",
          ",",
          ".",
          "\"",
          "'''",
          "\"\"\"",
          "\\",
          "\\u0000",
          "\\ud800",
          "#",
          "\n",
          "\r",
          "\t",
          "\u0000",
          "é",
          "\ud83d\ude00",
          "name = \"n\"\n",
          "version = \"1\"\n",
          "entrypoint = \"main.py\"\n",
          "entrypoint = \"../main.py\"\n",
          "dependencies = [\"requests\"]\n",
          "default_",
          "compute = \"LOW\"\n",
          "ram = \"64MB\"\n",
          "timeout = \"5s\"\n",
          "max_retries = 3\n",
          "retry_on = [\"timeout\"]\n",
          "max_disk = \"1MB\"\n",
          "max_output = 10\n",
          "max_result = 10\n",
          "allowed_files = [\"data\"]\n",
          "allowed_files = [{path = \"data\", mode = \"read-only\"}]\n",
          "mounts = [\"data::/x:ro\"]\n",
          "allowed_hosts = [\"*.example.com:443\"]\n",
          "env_variables = [\"A\"]\n",
          "tools = [\"t\"]\n",
          "tasks = [\"x\"]\n",
          "network = false\n",
          "..",
          "/",
          "0",
          "-1",
          "1e400",
          "0x10",
          "inf",
          "nan",
          "true",
          "1979-05-27T07:32:00Z",
          "07:32:00",
          "99999999999999999999",
          "1_000",
          "[[[[[[[[",
          "{a={a={a=");

  @Test
  void configurations(@TempDir Path folder) throws IOException {
    Path root = folder.toRealPath();
    Files.createFile(root.resolve("main.py"));
    Files.createDirectory(root.resolve("data"));
    Fuzz.run(
        "config",
        WORDS,
        List.of(
            "[workflow]\nname = \"n\"\nversion = \"1\"\nentrypoint = \"main.py\"\n",
            "[tasks]\ndefault_ram = \"64MB\"\ndefault_timeout = 5\n[tasks.x]\nmax_retries = 2\n",
            "dependencies = [\"a\"]\n[ceiling]\nram = \"1GB\"\nallowed_hosts = [\"*\"]\n",
            "[tasks.x]\nallowed_files = [{path = \"data\", mode = \"read-only\"}]\n"),
        input -> read(new String(input, StandardCharsets.UTF_8), root));
  }

  private static String read(String text, Path root) {
    StringBuilder seen = new StringBuilder();
    for (String name : List.of("capsule.toml", "pyproject.toml")) {
      try {
        ProjectConfig config =
            ProjectConfig.read(new ConfigFile(root.resolve(name), text, name), root);
        assertThat(config.entrypoint()).isIn(null, root.resolve("main.py"));
        for (String task : List.of("x", "other")) {
          requireWithinLimits(config, task, root);
        }
        seen.append("taken ").append(config.tasks().size());
      } catch (OptionException e) {
        assertThat(e.allowed()).isNotBlank();
        assertThat(e.where()).as("%s", e.getMessage()).startsWith(name);
        assertThat(e.getMessage()).hasSizeLessThan(70_000);
        seen.append(e.allowed(), 0, Math.min(30, e.allowed().length()));
      }
    }
    return seen.toString().replaceAll("[0-9]+", "9");
  }

  private static void requireWithinLimits(ProjectConfig config, String task, Path root) {
    TaskPolicy policy;
    try {
      policy = config.ceilings().bound(task, config.of(task));
    } catch (DeniedException e) {
      assertThat(e.getMessage()).isNotBlank();
      return;
    }
    assertThat(policy.fuel()).isBetween(1L, 1_000_000_000_000_000L);
    assertThat(policy.memoryBytes()).isBetween(40_000_000L, 4L << 30);
    assertThat(policy.timeout().toMillis()).isBetween(1L, 86_400_000L);
    assertThat(policy.mounts()).allMatch(mount -> mount.host().startsWith(root));
  }
}
