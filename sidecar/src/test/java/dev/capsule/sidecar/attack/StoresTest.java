package dev.capsule.sidecar.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.NeedsJavaScript;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.Reply;
import dev.capsule.sidecar.harness.SharedSidecar;
import dev.capsule.sidecar.harness.SidecarProcess;
import dev.capsule.sidecar.harness.WorkflowClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A task neither reads nor forges the journal and traces, though it was granted the folder in which
 * they are.
 */
class StoresTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      import os, shutil
      from capsule import task

      @task
      def does(code):
          names = {"os": os, "shutil": shutil}
          try:
              exec(code, names)
              return ["done", str(names.get("result"))]
          except OSError as e:
              return [type(e).__name__, e.errno]
      """;

  private Path project = Path.of("unset");
  private Path journal = Path.of("unset");

  @BeforeEach
  void makeStore() throws IOException {
    project = sidecar.newFolder();
    Path store = Files.createDirectories(project.resolve("in/.capsule/traces"));
    Program.write(store.resolve("1.jsonl"), "SECRET");
    journal = store.resolveSibling("journal.db");
    Program.write(journal, "SECRET");
    Program.write(project.resolve("in/data.txt"), "data");
  }

  private static EnvelopeView run(String code, String... mounts) {
    return sidecar
        .load(TASKS)
        .task("does")
        .args(code)
        .option("mounts", Json.array(mounts))
        .envelope();
  }

  private String outcome(String code) {
    return run(code, project + "::/p").value().toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "result = open('/p/in/.capsule/journal.db').read()",
        "result = open('/p/in/data.txt/../.capsule/journal.db').read()",
        "result = open('/p/in/./.capsule//traces/1.jsonl').read()",
        "result = os.listdir('/p/in/.capsule')",
        "result = os.stat('/p/in/.capsule/journal.db')",
        "result = os.open('in/.capsule/journal.db', os.O_RDONLY, dir_fd=os.open('/p', os.O_RDONLY))",
        "result = os.open('.capsule/journal.db', os.O_RDONLY, dir_fd=os.open('/p/in', os.O_RDONLY))",
        "os.chdir('/p/in/.capsule'); result = open('journal.db').read()",
        "os.symlink('.capsule/journal.db', '/p/in/way'); result = open('/p/in/way').read()",
        "os.symlink('.capsule', '/p/in/way'); result = open('/p/in/way/journal.db').read()",
        "os.symlink('in/.capsule', '/p/way'); result = open('/p/way/journal.db').read()",
        "os.rename('/p/in/.capsule', '/p/in/other'); result = open('/p/in/other/journal.db').read()",
        "os.replace('/p/in/.capsule/journal.db', '/p/in/taken')",
        "os.link('/p/in/.capsule/journal.db', '/p/in/taken')",
        "open('/p/in/.capsule/journal.db', 'w').write('forged')",
        "open('/p/in/.capsule/journal.db-wal', 'w').write('forged')",
        "os.replace('/p/in/data.txt', '/p/in/.capsule/journal.db')",
        "os.truncate('/p/in/.capsule/journal.db', 0)",
        "os.utime('/p/in/.capsule/journal.db', (1, 1))",
        "os.remove('/p/in/.capsule/journal.db')",
        "os.remove('/p/in/.capsule/traces/1.jsonl')",
        "shutil.rmtree('/p/in/.capsule')",
        "os.rmdir('/p/in/.capsule/traces')",
        "os.mkdir('/p/.capsule')",
        "os.mkdir('/p/.Capsule')",
        "os.mkdir('/p/own'); os.rename('/p/own', '/p/.capsule')",
        "os.symlink('own', '/p/.capsule')",
        "os.symlink('x/../.capsule', '/p/way')",
      })
  void noneOfThisIsDone(String code) throws IOException {
    assertThat(outcome(code)).doesNotContain("done").doesNotContain("SECRET");
    assertThat(journal).hasContent("SECRET").isRegularFile();
    assertThat(journal.resolveSibling("traces/1.jsonl")).hasContent("SECRET");
    assertThat(journal.getParent())
        .isDirectoryNotContaining(file -> file.endsWith("journal.db-wal"));
    assertThat(project.resolve(".capsule")).doesNotExist();
    assertThat(project.resolve(".Capsule")).doesNotExist();
  }

  /** All else in the folder is its own, as it was granted. */
  @Test
  void theRestCanBeUsed() {
    assertThat(
            outcome(
                "open('/p/in/new', 'w').write('x'); os.mkdir('/p/capsule')\n"
                    + "result = open('/p/in/data.txt').read() + open('/p/in/new').read()"))
        .isEqualTo("[\"done\",\"datax\"]");
  }

  @Test
  void whatIsRefusedSaysSo() {
    assertThat(outcome("open('/p/in/.capsule/journal.db')")).isEqualTo("[\"PermissionError\",2]");
  }

  @Test
  @NeedsJavaScript
  void javaScriptGetsAtItNoMore() {
    String code =
        """
        import { task } from "@capsule/sdk";
        import fs from "node:fs";

        export const main = task({ name: "main" }, () => {
          const found: string[] = [];
          for (const way of [
            () => fs.readFileSync("/p/in/.capsule/journal.db", "utf8"),
            () => fs.readdirSync("/p/in/.capsule").join(),
            () => fs.writeFileSync("/p/in/.capsule/journal.db", "forged"),
            () => fs.mkdirSync("/p/.capsule"),
            () => fs.renameSync("/p/in/.capsule", "/p/in/x"),
            () => fs.symlinkSync(".capsule", "/p/in/x"),
          ]) {
            try {
              found.push("done " + String(way()));
            } catch (error) {
              found.push("refused");
            }
          }
          return [...found, fs.readFileSync("/p/in/data.txt", "utf8")].join();
        });
        """;
    EnvelopeView run =
        sidecar
            .loadTypeScript(code)
            .task("main")
            .option("mounts", Json.array(project + "::/p"))
            .envelope();
    assertThat(run.value().getAsString())
        .isEqualTo("refused,refused,refused,refused,refused,refused,data");
    assertThat(journal).hasContent("SECRET");
  }

  @ParameterizedTest
  @ValueSource(strings = {"in/.capsule", "in/.capsule/traces", "in/.capsule/journal.db"})
  void itIsNotGrantedByItself(String what) {
    EnvelopeView run = run("result = 'SECRET'", project.resolve(what) + "::/s");
    assertThat(run.errorType()).isEqualTo("policy_denied");
    assertThat(run.message()).contains(project.resolve(what).toString()).contains("Capsule's own");
  }

  /** Others could forge what is in it. */
  @ParameterizedTest
  @ValueSource(strings = {"link", "group", "others"})
  void aStoreThatOthersCanChangeIsNotUsed(String how) throws IOException {
    Path root = sidecar.newFolder();
    Path store = root.resolve(".capsule");
    Program.write(root.resolve("capsule.toml"), "");
    if (how.equals("link")) {
      Files.createSymbolicLink(store, Files.createDirectory(root.resolve("elsewhere")));
    } else {
      Files.createDirectory(store);
      Files.setPosixFilePermissions(
          store, PosixFilePermissions.fromString(how.equals("group") ? "rwxrwx---" : "rwxr-xrwx"));
    }
    WorkflowClient client = new WorkflowClient(sidecar.process(), root);
    Reply refused = client.ask("openWorkflow", client.params("w"));
    assertThat(refused.errorMessage()).contains(store.toString()).contains("chmod go-w");
    assertThat(refused.data().get("kind").getAsString()).isEqualTo("unavailable");
    assertThat(store).isEmptyDirectory();
  }

  /** What belongs to no project is in the user's data folder, all of it in one place. */
  @ParameterizedTest
  @ValueSource(strings = {"", "capsule", "capsule/stores", "capsule/stores/a-123"})
  void noStoreOfTheUserIsGranted(String what) throws IOException {
    Path data = sidecar.newFolder();
    Files.createDirectories(data.resolve("capsule/stores/a-123"));
    try (SidecarProcess own = SidecarProcess.start(Map.of("XDG_DATA_HOME", data.toString()))) {
      own.initialize();
      EnvelopeView run =
          Program.load(own, project, TASKS)
              .task("does")
              .args("result = os.listdir('/s')")
              .option("mounts", Json.array(data.resolve(what) + "::/s:ro"))
              .envelope();
      assertThat(run.errorType()).isEqualTo("policy_denied");
      assertThat(run.message()).contains("Capsule's own files");
    }
  }
}
