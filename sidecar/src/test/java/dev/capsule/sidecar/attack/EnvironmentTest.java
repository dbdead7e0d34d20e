package dev.capsule.sidecar.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SidecarProcess;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Code that looks for the environment of the process that runs it: it has what it was given. */
class EnvironmentTest {
  private static final String SECRET = "hunter2-of-the-host";
  private static final String GIVEN = "value-of-the-grant";
  private static final String TASKS =
      """
      import json, os, sys
      from capsule import task
      from wit_world.imports import host

      at_the_top = dict(os.environ)

      def seen():
          found = [at_the_top, dict(os.environ), sys.argv, os.getenv("TEST_SECRET"), os.getcwd()]
          for path in ("/proc/self/environ", "/proc/1/environ", "/proc/self/cmdline", ".env", "/.env", "../.env"):
              try:
                  found.append(open(path).read())
              except OSError:
                  pass
          try:
              import posix
              found.append({k.decode(): v.decode() for k, v in posix.environ.items()})
          except (ImportError, AttributeError):
              pass
          found += [str(vars(module)) for name, module in list(sys.modules.items()) if "environment" in name]
          return json.dumps(found, default=str)

      @task
      def plain():
          return seen()

      @task(env_variables=["TEST_GIVEN"])
      def granted():
          return seen()

      @task(env_variables=["TEST_GIVEN"])
      def calls_plain():
          os.environ["TEST_SET"] = "set by the caller"
          return plain()

      @task
      def calls_granted():
          return granted()

      @task
      def smuggles(field):
          operation = {"op": "call", "task": "plain", field: {"TEST_SECRET": None}}
          return json.loads(host.wait([host.submit(json.dumps(operation))], None))[0]["error"]["type"]

      @task(name="named_" + os.environ.get("TEST_GIVEN", "nothing"), env_variables=["TEST_GIVEN"])
      def reads_it_at_the_top():
          pass
      """;

  @TempDir static Path folder;
  private static SidecarProcess sidecar;
  private static Program program;

  @BeforeAll
  static void start() {
    sidecar = SidecarProcess.start(Map.of("TEST_SECRET", SECRET, "TEST_GIVEN", GIVEN));
    sidecar.initialize();
    Program.write(folder.resolve(".env"), "TEST_OF_FILE=" + SECRET + "\n");
    program = Program.load(sidecar, folder, TASKS);
  }

  @AfterAll
  static void end() {
    sidecar.close();
  }

  private static String seenBy(String task) {
    String seen = program.task(task).value().getAsString();
    assertThat(seen).doesNotContain(SECRET).doesNotContain(folder.toString());
    return seen;
  }

  @Test
  void nothingIsSeenWithoutAGrant() {
    assertThat(seenBy("plain"))
        .startsWith("[{}, {}, ")
        .doesNotContain(GIVEN)
        .doesNotContain("PATH");
  }

  @Test
  void aGrantIsOfOneNameAndNoOther() {
    assertThat(seenBy("granted")).contains(GIVEN).doesNotContain("PATH");
  }

  /** It goes down to no task that has none, and up to none that called one. */
  @Test
  void aGrantIsOfOneTask() {
    assertThat(seenBy("calls_plain")).doesNotContain(GIVEN).doesNotContain("TEST_SET");
    assertThat(program.task("plain").value().getAsString()).doesNotContain(GIVEN);
    assertThat(seenBy("calls_granted")).contains(GIVEN);
  }

  @Test
  void aCallCarriesNoEnvironment() {
    for (String field : new String[] {"env", "environment", "env_variables"}) {
      assertThat(program.task("smuggles").args(field).value().getAsString())
          .isEqualTo("invalid_arguments");
    }
  }

  /** While options are read there is no grant yet, so none can show in what a program declares. */
  @Test
  void theTopLevelSeesNoneWhenOptionsAreRead() {
    assertThat(program.loaded().toString()).contains("named_nothing").doesNotContain(GIVEN);
  }

  @Test
  void whatTheClientSendsComesBeforeTheProcessAndOnlyByName() {
    var params = program.task("granted").params();
    params.add("env", Json.of("{\"TEST_GIVEN\":\"sent\",\"TEST_OTHER\":\"unasked\"}"));
    String seen = sidecar.request("runTask", params).envelope().value().getAsString();
    assertThat(seen).contains("sent").doesNotContain("unasked").doesNotContain(GIVEN);
  }
}
