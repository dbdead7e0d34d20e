package dev.capsule.sidecar.packages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.harness.Fuzz;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever a script says of its packages, they are names of an index, or refused in words. */
@Timeout(value = 3, unit = TimeUnit.HOURS)
class MetadataFuzzTest {
  private static final List<String> WORDS =
      List.of(
          "# /// script\n",
          "# /// other\n",
          "# ///\n",
          "#\n",
          "# ",
          "\n",
          "\r\n",
          "dependencies = [",
          "]",
          "\"",
          ",",
          "requests",
          "a-b_c.d",
          "[socks]",
          ">=2",
          "==1.*",
          "~= 3",
          "; python_version < '3'",
          "@ https://x/y.whl",
          "file:///etc",
          "git+ssh://x",
          "--index-url=http://x",
          "-e .",
          "-r",
          "../x",
          "/etc/passwd",
          "\\u000a",
          "\\n",
          "\u0000",
          "é",
          "\u2028",
          " ",
          "requires-python = \">=3.11\"\n",
          "[tool.x]\n",
          "[",
          "{a=",
          "true",
          "1");

  @Test
  void metadata() {
    Fuzz.run(
        "metadata",
        WORDS,
        List.of(
            "# /// script\n# dependencies = [\"requests>=2\", \"httpx[http2]\"]\n# ///\n",
            "import x\n# /// script\n# requires-python = \">=3.11\"\n# ///\n"),
        input -> read(new String(input, StandardCharsets.UTF_8)));
  }

  private static String read(String source) {
    try {
      InlineMetadata metadata = InlineMetadata.read(source, "main.py");
      for (InlineMetadata.Dependency dependency : metadata.dependencies()) {
        Requirement requirement = dependency.requirement();
        assertThat(requirement.name()).matches("[a-z0-9]+(-[a-z0-9]+)*");
        assertThat(requirement.text())
            .as("an installer takes it for one package and nothing else")
            .matches("[A-Za-z0-9][ -~]*")
            .doesNotContain("://", "/", "@", "\\");
      }
      return "taken " + metadata.dependencies().size();
    } catch (PackageException e) {
      assertThat(e.getMessage()).startsWith("main.py").hasSizeLessThan(1_000);
      return String.valueOf(e.getMessage()).replaceAll("[0-9]+", "9");
    }
  }
}
