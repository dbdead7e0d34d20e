package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import dev.capsule.sidecar.harness.EnvelopeView;
import dev.capsule.sidecar.harness.Json;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Files, processes, sockets, environment: a task has what it was granted, and nothing else. */
class HostileFilesTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  /** Runs each statement by itself and says what became of it. */
  private static final String TASKS =
      """
      import os
      from capsule import task

      def attempt(code):
          try:
              return ["done", repr(eval(code, {"os": os}))]
          except BaseException as e:
              return ["refused", type(e).__name__]

      @task
      def tries(codes):
          return [attempt(code) for code in codes]

      @task
      def swaps(folder, target):
          os.rename(folder, folder + "-away")
          os.symlink(target, folder)
      """;

  private static final String LISTS =
      TASKS
          + """

          @task(allowed_files=["work/data"])
          def lists():
              return sorted(os.listdir("/work/data"))
          """;

  private Path parent = Path.of("unset");
  private Path granted = Path.of("unset");

  @BeforeEach
  void makeFolders() throws IOException {
    parent = sidecar.newFolder();
    granted = Files.createDirectories(parent.resolve("granted"));
    Program.write(parent.resolve("secret"), "secret");
    Program.write(granted.resolve("file"), "content");
    Program.write(granted.resolve("folder/deep"), "deep");
    Files.createSymbolicLink(granted.resolve("to-secret"), parent.resolve("secret"));
    Files.createSymbolicLink(granted.resolve("to-parent"), Path.of(".."));
    Files.createSymbolicLink(granted.resolve("to-root"), Path.of("/"));
    Files.createSymbolicLink(granted.resolve("to-file"), Path.of("file"));
  }

  private static JsonElement tries(String mount, String... codes) {
    Program.Run run = sidecar.load(TASKS).task("tries").args(Json.array(codes));
    if (!mount.isEmpty()) {
      run.option("mounts", Json.array(mount));
    }
    return run.value();
  }

  private static void assertAllRefused(String mount, String... codes) {
    JsonElement outcome = tries(mount, codes);
    for (int i = 0; i < codes.length; i++) {
      assertThat(outcome.getAsJsonArray().get(i).getAsJsonArray().get(0).getAsString())
          .as("%s: %s", codes[i], outcome.getAsJsonArray().get(i))
          .isEqualTo("refused");
    }
  }

  @Test
  void withoutAMountThereAreNoFiles() {
    assertAllRefused(
        "",
        "open('/etc/passwd').read()",
        "open('etc/passwd').read()",
        "open('../../../../etc/passwd').read()",
        "open('/proc/self/environ').read()",
        "os.listdir('/')",
        "os.listdir('.')",
        "os.stat('/')",
        "open('x', 'w')",
        "os.mkdir('/x')",
        "os.open('/', os.O_RDONLY)",
        "os.symlink('/etc', 'x')",
        "__import__('pathlib').Path('/etc/passwd').read_text()",
        "__import__('shutil').copy('/etc/passwd', '/x')");
  }

  @Test
  void guessedDescriptorsLeadNowhere() {
    String[] codes = new String[120];
    for (int fd = 0; fd < 40; fd++) {
      codes[3 * fd] = "os.read(" + (fd + 3) + ", 1)";
      codes[3 * fd + 1] = "os.open('passwd', os.O_RDONLY, dir_fd=" + (fd + 3) + ")";
      codes[3 * fd + 2] = "os.write(" + (fd + 3) + ", b'x')";
    }
    assertAllRefused("", codes);
    assertThat(tries("", "os.read(0, 10)").toString()).isEqualTo("[[\"done\",\"b''\"]]");
  }

  @Test
  void aReadOnlyFolderCannotBeChanged() throws IOException {
    FileTime time = Files.getLastModifiedTime(granted.resolve("file"));
    assertAllRefused(
        granted + "::/in:ro",
        "open('/in/file', 'w')",
        "open('/in/file', 'a')",
        "open('/in/file', 'r+')",
        "open('/in/new', 'x')",
        "os.open('/in/file', os.O_RDWR)",
        "os.open('/in/file', os.O_RDONLY | os.O_TRUNC)",
        "os.open('/in/other', os.O_RDONLY | os.O_CREAT)",
        "os.unlink('/in/file')",
        "os.rename('/in/file', '/in/other')",
        "os.replace('/in/folder', '/in/other')",
        "os.mkdir('/in/more')",
        "os.rmdir('/in/folder')",
        "os.link('/in/file', '/in/other')",
        "os.symlink('file', '/in/other')",
        "os.utime('/in/file', (0, 0))",
        "os.truncate('/in/file', 0)",
        "os.ftruncate(os.open('/in/file', os.O_RDONLY), 0)",
        "os.write(os.open('/in/file', os.O_RDONLY), b'x')",
        "__import__('shutil').rmtree('/in/folder')");
    assertThat(granted.resolve("file")).hasContent("content");
    assertThat(granted.resolve("folder/deep")).hasContent("deep");
    assertThat(Files.getLastModifiedTime(granted.resolve("file"))).isEqualTo(time);
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(granted.resolve("file"));
    tries(granted + "::/in:ro", "os.chmod('/in/file', 0o777)"); // WASI has no modes to change
    assertThat(Files.getPosixFilePermissions(granted.resolve("file"))).isEqualTo(mode);
    assertThat(tries(granted + "::/in:ro", "open('/in/to-file').read()").toString())
        .contains("content");
  }

  @Test
  void nothingLeadsOutOfAMountedFolder() {
    for (String mode : new String[] {"ro", "rw"}) {
      assertAllRefused(
          granted + "::/in:" + mode,
          "open('/in/../secret').read()",
          "open('/in/folder/../../secret').read()",
          "open('/in/to-secret').read()",
          "open('/in/to-parent/secret').read()",
          "open('/in/to-root/etc/passwd').read()",
          "os.listdir('/in/..')",
          "os.listdir('/in/to-parent')",
          "os.listdir('/in/to-root')",
          "open('../secret', dir_fd=os.open('/in', os.O_RDONLY))",
          "os.open('../secret', os.O_RDONLY, dir_fd=os.open('/in', os.O_RDONLY))",
          "os.open('/etc/passwd', os.O_RDONLY, dir_fd=os.open('/in', os.O_RDONLY))",
          "os.rename('/in/file', '/in/../stolen')",
          "os.link('/in/to-secret', '/in/linked') or open('/in/linked').read()",
          "os.symlink('../secret', '/in/way') or open('/in/way').read()",
          "os.symlink('/etc', '/in/way2') or os.listdir('/in/way2')",
          "open('/in/to-parent/new', 'w')",
          "os.mkdir('/in/to-parent/new')",
          "open('/in\\0/../secret')");
    }
    assertThat(parent.resolve("secret")).hasContent("secret");
    assertThat(parent.resolve("stolen")).doesNotExist();
    assertThat(parent.resolve("new")).doesNotExist();
    assertThat(granted.resolve("file")).hasContent("content");
  }

  @Test
  void aWritableFolderCanBeWrittenTo() {
    assertThat(
            tries(
                    granted + "::/in:rw",
                    "open('/in/new', 'w').write('hello')",
                    "os.mkdir('/in/made')",
                    "os.rename('/in/new', '/in/made/moved')")
                .toString())
        .doesNotContain("refused");
    assertThat(granted.resolve("made/moved")).hasContent("hello");
  }

  /**
   * A task that may write to a folder puts a link in place of one below it, which another task was
   * granted: what that one then gets is an error, and not what the link leads to.
   */
  @Test
  void aFolderThatWasSwappedForALinkIsNotOpened() throws IOException {
    Path root = parent.resolve("root");
    Program.write(root.resolve("work/data/mine"), "");
    Program.write(parent.resolve("elsewhere/theirs"), "");
    Program program = Program.load(sidecar.process(), root, LISTS);
    assertThat(program.task("lists").value().toString()).isEqualTo("[\"mine\"]");
    EnvelopeView swap =
        program
            .task("swaps")
            .args("/work/data", "../../elsewhere")
            .option("mounts", Json.array(root.resolve("work") + "::/work"))
            .envelope();
    assertThat(swap.success()).as("%s", swap.json()).isTrue();
    assertThat(Files.isSymbolicLink(root.resolve("work/data"))).isTrue();
    assertThat(root.resolve("work/data").toRealPath())
        .isEqualTo(parent.resolve("elsewhere").toRealPath(LinkOption.NOFOLLOW_LINKS));
    EnvelopeView lists = program.task("lists").envelope();
    assertThat(lists.errorType()).isEqualTo("policy_denied");
    assertThat(lists.message()).contains("work/data");
  }

  @Test
  void aFolderThatIsGoneIsToldAsSuch() throws IOException {
    Path root = parent.resolve("root");
    Path data = Files.createDirectories(root.resolve("work/data"));
    Program program = Program.load(sidecar.process(), root, LISTS);
    Files.delete(data);
    EnvelopeView lists = program.task("lists").envelope();
    assertThat(lists.errorType()).isEqualTo("policy_denied");
    assertThat(lists.message()).contains(data.toString());
  }

  @Test
  void theEnvironmentIsEmpty() {
    assertThat(
            tries(
                    "",
                    "dict(os.environ)",
                    "os.getenv('HOME')",
                    "os.getenv('PATH')",
                    "os.getcwd()",
                    "__import__('sys').argv[1:]")
                .toString())
        .isEqualTo(
            "[[\"done\",\"{}\"],[\"done\",\"None\"],[\"done\",\"None\"],[\"done\",\"'/'\"],"
                + "[\"done\",\"[]\"]]");
  }

  @Test
  void thereAreNoProcessesThreadsOrConnections() {
    assertAllRefused(
        "",
        "__import__('subprocess').run(['ls'])",
        "__import__('subprocess').Popen('ls', shell=True)",
        "os.system('ls')",
        "os.popen('ls')",
        "os.fork()",
        "os.execv('/bin/ls', ['ls'])",
        "os.kill(1, 9)",
        "__import__('threading').Thread(target=print).start()",
        "__import__('_thread').start_new_thread(print, ())",
        "__import__('multiprocessing').Process(target=print).start()",
        "__import__('socket').create_connection(('localhost', 22)).sendall(b'SSH-2.0-x\\r\\n\\r\\n')",
        "__import__('socket').create_connection(('localhost', 80))"
            + ".sendall(b'GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n')",
        "__import__('socket').socketpair()",
        "__import__('socket').create_server(('localhost', 0))",
        "__import__('socket').socket(__import__('socket').AF_UNIX)",
        "__import__('socket').socket(type=__import__('socket').SOCK_DGRAM)",
        "__import__('urllib.request').request.urlopen('http://127.0.0.1/')",
        "__import__('http.client').client.HTTPConnection('127.0.0.1').request('GET', '/')");
  }
}
