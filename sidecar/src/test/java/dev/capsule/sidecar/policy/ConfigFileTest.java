package dev.capsule.sidecar.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which configuration applies to a program. */
class ConfigFileTest {
  private static final int SOMEBODY_ELSE = 12_345;

  @TempDir Path temporary;
  private Path project;
  private Path root;

  @BeforeEach
  void folders() throws IOException {
    project = temporary.toRealPath().resolve("project");
    root = Files.createDirectories(project.resolve("src/deep"));
  }

  private @Nullable Path found() throws OptionException {
    ConfigFile file = ConfigFile.find(root, null);
    return file == null ? null : file.path();
  }

  private static Path write(Path file, String text) throws IOException {
    return Files.writeString(file, text);
  }

  private OptionException refused(@Nullable String named) {
    return assertThatExceptionOfType(OptionException.class)
        .isThrownBy(() -> ConfigFile.find(root, named))
        .actual();
  }

  @Test
  void theNearestOne() throws Exception {
    assertThat(found()).isNull();
    Path outer = write(project.resolve("capsule.toml"), "");
    assertThat(found()).isEqualTo(outer);
    Path python = write(project.resolve("src/pyproject.toml"), "[tool.capsule]\n");
    assertThat(found()).isEqualTo(python);
    Path own = write(root.resolve("capsule.toml"), "");
    assertThat(found()).isEqualTo(own);
  }

  /** One of them would be ignored, and with it perhaps a ceiling. */
  @Test
  void ofTwoInOneFolderNeitherIsGuessed() throws Exception {
    Path own = write(root.resolve("capsule.toml"), "");
    Path python = write(root.resolve("pyproject.toml"), "[tool.ruff]\n");
    assertThat(found()).isEqualTo(own);
    write(python, "[tool.capsule.ceiling]\nnetwork = false\n");
    assertThat(refused(null).getMessage())
        .contains("capsule.toml")
        .contains("the pyproject.toml beside it has a [tool.capsule] too");
    ConfigFile named = ConfigFile.find(root, python.toString());
    assertThat(named == null ? null : named.path()).isEqualTo(python);
  }

  @Test
  void aPyprojectThatSaysNothingToCapsuleIsPassedOver() throws Exception {
    Path outer = write(project.resolve("capsule.toml"), "");
    for (String text :
        new String[] {
          "[tool.ruff]\n",
          "[project]\nname = \"capsule\"\n[tool.ruff]\n",
          "not toml at all [[[",
          "# tool.capsule is not used\n[tool.black]\n"
        }) {
      write(root.resolve("pyproject.toml"), text);
      assertThat(found()).as(text).isEqualTo(outer);
    }
    for (String text :
        new String[] {
          "[tool.capsule.tasks]\n", "[ tool . \"capsule\" ]\n", "tool.capsule = {}\n"
        }) {
      write(root.resolve("pyproject.toml"), text);
      assertThat(found()).as(text).isEqualTo(root.resolve("pyproject.toml"));
    }
  }

  @Test
  void theSearchEndsWhereTheRepositoryDoes() throws Exception {
    write(project.resolve("capsule.toml"), "");
    Files.createDirectory(project.resolve("src/.git"));
    assertThat(found()).isNull();
    Path inside = write(project.resolve("src/capsule.toml"), "");
    assertThat(found()).isEqualTo(inside);
  }

  @Test
  void theOneThatIsNamed() throws Exception {
    write(root.resolve("capsule.toml"), "");
    Path other = write(project.resolve("production.toml"), "");
    assertThat(ConfigFile.find(root, other.toString()))
        .extracting(ConfigFile::path, ConfigFile::shown)
        .containsExactly(other, "../../production.toml");
    assertThat(ConfigFile.find(root, "")).isNull();
    Path elsewhere = write(temporary.toRealPath().resolve("x.toml"), "[tasks]\ndefault_ram = 0\n");
    Path apart = Files.createDirectory(temporary.toRealPath().resolve("apart"));
    assertThatExceptionOfType(OptionException.class)
        .isThrownBy(() ->
            ProjectConfig.read(
                ConfigFile.find(project, write(apart.resolve("y.toml"), "x = 1").toString()),
                project))
        .withMessageStartingWith(apart.resolve("y.toml") + ":1:1: x: is not a key");
    assertThat(elsewhere).exists();
    assertThat(refused("capsule.toml").field()).isEqualTo("config");
    assertThat(refused(root.toString()).allowed()).contains("absolute path of a file");
    assertThat(refused(root.resolve("none.toml").toString()).value()).contains("none.toml");
    assertThat(refused("/\0").allowed()).contains("absolute path of a file");
  }

  @Test
  void whatRelativePathsStartAt() throws Exception {
    Path above = write(project.resolve("capsule.toml"), "");
    assertThat(ProjectConfig.read(ConfigFile.find(root, null), root).folder()).isEqualTo(project);
    Path apart = Files.createDirectory(temporary.toRealPath().resolve("apart"));
    ConfigFile named = ConfigFile.find(root, write(apart.resolve("y.toml"), "").toString());
    assertThat(ProjectConfig.read(named, root).folder()).isEqualTo(root);
    assertThat(ProjectConfig.read(null, root).folder()).isEqualTo(root);
    assertThat(above).exists();
  }

  @Test
  void aFileThatCannotBeRead() throws Exception {
    Path file = root.resolve("capsule.toml");
    Files.createDirectory(file);
    assertThat(refused(null).allowed()).isEqualTo("must be a regular file");
    Files.delete(file);
    Files.write(file, "name = \"\u00e9\"".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(refused(null).allowed()).isEqualTo("is not text in UTF-8");
    Files.writeString(file, "#".repeat((1 << 20) + 1));
    assertThat(refused(null).allowed()).contains("is longer than");
  }

  /** The attack: a file that anybody may leave in /tmp would grant what runs below it. */
  @Test
  void aFileOfAnotherUserIsRefused() throws Exception {
    Path file = write(project.resolve("capsule.toml"), "[tasks]\n");
    giveAway(file);
    assertThat(refused(null).allowed())
        .contains("belongs to another user (")
        .contains("--no-config");
    assertThat(ConfigFile.find(root, file.toString())).as("named by the caller").isNotNull();
    giveAway(root);
    assertThat(found()).as("who owns the program may as well rule over it").isEqualTo(file);
  }

  @Test
  void aLinkOfAnotherUserIsRefused() throws Exception {
    Path mine = write(temporary.resolve("mine.toml"), "");
    Path link = Files.createSymbolicLink(project.resolve("capsule.toml"), mine);
    assertThat(found()).isEqualTo(link);
    giveAway(link);
    assertThat(refused(null).allowed()).contains("belongs to another user");
  }

  private static void giveAway(Path file) throws IOException {
    assumeThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
        .as("only root can give a file away")
        .isEqualTo(0);
    Files.setAttribute(file, "unix:uid", SOMEBODY_ELSE, LinkOption.NOFOLLOW_LINKS);
  }
}
