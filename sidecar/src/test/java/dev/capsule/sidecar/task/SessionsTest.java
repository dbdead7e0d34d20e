package dev.capsule.sidecar.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonObject;
import dev.capsule.protocol.CellResult;
import dev.capsule.protocol.CellValue;
import dev.capsule.protocol.CodeMatch;
import dev.capsule.protocol.CodeParams;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.FileInfo;
import dev.capsule.protocol.FileParams;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.OpenSessionParams;
import dev.capsule.protocol.PutFileParams;
import dev.capsule.protocol.RunCellParams;
import dev.capsule.protocol.RunSnippetParams;
import dev.capsule.protocol.SessionInfo;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.harness.Deadline;
import dev.capsule.sidecar.harness.SidecarProcess;
import dev.capsule.sidecar.journal.Journals;
import dev.capsule.sidecar.sandbox.InProcessEngine;
import dev.capsule.sidecar.trace.Tracing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions and snippets with the real Python guest, and what hostile cells and clients come to. */
@Timeout(120)
class SessionsTest {
  @TempDir static @Nullable Path folder;

  private static final InProcessEngine ENGINE = engine();
  private static final Sessions SESSIONS =
      new TaskService(
              ENGINE,
              List.of(
                  new Language(
                      "python",
                      List.of(".py"),
                      new Language.Files(".py", "__init__.py"),
                      null,
                      "")),
              new Journals(Map.of(), message -> {}),
              new Tracing(Map.of(), "test", problem -> {}),
              Map.of())
          .sessions();

  private final Object client = new Object();

  @SuppressWarnings("JdkObsolete") // several threads print
  private final StringBuffer printed = new StringBuffer();

  private final CountDownLatch output = new CountDownLatch(1);

  private static InProcessEngine engine() {
    Path home = SidecarProcess.home();
    return new InProcessEngine(
        home.resolve("native").resolve(System.mapLibraryName("wasmtime")),
        Map.of("python", home.resolve("guests/python.wasm")),
        Path.of(System.getProperty("user.home"), ".cache", "capsule"),
        List.of(),
        InProcessEngine.MAX_SANDBOXES,
        progress -> {});
  }

  @AfterAll
  static void closeEngine() {
    ENGINE.close();
  }

  @AfterEach
  void leave() {
    SESSIONS.closeAll(client);
  }

  private static String root() {
    return String.valueOf(folder);
  }

  private static <T> T params(Class<T> type, Object... fields) {
    JsonObject object = new JsonObject();
    for (int i = 0; i < fields.length; i += 2) {
      object.add((String) fields[i], Json.gson().toJsonTree(fields[i + 1]));
    }
    return Json.gson().fromJson(object, type);
  }

  private String open(Object... more) {
    return openIn(root(), more);
  }

  private String openIn(String root, Object... more) {
    List<Object> fields = new ArrayList<>(List.of("language", "python", "root", root));
    fields.addAll(List.of(more));
    return SESSIONS
        .open(params(OpenSessionParams.class, fields.toArray()), client, progress -> {})
        .join()
        .sessionId();
  }

  private Sessions.Running start(String session, String code, Object... more) {
    List<Object> fields = new ArrayList<>(List.of("session_id", session, "code", code));
    fields.addAll(List.of(more));
    return SESSIONS.runCell(
        params(RunCellParams.class, fields.toArray()),
        client,
        new RunListener() {
          @Override
          public void queued(Run run) {}

          @Override
          public void started(Run run, int attempt) {}

          @Override
          public void printed(Run run, boolean error, String text) {
            printed.append(text);
            output.countDown();
          }

          @Override
          public void finished(Run run, @Nullable String errorType, long durationMs) {}
        },
        call -> new CompletableFuture<>());
  }

  private CellResult run(String session, String code, Object... more) {
    return end(start(session, code, more));
  }

  private static CellResult end(Sessions.Running running) {
    try {
      return running.result().get(100, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private static String text(CellResult result) {
    CellValue value = result.value();
    assertThat(result.error()).isNull();
    return value == null ? "" : value.text();
  }

  private static String errorType(CellResult result) {
    TaskFailure failure = result.error();
    assertThat(failure).isNotNull();
    return failure == null ? "" : failure.type();
  }

  private static String className(CellResult result) {
    TaskFailure failure = result.error();
    return failure == null ? "" : String.valueOf(failure.className());
  }

  @Test
  void namesStayFromCellToCellAndNotFromSessionToSession() {
    String one = open();
    String other = open();
    assertThat(run(one, "x = 1").value()).isNull();
    assertThat(text(run(one, "x += 1; x"))).isEqualTo("2");
    assertThat(className(run(other, "x"))).isEqualTo("NameError");
    assertThat(text(run(one, "open('mine.txt', 'w').write('a')"))).isEqualTo("1");
    assertThat(text(run(other, "import os; os.listdir('/workspace')"))).isEqualTo("[]");
  }

  @Test
  void anotherClientHasNoneOfThem() {
    String session = open();
    Object stranger = new Object();
    assertThat(SESSIONS.list(stranger)).isEmpty();
    assertThatExceptionOfType(RequestException.class)
        .isThrownBy(() ->
            SESSIONS.runCell(
                params(RunCellParams.class, "session_id", session, "code", "1"),
                stranger,
                RunListener.NOBODY,
                call -> new CompletableFuture<>()))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_SESSION));
    assertThatExceptionOfType(RequestException.class)
        .isThrownBy(() -> SESSIONS.close(session, stranger));
    SESSIONS.closeAll(stranger);
    assertThat(text(run(session, "1"))).isEqualTo("1");
  }

  @Test
  void cellsAreRunInTheOrderInWhichTheyWereAskedFor() {
    String session = open();
    var _ = run(session, "order = []");
    List<Sessions.Running> cells = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      cells.add(start(session, "import time; time.sleep(0.001); order.append(" + i + ")"));
    }
    cells.forEach(SessionsTest::end);
    assertThat(text(run(session, "order == list(range(20))"))).isEqualTo("True");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "while True: pass",
        "def f(): return f",
        "import time\ntime.sleep(1000)",
        "import asyncio\nawait asyncio.sleep(1000)",
        "import itertools\n[i for i in itertools.count()]",
        "exec('while True: pass')",
        "import random\nwhile True: random.shuffle([1, 2, 3])",
      })
  void anInterruptKeepsTheState(String code) throws InterruptedException {
    String session = open();
    var _ = run(session, "x = 7");
    Sessions.Running cell = start(session, "print('begins')\n" + code);
    assertThat(output.await(60, TimeUnit.SECONDS)).isTrue();
    cell.cancel();
    CellResult result = end(cell);
    assertThat(result.state()).isEqualTo(CellResult.KEPT);
    if (!result.success()) { // the one that ends by itself may have
      assertThat(errorType(result)).isEqualTo("cancelled");
      assertThat(className(result)).isEqualTo("KeyboardInterrupt");
    }
    assertThat(text(run(session, "x"))).isEqualTo("7");
  }

  @Test
  void aTimeOutKeepsTheStateToo() {
    String session = open("options", Map.of("timeout", "5m"));
    var _ = run(session, "x = 7");
    CellResult result = run(session, "while True: pass", "timeout", "200ms");
    assertThat(errorType(result)).isEqualTo("timeout");
    assertThat(result.state()).isEqualTo(CellResult.KEPT);
    assertThat(text(run(session, "x"))).isEqualTo("7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sum(range(10**13))",
        "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
        "import re\nre.match('(a*)*b', 'a' * 60)",
        "import sys\nsys.monitoring.set_events(4, 0)\nexec('while True: pass')",
      })
  void whatDoesNotEndIsStoppedWithItsState(String code) {
    String session = open();
    var _ = run(session, "x = 7");
    CellResult result = run(session, code, "timeout", "200ms");
    assertThat(errorType(result)).isEqualTo("timeout");
    assertThat(result.state()).isEqualTo(CellResult.LOST);
    assertThat(className(run(session, "x"))).isEqualTo("NameError");
  }

  @Test
  void aCellThatWaitsInLineIsTakenOutOfIt() throws InterruptedException {
    String session = open();
    Sessions.Running first = start(session, "print(1)\nwhile True: pass");
    Sessions.Running second = start(session, "x = 1");
    assertThat(output.await(60, TimeUnit.SECONDS)).isTrue();
    second.cancel();
    assertThat(errorType(end(second))).isEqualTo("cancelled");
    first.cancel();
    assertThat(end(first).state()).isEqualTo(CellResult.KEPT);
    assertThat(className(run(session, "x"))).isEqualTo("NameError");
  }

  @Test
  void aClientThatGoesTakesItsCellsWithIt() throws InterruptedException {
    String session = open();
    Sessions.Running cell = start(session, "print(1)\nwhile True: pass");
    assertThat(output.await(60, TimeUnit.SECONDS)).isTrue();
    SESSIONS.closeAll(client);
    CellResult result = end(cell);
    assertThat(errorType(result)).isEqualTo("cancelled");
    assertThat(result.state()).isEqualTo(CellResult.LOST);
    assertThat(SESSIONS.list(client)).isEmpty();
  }

  @Test
  void aCellThatIsAboutToBeginIsCancelledWithItsSession() {
    for (int i = 0; i < 50; i++) {
      String session = open();
      Sessions.Running cell = start(session, "while True: pass");
      SESSIONS.close(session, client);
      assertThat(errorType(end(cell))).isEqualTo("cancelled");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "import sys; sys.exit(3)",
        "import builtins\nbuiltins.len = builtins.isinstance = builtins.repr = None",
        "import builtins\nvars(builtins).clear()",
        "import sys\nsys.stdout.close(); sys.stderr.close()",
        "import sys\nsys.stdout = sys.stderr = None",
        "def f(): f()\nf()",
        "raise KeyboardInterrupt",
        "class E(Exception):\n  def __str__(self): raise ValueError\nraise E",
        "bytearray(10**9)",
        "x = [0]\nwhile True: x += x",
        "_ = __builtins__ = None",
        "import gc, sys\nsys.setrecursionlimit(50)",
      })
  void aHostileCellLeavesTheSessionUsable(String code) {
    String session = open();
    CellResult result = run(session, code);
    assertThat(result.state()).isEqualTo(CellResult.KEPT);
    assertThat(text(run(session, "1 + 1"))).isEqualTo("2");
    printed.setLength(0);
    assertThat(run(session, "import sys\nprint('again', file=sys.__stdout__)").error()).isNull();
    assertThat(printed.toString()).isEqualTo("again\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "import os; os._exit(0)",
        "import os; os.abort()",
      })
  void aCellThatEndsTheSandboxLosesTheState(String code) {
    String session = open();
    String other = open();
    var _ = run(other, "y = 1");
    var _ = run(session, "x = 1");
    CellResult result = run(session, code);
    assertThat(result.success()).isFalse();
    assertThat(result.state()).isEqualTo(CellResult.LOST);
    assertThat(className(run(session, "x"))).isEqualTo("NameError");
    assertThat(text(run(other, "y"))).isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'not an object'",
        "[]",
        "{'text': [], 'parts': []}",
        "{'text': 'x', 'parts': {}}",
        "{'text': 'x', 'parts': [{'mime': 'text/evil', 'data': 'x'}]}",
        "{'text': 'x', 'parts': [{'mime': 'image/png', 'data': '!'}]}",
        "{'text': 'x', 'parts': [{'mime': 'text/html', 'data': None}]}",
        "{'text': 'x' * 100_000, 'parts': []}",
        "{'text': 'x', 'json': 'y' * 40_000_000, 'parts': []}",
        "{'text': 'x', 'parts': [{'mime': 'text/html', 'data': 'y' * 33_000_000}]}",
      })
  void aReplyThatLiesIsAFailure(String reply) {
    String session = open();
    CellResult result =
        run(
            session,
            "import json\nfrom capsule_guest import display\ndisplay.encode = lambda *_: json.dumps("
                + reply
                + ")\n1");
    assertThat(errorType(result)).isEqualTo("invalid_result");
    assertThat(result.value()).isNull();
  }

  @Test
  void outputIsBoundedForEachCell() {
    String session = open("options", Map.of("max_output", 1000));
    var _ = run(session, "print('x' * 5000)");
    assertThat(printed.toString()).contains("max_output").hasSizeLessThan(1200);
    printed.setLength(0);
    var _ = run(session, "print('next')");
    assertThat(printed.toString()).isEqualTo("next\n");
  }

  @Test
  void fuelIsForEachCellAndMemoryForTheSession() {
    String session = open("options", Map.of("compute", 2_000_000_000L));
    CellResult result = run(session, "for i in range(10**9): pass");
    assertThat(errorType(result)).isEqualTo("out_of_fuel");
    assertThat(result.state()).isEqualTo(CellResult.LOST);
    for (int i = 0; i < 5; i++) {
      assertThat(text(run(session, "sum(range(1_000_000)) > 0"))).isEqualTo("True");
    }
    assertThat(run(session, "1", "fuel", 5_000_000_000L).execution().limits()).isNotNull();
  }

  @Test
  void aCeilingBoundsCellsToo() {
    String session = open("ceiling", Map.of("timeout", "300ms"));
    CellResult result = run(session, "while True: pass", "timeout", "1h");
    assertThat(errorType(result)).isEqualTo("timeout");
    assertThatExceptionOfType(RequestException.class)
        .isThrownBy(() ->
            open(
                "ceiling",
                Map.of("allowed_hosts", List.of()),
                "options",
                Map.of("allowed_hosts", List.of("a.b"))));
  }

  @Test
  void nothingOfTheHostIsThereByDefault() throws IOException {
    Files.writeString(Path.of(root(), "secret.py"), "KEY = 1");
    String session = open();
    assertThat(className(run(session, "import secret"))).isEqualTo("ModuleNotFoundError");
    assertThat(
            text(
                run(
                    session,
                    "import os; [p for p in ('/etc', '/usr', '"
                        + root()
                        + "') if os.path.exists(p)]")))
        .isEqualTo("[]");
    assertThat(text(run(session, "dict(os.environ)"))).isEqualTo("{}");
  }

  @Test
  void grantsOfTheConfigurationsDefaultsAreNotForCells() throws IOException {
    Path project = Files.createTempDirectory(folder, "project");
    Files.writeString(
        project.resolve("capsule.toml"),
        "[tasks]\ndefault_allowed_files = [\".\"]\ndefault_timeout = \"200ms\"\n");
    String session = openIn(project.toString());
    assertThat(text(run(session, "import os; os.path.exists('/capsule.toml')"))).isEqualTo("False");
    assertThat(errorType(run(session, "while True: pass"))).isEqualTo("timeout");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "../x",
        "a/../../x",
        "/etc/passwd",
        "/workspace/../x",
        "a\0b",
        "a\\b",
        "link/x",
        "link"
      })
  void hostileNamesOfFilesAreRefused(String path) {
    String session = open();
    assertThat(run(session, "import os\nos.symlink('../../../../../../etc', 'link')").error())
        .isNull();
    assertThatExceptionOfType(RequestException.class)
        .isThrownBy(() -> get(session, path))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMS));
    if (!path.equals("link")) { // that one is replaced, and not what it leads to
      assertThatExceptionOfType(RequestException.class).isThrownBy(() -> put(session, path, "x"));
    }
  }

  @Test
  void aLinkThatAFileIsWrittenOverIsReplaced() throws IOException {
    Path outside = Files.createTempFile(folder, "outside", ".txt");
    String session = open();
    String link = "../../../../../../.." + outside;
    assertThat(run(session, "import os\nos.symlink('" + link + "', 'link')").error()).isNull();
    put(session, "link", "new");
    assertThat(Files.readString(outside)).isEmpty();
    assertThat(text(run(session, "open('link').read()"))).isEqualTo("'new'");
  }

  private void put(String session, String path, String text) {
    SESSIONS
        .putFile(
            params(
                PutFileParams.class,
                "session_id",
                session,
                "path",
                path,
                "content",
                Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))),
            client)
        .join();
  }

  private String get(String session, String path) {
    String content =
        SESSIONS
            .getFile(params(FileParams.class, "session_id", session, "path", path), client)
            .content();
    return new String(Base64.getDecoder().decode(content), StandardCharsets.UTF_8);
  }

  @Test
  void filesComeAndGo() {
    String session = open();
    put(session, "data/in.txt", "hello");
    assertThat(text(run(session, "open('data/in.txt').read().upper()"))).isEqualTo("'HELLO'");
    var _ = run(session, "open('out.txt', 'w').write('done')");
    assertThat(get(session, "/workspace/out.txt")).isEqualTo("done");
    assertThat(SESSIONS.listFiles(params(FileParams.class, "session_id", session), client))
        .containsExactly(new FileInfo("data", 0, true), new FileInfo("out.txt", 4, false));
  }

  @Test
  void filesCountAgainstTheDisk() {
    String session = open("options", Map.of("max_disk", 100_000));
    put(session, "a", "x".repeat(50_000));
    assertThatExceptionOfType(RequestException.class)
        .isThrownBy(() -> put(session, "b", "x".repeat(60_000)))
        .withMessageContaining("max_disk");
    CellResult result = run(session, "open('c', 'wb').write(bytes(60_000))");
    assertThat(errorType(result)).isEqualTo("policy_denied");
  }

  @Test
  void aSessionOwnsItsFolder() {
    assertThatExceptionOfType(RequestException.class)
        .isThrownBy(() -> open("options", Map.of("mounts", List.of(root() + "::/workspace/x"))))
        .withMessageContaining("/workspace");
  }

  @Test
  void aResetForgetsEverything() {
    String session = open();
    var _ = run(session, "x = 1\nopen('f', 'w').write('x')");
    SESSIONS.reset(session, client).join();
    assertThat(className(run(session, "x"))).isEqualTo("NameError");
    assertThat(text(run(session, "import os; os.listdir()"))).isEqualTo("[]");
  }

  @Test
  void aForkGoesOnByItself() throws Exception {
    String session = open();
    put(session, "f", "file");
    var _ = run(session, "x = [1]");
    var _ = run(session, "x.append(2); 1 / 0");
    var _ = run(session, "print('loud')");
    printed.setLength(0);
    String fork = SESSIONS.fork(session, client).get(60, TimeUnit.SECONDS).sessionId();
    assertThat(printed.toString()).isEmpty();
    var _ = run(fork, "x.append(3)");
    assertThat(text(run(session, "x"))).isEqualTo("[1, 2]");
    assertThat(text(run(fork, "x, open('f').read()"))).isEqualTo("([1, 2, 3], 'file')");
  }

  @Test
  void whatCannotBeRepeatedCannotBeForked() {
    String session = open();
    var _ = run(session, "while True: pass", "timeout", "100ms");
    assertThatExceptionOfType(RequestException.class)
        .isThrownBy(() -> SESSIONS.fork(session, client))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_REPEATABLE));
    String mounted = open("options", Map.of("mounts", List.of(root() + ":ro")));
    assertThatExceptionOfType(RequestException.class)
        .isThrownBy(() -> SESSIONS.fork(mounted, client));
  }

  @Test
  void tooManyAreRefusedOrTheIdlestGoes() throws IOException {
    Path project = Files.createTempDirectory(folder, "project");
    Path config = project.resolve("capsule.toml");
    Files.writeString(config, "[sessions]\nmax = 2\n");
    String first = openIn(project.toString());
    String second = openIn(project.toString());
    assertThatExceptionOfType(RequestException.class)
        .isThrownBy(() -> openIn(project.toString()))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.OVERLOADED));
    Files.writeString(config, "[sessions]\nmax = 2\nwhen_full = \"evict\"\n");
    var _ = run(first, "1");
    String third = openIn(project.toString());
    assertThat(SESSIONS.list(client))
        .extracting(SessionInfo::sessionId)
        .containsExactly(first, third);
    assertThatExceptionOfType(RequestException.class).isThrownBy(() -> run(second, "1"));
  }

  @Test
  void anIdleOneIsClosed() {
    String session = open("idle_timeout", "50ms");
    var _ = run(session, "import time\ntime.sleep(0.3)\n1");
    Deadline.await("the end of the idle session", () -> SESSIONS.list(client).isEmpty());
    assertThat(SESSIONS.list(client)).isEmpty();
  }

  @Test
  void twoHundredAreOpenAtOnce() {
    List<String> sessions = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      sessions.add(open());
    }
    List<Sessions.Running> cells = new ArrayList<>();
    for (int i = 0; i < sessions.size(); i++) {
      cells.add(start(sessions.get(i), "mine = " + i));
    }
    cells.forEach(SessionsTest::end);
    for (int i = 0; i < sessions.size(); i += 20) {
      assertThat(text(run(sessions.get(i), "mine"))).isEqualTo(Integer.toString(i));
    }
    assertThat(SESSIONS.list(client)).hasSize(200).allMatch(info -> info.memoryBytes() > 0);
    assertThatExceptionOfType(RequestException.class)
        .isThrownBy(this::open)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.OVERLOADED));
  }

  @Test
  void completionsComeFromTheLiveSession() throws Exception {
    String session = open();
    var _ =
        run(
            session,
            "value = 1\nclass C:\n  def __getattr__(self, name):\n    while True: pass\nc = C()");
    var found =
        SESSIONS
            .complete(
                params(CodeParams.class, "session_id", session, "code", "x = val", "cursor", 7),
                client)
            .get(60, TimeUnit.SECONDS);
    assertThat(found.start()).isEqualTo(4);
    assertThat(found.matches()).containsExactly(new CodeMatch("value", "variable"));
    var spinning =
        SESSIONS
            .complete(
                params(CodeParams.class, "session_id", session, "code", "c.x.", "cursor", 4),
                client)
            .get(60, TimeUnit.SECONDS);
    assertThat(spinning.matches()).isEmpty();
    assertThat(text(run(session, "value"))).isEqualTo("1");
    var inspected =
        SESSIONS
            .inspect(
                params(CodeParams.class, "session_id", session, "code", "len", "cursor", 2), client)
            .get(60, TimeUnit.SECONDS);
    assertThat(inspected.text()).startsWith("len(obj, /)");
  }

  @Test
  void aSnippetHasAFreshSandbox() throws Exception {
    Sessions.Running running = snippet("print('hi')\nx = 20\nx * 2 + 2");
    assertThat(text(end(running))).isEqualTo("42");
    assertThat(className(end(snippet("x")))).isEqualTo("NameError");
    assertThat(errorType(end(snippet("x =")))).isEqualTo("source_error");
    TaskFailure failure = end(snippet("def f():\n  return 1 / 0\nf()")).error();
    assertThat(failure == null ? "" : String.valueOf(failure.traceback()))
        .contains("File \"<snippet>\", line 3", "return 1 / 0");
  }

  private static Sessions.Running snippet(String code) {
    return SESSIONS.runSnippet(
        params(RunSnippetParams.class, "language", "python", "code", code, "root", root()),
        progress -> {},
        RunListener.NOBODY,
        call -> new CompletableFuture<>());
  }

  /** A client that goes away in the middle leaves the id free, and nothing open. */
  @Test
  void anIdIsFreeAgainWhenItsClientIsGone() throws Exception {
    Path root = Path.of(root()).resolve("journalled");
    Files.createDirectories(root.resolve(".capsule"));
    String first = openIn(root.toString(), "id", "s");
    assertThat(run(first, "import time\ntime.sleep(1)\nx = 1").error()).isNull();
    put(first, "a.txt", "kept");
    SESSIONS.closeAll(client);

    Object other = new Object();
    CompletableFuture<?> restoring =
        SESSIONS.open(
            params(
                OpenSessionParams.class, "language", "python", "root", root.toString(), "id", "s"),
            other,
            progress -> {});
    SESSIONS.closeAll(other);
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> restoring.get(60, TimeUnit.SECONDS));
    assertThat(SESSIONS.list(other)).isEmpty();

    String again = openIn(root.toString(), "id", "s");
    assertThat(text(run(again, "x, open('a.txt').read()"))).isEqualTo("(1, 'kept')");
    SESSIONS.closeAll(client);
  }
}
