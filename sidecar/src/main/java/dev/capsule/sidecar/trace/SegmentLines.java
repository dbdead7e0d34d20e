package dev.capsule.sidecar.trace;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The lines of a store's segments that look like spans. A last line that is not whole, and whatever
 * else is damaged, is passed over.
 */
final class SegmentLines {
  /** No span is longer. */
  private static final int MAX_LINE = 2 << 20;

  private static final byte[] BEGINNING = "{\"trace_id\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final int ID_CHARS = 32;

  private SegmentLines() {}

  /** Takes a line. */
  interface Visitor {
    /**
     * Takes one.
     *
     * @param traceId as the line begins with, 32 hexadecimal digits
     */
    void line(String traceId, byte[] line);
  }

  /** Goes through all lines, segment by segment, from the oldest. */
  static void visit(Path folder, Visitor visitor) throws IOException {
    for (Path segment : Segments.of(folder)) {
      try (InputStream in = Files.newInputStream(segment, LinkOption.NOFOLLOW_LINKS)) {
        visit(in, visitor);
      } catch (NoSuchFileException e) {
        // it has just become too old
      }
    }
  }

  private static void visit(InputStream in, Visitor visitor) throws IOException {
    byte[] buffer = new byte[1 << 16];
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    boolean tooLong = false;
    for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
      int from = 0;
      for (int i = 0; i < length; i++) {
        if (buffer[i] == '\n') {
          line.write(buffer, from, i - from);
          from = i + 1;
          if (!tooLong) {
            visit(line.toByteArray(), visitor);
          }
          line.reset();
          tooLong = false;
        }
      }
      if (!tooLong) {
        line.write(buffer, from, length - from);
      }
      if (line.size() > MAX_LINE) {
        line.reset();
        tooLong = true;
      }
    }
  }

  private static void visit(byte[] line, Visitor visitor) {
    if (line.length <= BEGINNING.length + ID_CHARS || line[line.length - 1] != '}') {
      return;
    }
    for (int i = 0; i < BEGINNING.length; i++) {
      if (line[i] != BEGINNING[i]) {
        return;
      }
    }
    String id = new String(line, BEGINNING.length, ID_CHARS, StandardCharsets.ISO_8859_1);
    if (id.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
      visitor.line(id, line);
    }
  }

  /** Whether a line holds some bytes. */
  static boolean holds(byte[] line, byte[] sought) {
    for (int i = BEGINNING.length; i <= line.length - sought.length; i++) {
      int at = 0;
      while (at < sought.length && line[i + at] == sought[at]) {
        at++;
      }
      if (at == sought.length) {
        return true;
      }
    }
    return false;
  }
}
