package dev.capsule.sidecar.packages;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What pip and uv print, word for word, and what users are told. */
class InstallerErrorsTest {
  private static void explained(String output, @Nullable String requirement, String... parts) {
    PackageException e = InstallerErrors.explain(output);
    assertThat(e.getMessage()).as(output).contains(parts);
    assertThat(e.requirement()).as(output).isEqualTo(requirement);
  }

  @Test
  void noSuchPackage() {
    explained(
        "ERROR: Could not find a version that satisfies the requirement Requets>=1 (from versions:"
            + " none)\nERROR: No matching distribution found for Requets>=1\n",
        "requets",
        "there is no wheel of Requets>=1 that could be used",
        "Check the spelling",
        "@tool");
    explained(
        "  ╰─▶ Because requets was not found in the package registry and you require requets",
        "requets",
        "there is no wheel of requets");
    explained(
        """
          ╰─▶ Because wget has no usable wheels and you require wget, we can conclude that
          hint: Wheels are required for `wget` because building from source is disabled
        """,
        "wget",
        "has it only as source");
  }

  @Test
  void aLongListOfVersionsIsShortened() {
    StringBuilder versions = new StringBuilder("1.0.0");
    for (int i = 1; i < 200; i++) {
      versions.append(", 1.0.").append(i);
    }
    PackageException e =
        InstallerErrors.explain(
            "ERROR: Could not find a version that satisfies the requirement x>9 (from versions: "
                + versions
                + ")\nERROR: No matching distribution found for x>9\n");
    assertThat(e)
        .hasMessageContaining("(from versions: …, 1.0.195, 1.0.196, 1.0.197, 1.0.198, 1.0.199)");
  }

  @Test
  void versionsThatDoNotFit() {
    explained(
        "ERROR: Cannot install a==1 and b==2 because these package versions have conflicting"
            + " dependencies.\nERROR: ResolutionImpossible: for help visit"
            + " https://pip.pypa.io/en/latest/topics/dependency-resolution/\n",
        null,
        "no versions of the packages fit together",
        "Cannot install a==1 and b==2");
    explained(
        "Because only requests<=2.34.2 is available and you require requests>=99, we can conclude"
            + " that your requirements are unsatisfiable.",
        null,
        "change the versions");
    explained(
        "Because you require idna<1 and idna>2, we can conclude that your requirements are"
            + " unsatisfiable.",
        null,
        "no versions of the packages fit together");
  }

  @Test
  void offline() {
    explained(
        "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<pip."
            + "_vendor.urllib3.connection.HTTPSConnection object>: Failed to establish a new"
            + " connection: [Errno -3] Temporary failure in name resolution')': /simple/x/\n"
            + "ERROR: No matching distribution found for x\n",
        null,
        "the package index cannot be reached");
    explained(
        "error: Failed to fetch: `https://index.example/simple/x/`\n  Caused by: dns error: failed to"
            + " lookup address information\n",
        null,
        "the package index cannot be reached");
  }

  @Test
  void otherFiles() {
    explained(
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n",
        null,
        "another file than when the versions were chosen");
  }

  @Test
  void installersThatCannotDoIt() {
    explained("CAPSULE: no pip\n", null, "this Python has no pip", "CAPSULE_PYTHON");
    explained("no such option: --report\n", null, "this pip is too old: 22.2");
    explained("", null, "the packages cannot be installed. It does not say why.");
  }

  @Test
  void noCredentialsAndNoControlCharacters() {
    PackageException e =
        InstallerErrors.explain(
            """
            ERROR: 401 Client Error for url: https://user:hunter2@index.example/simple/x
            \u001b[31mred\u001b]0;title\u0007
            """);
    assertThat(String.valueOf(e.getMessage()).replace("\n", ""))
        .contains("https://***@index.example/simple/x")
        .doesNotContain("hunter2")
        .doesNotContainPattern("\\p{Cntrl}");
  }
}
