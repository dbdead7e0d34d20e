package dev.capsule.sidecar.task;

import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.sandbox.Ending;
import dev.capsule.sidecar.sandbox.Opening;
import dev.capsule.sidecar.trace.ActiveSpan;
import dev.capsule.sidecar.trace.Attributes;
import dev.capsule.sidecar.trace.Kind;
import dev.capsule.sidecar.trace.Names;
import dev.capsule.sidecar.trace.Status;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The span of an attempt, what it printed, and the spans of what it asked for. */
final class AttemptSpans {
  /** So much of what a run prints is kept. */
  static final int MAX_OUTPUT_CHARS = 64 << 10;

  /** So much is looked at beyond that, for secrets that begin before the end. */
  private static final int MARGIN_CHARS = 16 << 10;

  /** Where it prints in more pieces than that, later ones are joined. */
  private static final int MAX_PIECES = 256;

  /** So many times is told what it opens; a sandbox may open files for ever. */
  private static final int MAX_OPENINGS = 256;

  private static final Opening.Closed NOBODY = (read, written) -> {};

  private static final class Piece {
    final long at = System.nanoTime();
    final boolean error;
    final long offset;
    final StringBuilder text;
    long bytes;

    Piece(boolean error, long offset, String text) {
      this.error = error;
      this.offset = offset;
      this.text = new StringBuilder();
      add(text);
    }

    final void add(String more) {
      text.append(more);
      bytes += Texts.utf8Length(more);
    }
  }

  private final RunSpans run;
  private final ActiveSpan span;
  private final long queued = System.nanoTime();
  private volatile long placed;
  private volatile long started;

  // guarded by this
  private final List<Piece> pieces = new ArrayList<>();
  private final long[] printed = new long[2];
  private int kept;
  private int openings;
  private final Set<ActiveSpan> files = new HashSet<>();

  AttemptSpans(RunSpans run, ActiveSpan span) {
    this.run = run;
    this.span = span;
  }

  ActiveSpan span() {
    return span;
  }

  /** It has a core and a place. */
  void placed() {
    if (span.isRecorded()) {
      placed = System.nanoTime();
      span.set(Names.QUEUE_NS, placed - queued);
    }
  }

  /** It has its sandbox. */
  void started() {
    if (span.isRecorded()) {
      started = System.nanoTime();
      span.set(Names.INSTANTIATE_NS, started - placed);
    }
  }

  void printed(boolean error, String text) {
    if (!span.isRecorded()) {
      return;
    }
    synchronized (this) {
      int stream = error ? 1 : 0;
      long offset = printed[stream];
      printed[stream] += Texts.utf8Length(text);
      int room = MAX_OUTPUT_CHARS + MARGIN_CHARS - kept;
      if (room <= 0) {
        return;
      }
      String taken = text.length() <= room ? text : text.substring(0, room);
      kept += taken.length();
      Piece last = pieces.isEmpty() ? null : pieces.getLast();
      if (last != null && pieces.size() >= MAX_PIECES && last.error == error) {
        last.add(taken);
      } else if (pieces.size() < 2 * MAX_PIECES) {
        pieces.add(new Piece(error, offset, taken));
      }
    }
  }

  /**
   * It is over, and the tasks that it called are.
   *
   * @param failure null: it replied with a result
   * @param endedAt {@link System#nanoTime} of the end of its sandbox
   */
  void end(Ending.Usage usage, @Nullable TaskFailure failure, long endedAt) {
    if (!span.isRecorded()) {
      return;
    }
    if (started != 0) {
      span.set(Names.RUN_NS, endedAt - started);
      span.set(Names.SERIALIZE_NS, System.nanoTime() - endedAt);
    }
    if (usage.fuel() != null) {
      span.set(Names.FUEL, usage.fuel());
    }
    if (usage.memoryBytes() != null) {
      span.set(Names.MEMORY, usage.memoryBytes());
    }
    tellOutput();
    synchronized (this) {
      if (openings > MAX_OPENINGS) {
        span.set(Names.OPENINGS_LEFT_OUT, openings - MAX_OPENINGS);
      }
      files.forEach(file -> file.end(Status.OK)); // it was given up while it had them open
    }
    RunSpans.end(span, failure, run.redaction());
  }

  private synchronized void tellOutput() {
    if (printed[0] > 0) {
      span.set(Names.STDOUT_BYTES, printed[0]);
    }
    if (printed[1] > 0) {
      span.set(Names.STDERR_BYTES, printed[1]);
    }
    clean(false);
    clean(true);
    long told = 0;
    for (Piece piece : pieces) {
      String text = piece.text.toString();
      int room = run.takeOutput(text.length());
      if (room > 0) {
        String taken = Texts.cut(text, room);
        told += text.length() <= room ? piece.bytes : Texts.utf8Length(taken);
        tell(piece, taken);
      }
    }
    long left = printed[0] + printed[1] - told;
    if (left > 0) {
      span.set(Names.OUTPUT_LEFT_OUT, left);
    }
  }

  /** Blots out secrets in a stream; one may be printed in pieces. */
  private void clean(boolean error) {
    List<Piece> stream = pieces.stream().filter(piece -> piece.error == error).toList();
    List<String> texts =
        run.redaction().pieces(stream.stream().map(piece -> piece.text.toString()).toList());
    for (int i = 0; i < stream.size(); i++) {
      stream.get(i).text.replace(0, stream.get(i).text.length(), texts.get(i));
    }
  }

  private void tell(Piece piece, String text) {
    span.event(
        Names.OUTPUT,
        piece.at,
        new Attributes()
            .put(Names.OUTPUT_STREAM, piece.error ? "stderr" : "stdout")
            .put(Names.OUTPUT_OFFSET, piece.offset)
            .put(Names.OUTPUT_TEXT, text));
  }

  /**
   * It has opened a file or folder, or could not.
   *
   * @return told of its end
   */
  Opening.Closed opened(Opening opening) {
    if (!span.isRecorded()) {
      return NOBODY;
    }
    synchronized (this) {
      if (++openings > MAX_OPENINGS) {
        return NOBODY;
      }
    }
    String path = run.redaction().shortText(opening.path());
    ActiveSpan file = span.child(Kind.FILE, RunSpans.named("open", path));
    file.set(Names.FILE_PATH, path).set(Names.FILE_MODE, mode(opening));
    if (opening.error() != null) {
      file.set(Names.ERROR_TYPE, opening.error()).end(Status.ERROR);
      return NOBODY;
    }
    synchronized (this) {
      files.add(file);
    }
    return (read, written) -> closed(file, opening, read, written);
  }

  private void closed(ActiveSpan file, Opening opening, long read, long written) {
    if (opening.reads() && !opening.folder()) {
      file.set(Names.FILE_READ, read);
    }
    if (opening.writes() && !opening.folder()) {
      file.set(Names.FILE_WRITTEN, written);
    }
    file.end(Status.OK);
    synchronized (this) {
      files.remove(file);
    }
  }

  private static String mode(Opening opening) {
    List<String> words = new ArrayList<>();
    if (opening.folder()) {
      words.add("folder");
    }
    if (opening.reads()) {
      words.add("read");
    }
    if (opening.writes()) {
      words.add("write");
    }
    if (opening.creates()) {
      words.add("create");
    }
    if (opening.truncates()) {
      words.add("truncate");
    }
    return String.join(" ", words);
  }

  /** A call of a task that was refused. */
  void refused(String task, TaskFailure why) {
    if (span.isRecorded()) {
      ActiveSpan call = span.child(Kind.CALL, RunSpans.named("call", run.redaction().text(task)));
      RunSpans.end(call, why, run.redaction());
    }
  }

  /** The outcome of a task that it called came from an earlier run. */
  void replayed(Begun.Before step) {
    if (span.isRecorded()) {
      WorkflowSpans.replayed(span, step, run.redaction());
    }
  }

  /** Begins the span of a tool's call. */
  ActiveSpan tool(String tool, RawJson args, RawJson kwargs) {
    if (!span.isRecorded()) {
      return span;
    }
    String name = run.redaction().shortText(tool);
    ActiveSpan call = span.child(Kind.TOOL, RunSpans.named("execute_tool", name));
    call.set(Names.GEN_AI_OPERATION, "execute_tool")
        .set(Names.GEN_AI_TOOL, name)
        .set(Names.GEN_AI_TOOL_TYPE, "function");
    if (call.isVerbose()) {
      call.detail(
          Names.GEN_AI_TOOL_ARGUMENTS,
          run.redaction().json(new RawJson("{\"args\":" + args + ",\"kwargs\":" + kwargs + "}")));
    }
    return call;
  }

  /** The tool's call is over. */
  void toolEnded(ActiveSpan call, @Nullable RawJson result, @Nullable TaskFailure failure) {
    if (call.isVerbose() && result != null) {
      call.detail(Names.GEN_AI_TOOL_RESULT, run.redaction().json(result));
    }
    RunSpans.end(call, failure, run.redaction());
  }

  /** Blots out what must not be told. */
  Redaction redaction() {
    return run.redaction();
  }
}
