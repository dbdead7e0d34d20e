package dev.capsule.sidecar.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which installer is taken, and what is made of what it says. */
class InstallersTest {
  private static final String HASH = "sha256:" + "ab".repeat(32);

  @TempDir Path folder;

  private Path program(String name) throws IOException {
    Path program = Files.writeString(folder.resolve(name), "#!/bin/sh\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    return program;
  }

  private static void refused(Map<String, String> environment, String why) {
    assertThatExceptionOfType(PackageException.class)
        .isThrownBy(() -> Installers.find(environment))
        .withMessageContaining(why);
  }

  @Test
  void uvElseThePipOfThePython() throws Exception {
    Map<String, String> path = Map.of("PATH", "relative:" + folder);
    refused(path, "neither uv nor python3 on the PATH: install uv or Python");
    Path python = program("python3");
    assertThat(Installers.find(path)).isEqualTo(new Pip(python));
    Path uv = program("uv");
    assertThat(Installers.find(path)).isEqualTo(new Uv(uv));
    assertThat(Installers.find(Map.of("PATH", folder.toString(), "CAPSULE_INSTALLER", "pip")))
        .isEqualTo(new Pip(python));
    Path other = program("other");
    assertThat(
            Installers.find(Map.of("CAPSULE_INSTALLER", "pip", "CAPSULE_PYTHON", other.toString())))
        .isEqualTo(new Pip(other));
  }

  @Test
  void whatWasChosenIsNotThere() {
    refused(Map.of("CAPSULE_INSTALLER", "poetry"), "must be pip or uv");
    refused(Map.of("CAPSULE_INSTALLER", "uv", "PATH", ""), "no uv on the PATH");
    refused(Map.of("CAPSULE_PYTHON", "/nowhere/python"), "CAPSULE_PYTHON=/nowhere/python");
  }

  @Test
  void whatUvChose() throws PackageException {
    String lock =
        """
        anyio==4.16.0 \\
            --hash=%s \\
            --hash=%s
            # via httpcore, httpx
        httpx[http2]==0.28.1 --hash=%s # via -r /x/requirements.txt
        """
            .formatted(HASH, HASH, HASH);
    assertThat(Uv.parse(lock))
        .containsExactly(
            new Locked("anyio", "4.16.0", List.of(HASH, HASH), List.of("httpcore", "httpx")),
            new Locked("httpx", "0.28.1", List.of(HASH), List.of()));
    assertThatThrownBy(() -> Uv.parse("x @ https://e.example/x.whl --hash=" + HASH))
        .isInstanceOf(PackageException.class);
  }

  @Test
  void whatPipChose() throws PackageException {
    String report =
        """
        {"install": [
          {"download_info": {"archive_info": {"hashes": {"sha256": "%1$s"}}}, "requested": true,
           "metadata": {"name": "Requests", "version": "2.0", "requires_dist": ["idna (<4,>=2.5)"]}},
          {"download_info": {"archive_info": {"hash": "sha256=%1$s"}}, "requested": false,
           "metadata": {"name": "idna", "version": "3.1"}}]}
        """
            .formatted("ab".repeat(32));
    assertThat(Pip.parse(report))
        .containsExactly(
            new Locked("Requests", "2.0", List.of(HASH), List.of()),
            new Locked("idna", "3.1", List.of(HASH), List.of("Requests")));
  }

  /** A folder or a checkout has no hash: what pip would build by running its code. */
  @Test
  void whatPipWouldBuildIsRefused() {
    String report =
        "{\"install\": [{\"download_info\": {\"dir_info\": {}}, \"requested\": true,"
            + " \"metadata\": {\"name\": \"x\", \"version\": \"1\"}}]}";
    assertThatThrownBy(() -> Pip.parse(report)).isInstanceOf(PackageException.class);
  }

  /** Names and versions are an index's, and go into a file in which lines mean something. */
  @Test
  void nothingOfAnIndexBecomesAnOption() {
    for (String[] pin :
        new String[][] {
          {"x\n--index-url=http://e.example", "1"},
          {"-r", "1"},
          {"x", "1 --hash=md5:0"},
          {"x", "1\n-e ."},
          {"x", ""},
          {"x", "1 # via y"}
        }) {
      assertThatThrownBy(() -> new Locked(pin[0], pin[1], List.of(HASH), List.of()))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> new Locked("x", "1", List.of(), List.of()))
        .as("no hash")
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Locked("x", "1", List.of("md5:00"), List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatWasLockedIsReadAgain() {
    List<Locked> packages =
        List.of(
            new Locked("a", "1", List.of(HASH), List.of("b", "c")),
            new Locked("b", "2", List.of(HASH, HASH), List.of()));
    assertThat(Locked.read(Locked.write(packages))).isEqualTo(packages);
    assertThatThrownBy(() -> Locked.read("a==1\n")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whoAskedForAPackage() {
    Locked core = new Locked("pydantic_core", "2", List.of(HASH), List.of("Pydantic"));
    Locked pydantic = new Locked("pydantic", "2", List.of(HASH), List.of("app.kit", "pydantic"));
    Locked app = new Locked("App-Kit", "1", List.of(HASH), List.of());
    List<Locked> all = List.of(core, pydantic, app);
    assertThat(core.askedFor(all)).isEqualTo("app-kit");
    assertThat(app.askedFor(all)).isEqualTo("app-kit");
    assertThat(core.askedFor(List.of(core, pydantic))).as("not told").isEqualTo("pydantic-core");
    PackageException refusal =
        assertThatExceptionOfType(PackageException.class)
            .isThrownBy(() -> NativeCode.check(all))
            .withMessageContaining("pydantic_core 2 (needed by Pydantic) is native code")
            .withMessageContaining("ask for \"pydantic<2\"")
            .actual();
    assertThat(refusal.requirement()).isEqualTo("app-kit");
  }
}
