package dev.capsule.sidecar.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.capsule.protocol.TraceSummary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a store: what is kept, what is removed, and what a damaged one still tells. */
class SegmentsTest {
  private static final Duration MONTH = Duration.ofDays(30);

  @TempDir Path project;

  private Path folder() {
    return project.resolve(".capsule/traces");
  }

  private static byte[] lines(String name, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(span(name, i)).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String span(String name, int number) {
    Trace trace = new Trace(null, String.format("%032x", number + 1), List.of(new Keep()));
    Keep.last.clear();
    trace.outside().child(Kind.TASK, name).set(Names.RUN_ID, name + number).end(Status.OK);
    return Keep.last.getFirst().json(Level.MESSAGES);
  }

  private static final class Keep implements Sink {
    static final List<Span> last = new ArrayList<>();

    @Override
    public Level level() {
      return Level.MESSAGES;
    }

    @Override
    public void take(Span span) {
      last.add(span);
    }
  }

  private List<String> names() throws IOException {
    return new TraceReader(folder())
        .list(10_000, false).stream().map(TraceSummary::name).distinct().sorted().toList();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder())) {
      return files.sorted().toList();
    }
  }

  @Test
  void theyArePrivateAndNotForGit() throws Exception {
    new Segments(folder(), 1 << 20, MONTH).append(lines("a", 1));
    assertThat(project.resolve(".capsule/.gitignore")).hasContent("*");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder())))
        .isEqualTo("rwx------");
    for (Path file : files()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void aFolderThatOthersCanWriteToIsNotUsed() throws Exception {
    Files.createDirectories(folder());
    Files.setPosixFilePermissions(folder(), PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> new Segments(folder(), 1 << 20, MONTH).append(lines("a", 1)))
        .withMessageContaining("others can write to it");
  }

  @Test
  void aLinkIsNotFollowed(@TempDir Path elsewhere) throws Exception {
    Files.createSymbolicLink(project.resolve(".capsule"), elsewhere);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> new Segments(folder(), 1 << 20, MONTH).append(lines("a", 1)))
        .withMessageContaining("is a link");
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void onlySoMuchIsKept() throws Exception {
    Segments segments = new Segments(folder(), 40_000, MONTH);
    for (int i = 0; i < 50; i++) {
      segments.append(lines("run" + i, 10));
    }
    long bytes = 0;
    for (Path segment : Segments.of(folder())) {
      bytes += Files.size(segment);
    }
    assertThat(bytes).isBetween(20_000L, 40_000L);
    assertThat(names()).contains("run49").doesNotContain("run0");
  }

  /** Commands are short: each would else leave a file of a few lines. */
  @Test
  void oneProcessAfterTheOtherWritesToTheSameSegment() throws Exception {
    for (int i = 0; i < 3; i++) {
      Segments segments = new Segments(folder(), 1 << 20, MONTH);
      segments.append(lines("run" + i, 1));
      segments.close();
      Path segment = Segments.of(folder()).getFirst();
      String text = Files.readString(segment);
      Files.writeString(segment, text.substring(0, text.length() - 1)); // as one that was killed
    }
    new Segments(folder(), 1 << 20, MONTH).append(lines("last", 1));
    assertThat(Segments.of(folder())).hasSize(1);
    for (int i = 0; i < 3; i++) {
      assertThat(new TraceReader(folder()).read("run" + i + "0").spans()).hasSize(4);
    }
  }

  @Test
  void whatIsTooOldIsRemoved() throws Exception {
    old("1577836800000-00000000000000aa", MONTH.plusDays(1));
    old("1577923200000-00000000000000bb", MONTH.minusDays(1));
    new Segments(folder(), 1 << 20, MONTH).append(lines("new", 1));
    assertThat(files().stream().map(file -> file.getFileName().toString()))
        .noneMatch(name -> name.contains("00aa"))
        .anyMatch(name -> name.endsWith("00bb-000001.jsonl"));
  }

  private void old(String base, Duration age) throws IOException {
    Files.createDirectories(folder());
    Files.setPosixFilePermissions(
        project.resolve(".capsule"), PosixFilePermissions.fromString("rwx------"));
    Files.setPosixFilePermissions(folder(), PosixFilePermissions.fromString("rwx------"));
    Path segment = folder().resolve(base + "-000001.jsonl");
    Files.write(segment, lines("old", 1));
    Files.createFile(folder().resolve(base + ".lock"));
    Files.setLastModifiedTime(segment, FileTime.from(Instant.now().minus(age)));
  }

  /** Only another process can hold a lock against this one. */
  @Test
  void whatALivingProcessWritesIsLeftAlone() throws Exception {
    String base = "1577836800000-00000000000000cc";
    old(base, MONTH.plusDays(1));
    Path lock = folder().resolve(base + ".lock");
    Process holder =
        new ProcessBuilder(
                "python3",
                "-c",
                "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.lockf(f, fcntl.LOCK_EX);"
                    + " print('held', flush=True); sys.stdin.read()",
                lock.toString())
            .start();
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("held");
      new Segments(folder(), 1 << 20, MONTH).append(lines("new", 1));
      assertThat(folder().resolve(base + "-000001.jsonl")).exists();
    } finally {
      holder.destroyForcibly().waitFor();
    }
    new Segments(folder(), 1 << 20, MONTH).append(lines("new", 1));
    assertThat(folder().resolve(base + "-000001.jsonl")).doesNotExist();
    assertThat(lock).doesNotExist();
  }

  @Test
  void damagedLinesArePassedOver() throws Exception {
    new Segments(folder(), 1 << 20, MONTH).append(lines("fine", 2));
    Path segment = Segments.of(folder()).getFirst();
    String good = Files.readString(segment);
    String line = span("torn", 5);
    Files.writeString(
        segment,
        "\u0000\u0001garbage\n"
            + good
            + "{}\n[]\nnull\n\n"
            + "{\"trace_id\":\"zz\"}\n"
            + line.replace("\"kind\":\"task\",", "") // a field is missing
            + "\n"
            + line.replace("\"start\":", "\"start\":x") // not JSON
            + "\n"
            + "{\"trace_id\":\""
            + "0".repeat(32)
            + "\""
            + ",\"a\":".repeat(10_000)
            + "}\n"
            + "{\"trace_id\":\""
            + "0".repeat(32)
            + "x".repeat(3 << 20)
            + "\n"
            + span("last", 6)
            + "\n"
            + line.substring(0, line.length() / 2)); // the process died here
    assertThat(names()).containsExactly("fine", "last");
    assertThat(new TraceReader(folder()).read("last6").spans()).hasSize(1);
  }

  @Test
  void aTraceWithoutItsOutermostSpanIsUnfinished() throws Exception {
    List<Span> spans = new ArrayList<>();
    Trace trace =
        new Trace(
            null,
            "a".repeat(32),
            List.of(
                new Sink() {
                  @Override
                  public Level level() {
                    return Level.MESSAGES;
                  }

                  @Override
                  public void take(Span span) {
                    spans.add(span);
                  }
                }));
    ActiveSpan task = trace.outside().child(Kind.TASK, "main");
    task.child(Kind.ATTEMPT, "attempt 1").end(Status.OK);
    new Segments(folder(), 1 << 20, MONTH)
        .append((spans.getFirst().json(Level.MESSAGES) + "\n").getBytes(StandardCharsets.UTF_8));
    TraceSummary summary = new TraceReader(folder()).list(10, false).getFirst();
    assertThat(summary.status()).isEqualTo("unfinished");
    assertThat(summary.durationNs()).isNull();
  }

  /** What a sandboxed program prints cannot become a line of the store, or look like one. */
  @Test
  void textCannotForgeLines() throws Exception {
    List<Span> spans = new ArrayList<>();
    String forged = span("forged", 7);
    String evil = "x\n" + forged + "\n" + forged + "\r\u2028\",\"" + Names.SPANS + "\":1}";
    Trace trace =
        new Trace(
            null,
            "b".repeat(32),
            List.of(
                new Sink() {
                  @Override
                  public Level level() {
                    return Level.MESSAGES;
                  }

                  @Override
                  public void take(Span span) {
                    spans.add(span);
                  }
                }));
    ActiveSpan task = trace.outside().child(Kind.TASK, evil).set("url.full", evil);
    ActiveSpan attempt = task.child(Kind.ATTEMPT, evil).set(Names.ERROR_MESSAGE, evil);
    attempt.event(evil, System.nanoTime(), new Attributes().put(Names.OUTPUT_TEXT, evil));
    attempt.end(Status.OK);
    task.end(Status.OK);
    Segments segments = new Segments(folder(), 1 << 20, MONTH);
    for (Span span : spans) {
      segments.append((span.json(Level.MESSAGES) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    assertThat(names()).containsExactly(evil);
    assertThat(new TraceReader(folder()).read("b".repeat(32)).spans()).hasSize(2);
    assertThat(new TraceReader(folder()).list(10, false).getFirst().spans()).isEqualTo(2);
  }
}
