package dev.capsule.repl.view;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Standard output and standard error, always in UTF-8. Where one of them is a terminal, what is
 * written to it is made {@link Visible} first; elsewhere it passes as it is. The progress line is
 * out of the way while anything else is written. Safe for use by several threads.
 */
public final class Screen {
  private static final String ERASE_LINE = "\r\u001b[K";
  private static final String DIM = "\u001b[2m";
  private static final String NOT_DIM = "\u001b[22m";

  private final OutputStream out;
  private final OutputStream err;
  private final boolean outIsTerminal;
  private final boolean errIsTerminal;
  private final boolean coloursWanted;
  private final Runnable onClosed;

  private boolean outAtLineStart = true;
  private boolean errAtLineStart = true;
  private boolean closed;
  private String progress = "";

  /**
   * @param colours whether the user wants any, where there is a terminal
   * @param onClosed run once when nobody reads our standard output any more
   */
  public Screen(
      OutputStream out,
      OutputStream err,
      boolean outIsTerminal,
      boolean errIsTerminal,
      boolean colours,
      Runnable onClosed) {
    this.out = out;
    this.err = err;
    this.outIsTerminal = outIsTerminal;
    this.errIsTerminal = errIsTerminal;
    this.coloursWanted = colours;
    this.onClosed = onClosed;
  }

  /**
   * The process's own streams.
   *
   * @param terminals which of them are terminals: a text that holds {@code out}, {@code err}, both
   *     or neither
   */
  public static Screen ofProcess(String terminals, Runnable onClosed) {
    return new Screen(
        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 64 * 1024),
        new FileOutputStream(FileDescriptor.err),
        terminals.contains("out"),
        terminals.contains("err"),
        System.getenv("NO_COLOR") == null && !"dumb".equals(System.getenv("TERM")),
        onClosed);
  }

  public boolean outIsTerminal() {
    return outIsTerminal;
  }

  public boolean errIsTerminal() {
    return errIsTerminal;
  }

  /** Whether nobody reads our standard output any more. */
  public synchronized boolean isClosed() {
    return closed;
  }

  /** Writes to standard output. */
  public synchronized void print(String text) {
    if (text.isEmpty() || closed) {
      return;
    }
    write(bytes(text, outIsTerminal), text.endsWith("\n"));
  }

  private void write(byte[] bytes, boolean endsLine) {
    hideProgress();
    try {
      out.write(bytes);
      out.flush();
    } catch (IOException e) {
      closed = true;
      onClosed.run();
    }
    outAtLineStart = endsLine;
    showProgress();
  }

  /** Writes a line to standard output, in colours if it is a terminal that has some. */
  public synchronized void println(Styled text) {
    if (!closed) {
      String line = outIsTerminal ? text.forTerminal(coloursWanted) : text.toString();
      String start = outAtLineStart ? "" : "\n";
      write((start + line + "\n").getBytes(StandardCharsets.UTF_8), true);
    }
  }

  /** Writes a line to standard output, on a line of its own. */
  public synchronized void println(String text) {
    print((outAtLineStart ? "" : "\n") + text + "\n");
  }

  /** As {@link #println}, but in red on a terminal if it is of a failure. */
  public void printMarked(String text, boolean failed) {
    println(new Styled().add(failed ? Styled.Style.RED : Styled.Style.PLAIN, text));
  }

  /** Writes to standard error. */
  public synchronized void printError(String text) {
    if (text.isEmpty()) {
      return;
    }
    hideProgress();
    writeError(bytes(text, errIsTerminal));
    errAtLineStart = text.endsWith("\n");
    showProgress();
  }

  /** Writes a line to standard error, on a line of its own. */
  public synchronized void printErrorLine(String text) {
    printError(errorLineStart() + text + "\n");
  }

  /** As {@link #printErrorLine}, but dimmed on a terminal: what is beside the point. */
  public synchronized void printAside(String text) {
    if (!coloursWanted || !errIsTerminal) {
      printErrorLine(text);
      return;
    }
    hideProgress();
    String line = errorLineStart() + DIM + Visible.of(text) + NOT_DIM + "\n";
    writeError(line.getBytes(StandardCharsets.UTF_8));
    errAtLineStart = true;
    showProgress();
  }

  /** What comes before a line so that it stands on its own. */
  private String errorLineStart() {
    boolean shareLine = outIsTerminal && errIsTerminal && !outAtLineStart;
    outAtLineStart |= shareLine;
    return errAtLineStart && !shareLine ? "" : "\n";
  }

  private void writeError(byte[] bytes) {
    try {
      err.write(bytes);
    } catch (IOException e) {
      // Without standard error there is nobody to tell.
    }
  }

  /** Shows a line of progress, if standard error is a terminal; an empty text takes it away. */
  public synchronized void progress(String text) {
    hideProgress();
    progress = Visible.of(text);
    showProgress();
  }

  private void hideProgress() {
    if (progressIsShown()) {
      writeControl(ERASE_LINE);
    }
  }

  private void showProgress() {
    if (progressIsShown()) {
      writeControl(progress);
    }
  }

  /** Never in the middle of a line that a task has begun. */
  private boolean progressIsShown() {
    return errIsTerminal
        && !progress.isEmpty()
        && errAtLineStart
        && (outAtLineStart || !outIsTerminal);
  }

  private void writeControl(String text) {
    try {
      err.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      progress = "";
    }
  }

  private static byte[] bytes(String text, boolean terminal) {
    return (terminal ? Visible.of(text) : text).getBytes(StandardCharsets.UTF_8);
  }
}
