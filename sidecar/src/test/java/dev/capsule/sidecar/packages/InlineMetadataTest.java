package dev.capsule.sidecar.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.capsule.sidecar.packages.InlineMetadata.Dependency;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Script metadata as PEP 723 has it. */
class InlineMetadataTest {
  private static InlineMetadata read(String source) throws PackageException {
    return InlineMetadata.read(source, "main.py");
  }

  private static void refused(String source, int line, String why) {
    PackageException e =
        assertThatExceptionOfType(PackageException.class).isThrownBy(() -> read(source)).actual();
    assertThat(e.line()).as(e.getMessage()).isEqualTo(line);
    assertThat(e).hasMessageStartingWith("main.py:" + line + ": ").hasMessageContaining(why);
  }

  @Test
  void packagesWithTheirLines() throws PackageException {
    InlineMetadata found =
        read(
            """
            #!/usr/bin/env python3
            # /// script
            # requires-python = ">=3.11"
            # dependencies = [
            #   "requests<3",
            #
            #   "rich",
            # ]
            # [tool.uv]
            # exclude-newer = "2023-10-16T00:00:00Z"
            # ///
            import requests
            """);
    assertThat(found.dependencies())
        .containsExactly(
            new Dependency(new Requirement("requests", "requests<3"), 5),
            new Dependency(new Requirement("rich", "rich"), 7));
    assertThat(found.requiresPython()).isEqualTo(">=3.11");
  }

  @Test
  void programsWithoutIt() throws PackageException {
    for (String source :
        new String[] {
          "import os\n", "# /// other\n# a = 1\n# ///\n", "x = '  # /// script'\n", ""
        }) {
      assertThat(read(source).dependencies()).as(source).isEmpty();
    }
  }

  @Test
  void linesThatEndAsOnWindows() throws PackageException {
    assertThat(read("# /// script\r\n# dependencies = ['a']\r\n# ///\r\n").dependencies())
        .hasSize(1);
  }

  @Test
  void mistakesAreToldWithTheirLines() {
    refused("# /// script\n# dependencies = []\nimport os\n", 1, "never closed");
    refused("# /// script\n# ///\n\n# /// script\n# ///\n", 4, "a second one");
    refused("# /// script\n# dependencies = [\n# ///\n", 3, "");
    refused("# /// script\n# dependencies = 'a'\n# ///\n", 2, "must be a list of packages");
    refused("# /// script\n# dependencies = [\n#  1]\n# ///\n", 3, "must be strings");
    refused(
        "# /// script\n# dependencies = [\n#  '-e .']\n# ///\n",
        3,
        "the dependency \"-e .\" is an option of pip");
    refused("# /// script\n# requires-python = 3\n# ///\n", 2, "must be a string");
    refused("# /// script\n# requires-python = 'three'\n# ///\n", 2, "\">=3.11\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        ">=3.11 | true",
        ">=3.11,<4 | true",
        "~=3.12 | true",
        "==3.14.* | true",
        "!=3.13.* | true",
        "<3.14 | false",
        "~=3.11.2 | false",
        "==3.11.* | false",
        "!=3.14.* | false",
        ">3.14.0 | false",
        ">=3.15 | false",
      })
  void theVersionOfPythonInside(String specifier, boolean fits) throws PackageException {
    String source = "# /// script\n# requires-python = \"" + specifier + "\"\n# ///\n";
    if (fits) {
      assertThat(read(source).requiresPython()).isEqualTo(specifier);
    } else {
      refused(source, 2, "inside a sandbox it is Python 3.14");
    }
  }
}
