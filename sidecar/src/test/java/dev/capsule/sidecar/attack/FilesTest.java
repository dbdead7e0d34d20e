package dev.capsule.sidecar.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A task reaches the files that it was granted, as it was granted them, and no others. */
class FilesTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static final String TASKS =
      """
      import os, time
      from capsule import task

      @task
      def does(code):
          names = {"os": os, "time": time}
          exec(code, names)
          return names.get("result")

      @task(timeout="500ms")
      def soon(code):
          exec(code, {"os": os, "time": time})

      @task
      def parent(code):
          return [open("/in/secret").read(), does(code)]
      """;

  private Path folder = Path.of("unset");
  private Path one = Path.of("unset");
  private Path two = Path.of("unset");

  @BeforeEach
  void makeFolders() throws IOException {
    folder = sidecar.newFolder();
    one = Files.createDirectories(folder.resolve("one"));
    two = Files.createDirectories(folder.resolve("two"));
    Program.write(one.resolve("secret"), "secret");
    Program.write(folder.resolve("outside"), "outside");
  }

  private static Program.Run run(String task, String code, String... mounts) {
    return sidecar.load(TASKS).task(task).args(code).option("mounts", Json.array(mounts));
  }

  private static String result(String code, String... mounts) {
    return run("does", code, mounts).value().toString();
  }

  /** What becomes of one statement. */
  private static String outcome(String statement, String... mounts) {
    return result(
        "try:\n    "
            + statement
            + "\n    result = 'done'\nexcept OSError as e:\n    result = type(e).__name__",
        mounts);
  }

  // ---- links that would lead from one grant to another

  @ParameterizedTest
  @ValueSource(
      strings = {
        "os.link('/in/secret', '/out/way')",
        "os.rename('/in/secret', '/out/way')",
        "os.replace('/in/secret', '/out/way')",
        "os.link('secret', 'way', src_dir_fd=os.open('/in', 0), dst_dir_fd=os.open('/out', 0))",
      })
  void nothingOfAReadOnlyFolderGetsIntoAnother(String statement) {
    assertThat(outcome(statement, one + "::/in:ro", two + "::/out")).contains("Error");
    assertThat(two).isEmptyDirectory();
    assertThat(one.resolve("secret")).hasContent("secret");
  }

  @Test
  void aHardLinkFromOneFolderToAnotherIsRefused() {
    assertThat(outcome("os.link('/in/secret', '/out/way')", one + "::/in", two + "::/out"))
        .contains("PermissionError");
    assertThat(two).isEmptyDirectory();
  }

  @Test
  void aSingleFileThatWasMovedAwayIsNoWayToItLater() {
    Path file = folder.resolve("outside");
    assertThat(outcome("os.rename('/f', '/out/way')", file + "::/f", two + "::/out"))
        .contains("done");
    assertThat(outcome("open('/out/way', 'r+').write('OUT')", two + "::/out")).contains("done");
    assertThat(two.resolve("way")).hasContent("OUTside");
    assertThat(file).hasContent("outside");
  }

  // ---- what is no regular file, and names of other kinds

  @ParameterizedTest
  @ValueSource(strings = {"os.open('/in/pipe', os.O_RDONLY)", "open('/in/pipe', 'w').write('x')"})
  void aPipeHoldsUpNobodyElse(String statement) throws Exception {
    Path pipe = one.resolve("pipe");
    assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
    EnvelopeView envelope =
        run("soon", statement + "\nwhile True: time.sleep(1)", one + "::/in").envelope();
    assertThat(envelope.errorType()).isIn("timeout", "task_error");
    sidecar.assertAnswers();
    try (var opened =
        Files.newByteChannel(pipe, StandardOpenOption.WRITE, StandardOpenOption.READ)) {
      assertThat(opened.isOpen()).isTrue(); // lets go whoever still waits for another end
    }
  }

  @Test
  void aSocketCannotBeOpened() throws IOException {
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      var _ = server.bind(UnixDomainSocketAddress.of(one.resolve("socket")));
      assertThat(outcome("open('/in/socket', 'r+b', 0).write(b'x')", one + "::/in"))
          .contains("Error");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "open('/IN/secret')",
        "open('/in/SECRET')",
        "open('/in/./../outside')",
        "open('/in//../../outside')",
        "open('//etc/passwd')",
        "open('/in/../in/../../../../etc/passwd')",
        "open('/in/secret/../../outside')",
        "open('/in\\\\..\\\\outside')",
        "open('/proc/self/environ')",
        "open('/dev/null', 'w')",
        "open('/in/' + '../' * 500 + 'etc/passwd')",
        "open(b'/in/\\xff/../../outside')",
      })
  void otherWaysToWriteAPathLeadNowhereElse(String statement) {
    assertThat(outcome(statement, one + "::/in")).contains("Error");
  }

  // ---- races between a look and its use

  /** Puts a link and a folder in one place by turns, as fast as it can, while a guest uses it. */
  private void swapping(Path place, Path target, Runnable meanwhile) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    Path away = place.resolveSibling("away");
    Path link = Files.createSymbolicLink(place.resolveSibling("link"), target);
    Thread swapper =
        Thread.ofPlatform()
            .start(() -> {
              try {
                while (!over.get()) {
                  Files.move(place, away);
                  Files.move(link, place);
                  Files.move(place, link);
                  Files.move(away, place);
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    try {
      meanwhile.run();
    } finally {
      over.set(true);
      swapper.join();
      Files.deleteIfExists(link);
    }
  }

  @Test
  void aLinkThatIsSwappedInDuringAWalkIsNotFollowed() throws Exception {
    Path inner = Files.createDirectories(one.resolve("work/place"));
    Program.write(inner.resolve("file"), "inner");
    Program.write(two.resolve("file"), "outside");
    String code =
        """
        seen = set()
        for _ in range(5000):
            try:
                seen.add(open('/in/work/place/file').read())
            except OSError:
                pass
        result = sorted(seen)
        """;
    swapping(inner, two, () -> assertThat(result(code, one + "::/in")).isEqualTo("[\"inner\"]"));
  }

  @Test
  void aLinkThatIsSwappedInForAGrantIsNotOpened() throws Exception {
    Path root = sidecar.newFolder();
    Path granted = Files.createDirectories(root.resolve("work/data"));
    Program.write(granted.resolve("mine"), "mine");
    Program.write(two.resolve("theirs"), "theirs");
    Program program =
        Program.load(
            sidecar.process(),
            root,
            TASKS.replace("@task\ndef does", "@task(allowed_files=['work/data:ro'])\ndef does"));
    swapping(
        granted,
        two,
        () -> {
          for (int i = 0; i < 60; i++) {
            EnvelopeView envelope =
                program.task("does").args("result = os.listdir('/work/data')").envelope();
            if (envelope.success()) {
              assertThat(envelope.value().toString()).isEqualTo("[\"mine\"]");
            } else {
              assertThat(envelope.errorType()).isEqualTo("policy_denied");
            }
          }
        });
  }

  // ---- the files of others

  @Test
  void whatOneTaskHasAnotherDoesNotSee() {
    Program program = sidecar.load(TASKS);
    Pending holder =
        program
            .task("does")
            .args(
                """
                open('/tmp/mine', 'w').write('x')
                open('/in/ready', 'w').close()
                while not os.path.exists('/in/over'):
                    time.sleep(0.01)
                """)
            .option("mounts", Json.array(one + "::/in"))
            .start();
    Deadline.await("the task to begin", () -> Files.exists(one.resolve("ready")));
    assertThat(
            program
                .task("does")
                .args(
                    "result = [os.listdir('/tmp'), os.path.exists('/in'), os.path.exists('/in/secret')]")
                .value()
                .toString())
        .isEqualTo("[[],false,false]");
    Program.write(one.resolve("over"), "");
    assertThat(holder.envelope().success()).isTrue();
  }

  @Test
  void aNestedTaskHasNothingOfItsCaller() {
    assertThat(
            run(
                    "parent",
                    "result = [os.listdir('/tmp'), os.path.exists('/in'), os.path.exists('/in/secret')]",
                    one + "::/in")
                .value()
                .toString())
        .isEqualTo("[\"secret\",[[],false,false]]");
  }

  @Test
  void aScratchFolderIsEmptyEachTime() {
    Program program = sidecar.load(TASKS);
    for (int i = 0; i < 20; i++) {
      assertThat(
              program
                  .task("does")
                  .args("result = os.listdir('/tmp'); open('/tmp/left', 'w').write('x')")
                  .value()
                  .toString())
          .isEqualTo("[]");
    }
  }

  @ParameterizedTest
  @CsvSource({"'', rw", "'', ro", "runs, ro", "runs, rw", ".., ro", ".., rw"})
  void capsulesOwnFilesCannotBeGranted(String below, String mode) {
    Path own = Path.of(System.getProperty("user.home"), ".cache");
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path cache = (xdg == null ? own : Path.of(xdg)).resolve("capsule").resolve(below).normalize();
    assertThat(result("open('/tmp/x', 'w').write('x')")).isEqualTo("null"); // now there are some
    EnvelopeView envelope =
        run("does", "result = os.listdir('/in')", cache + "::/in:" + mode).envelope();
    assertThat(envelope.errorType()).isEqualTo("policy_denied");
    assertThat(envelope.message()).contains("Capsule's own files", cache.toString());
  }

  // ---- single files

  @Test
  void aReadOnlyFileBesideAReadWriteOneStaysAsItIs() {
    Path fixed = folder.resolve("outside");
    Path free = one.resolve("secret");
    for (String statement :
        new String[] {
          "open('/fixed', 'w').write('changed')",
          "open('/fixed', 'r+').write('changed')",
          "os.truncate('/fixed', 0)",
          "os.unlink('/fixed')",
          "os.replace('/free', '/fixed')",
          "open('/new', 'w').write('changed'); os.replace('/new', '/fixed')",
        }) {
      var _ = outcome(statement, fixed + "::/fixed:ro", free + "::/free");
      assertThat(fixed).as(statement).hasContent("outside");
      assertThat(outcome(statement, fixed + "::/fixed:ro")).as(statement).contains("Error");
      assertThat(fixed).as(statement).hasContent("outside");
    }
  }

  @Test
  void aFileThatIsReplacedIsReplacedOnTheHost() {
    Path file = folder.resolve("outside");
    assertThat(
            outcome(
                "open('/f.new', 'w').write('replaced'); os.replace('/f.new', '/f')", file + "::/f"))
        .contains("done");
    assertThat(file).hasContent("replaced");
    assertThat(outcome("open('/f', 'a').write(', appended')", file + "::/f")).contains("done");
    assertThat(file).hasContent("replaced, appended");
    assertThat(outcome("os.unlink('/f')", file + "::/f")).contains("done");
    assertThat(file).hasContent("replaced, appended");
    assertThat(outcome("os.unlink('/f'); os.symlink('/etc/passwd', '/f')", file + "::/f"))
        .contains("Error");
    assertThat(outcome("os.unlink('/f'); os.symlink('x', '/f')", file + "::/f")).contains("done");
    assertThat(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertThat(file).hasContent("replaced, appended");
  }

  @Test
  void whatATaskMayOnlyReadIsNotWritableThroughTheCallersFolder() {
    Path root = sidecar.newFolder();
    Program.write(root.resolve("data/fixed"), "fixed");
    Program program =
        Program.load(
            sidecar.process(),
            root,
            TASKS.replace("@task\ndef does", "@task(allowed_files=['data/fixed:ro'])\ndef does"));
    Program.Run writes = program.task("does").args("open('/out/fixed', 'w').write('changed')");
    EnvelopeView envelope =
        writes.option("mounts", Json.array(root.resolve("data") + "::/out")).envelope();
    assertThat(envelope.errorType()).isEqualTo("policy_denied");
    assertThat(envelope.message()).contains("data/fixed is granted read-only, but lies in");
    assertThat(root.resolve("data/fixed")).hasContent("fixed");
  }

  // ---- limits, as a user sees them

  @Test
  void whoWritesTooMuchIsToldTheLimit() {
    String code = "open('/tmp/x', 'wb').write(bytes(10**6))";
    EnvelopeView own = run("does", code).option("max_disk", "300KB").envelope();
    assertThat(own.errorType()).isEqualTo("policy_denied");
    assertThat(own.message())
        .isEqualTo(
            "Task wrote more than its max_disk of 300KB to files; give it more with max_disk=");
    EnvelopeView lowered =
        run("does", code).ceiling(Json.object("{\"max_disk\":\"300KB\"}")).envelope();
    assertThat(lowered.errorType()).isEqualTo("policy_denied");
    assertThat(lowered.message()).contains("max_disk of 300KB").contains("the ceiling");
  }

  @Test
  void whoHasTooManyOpenIsToldTheLimit() {
    EnvelopeView envelope =
        run("does", "kept = [open(f'/tmp/{i}', 'w') for i in range(300)]").envelope();
    assertThat(envelope.errorType()).isEqualTo("policy_denied");
    assertThat(envelope.message()).contains("256 files").contains("close");
  }
}
