package dev.capsule.repl.command;

import com.google.gson.JsonParseException;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.Span;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads what is added to a store of traces, by whichever process. */
final class TraceFollower {
  static final long LOOK_AGAIN_MS = 200;

  private static final String SEGMENT = ".jsonl";
  private static final int MAX_LINE = 2 << 20;

  /** A span, and the line that it came in. */
  record Found(Span span, String json) {}

  private static final class Tail {
    long offset;
    final ByteArrayOutputStream rest = new ByteArrayOutputStream();
  }

  private final Path folder;
  private final Map<Path, Tail> tails = new HashMap<>();

  /** Begins with what is added from now on. */
  TraceFollower(Path folder) {
    this.folder = folder;
    for (Path segment : segments()) {
      try {
        Tail tail = new Tail();
        tail.offset = Files.size(segment);
        tails.put(segment, tail);
      } catch (IOException e) {
        // it was removed meanwhile
      }
    }
  }

  /** What was added since the last call. */
  List<Found> more() {
    List<Found> found = new ArrayList<>();
    List<Path> segments = segments();
    tails.keySet().retainAll(segments);
    for (Path segment : segments) {
      try {
        read(segment, tails.computeIfAbsent(segment, path -> new Tail()), found);
      } catch (IOException e) {
        // it was removed meanwhile
      }
    }
    return found;
  }

  private List<Path> segments() {
    if (!Files.isDirectory(folder)) {
      return List.of(); // nothing was kept yet
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(SEGMENT)).sorted().toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static void read(Path segment, Tail tail, List<Found> found) throws IOException {
    try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
      for (int length = channel.read(buffer, tail.offset);
          length > 0;
          length = channel.read(buffer, tail.offset)) {
        tail.offset += length;
        for (int i = 0; i < length; i++) {
          byte next = buffer.get(i);
          if (next != '\n') {
            tail.rest.write(next);
          } else {
            take(tail.rest.toString(StandardCharsets.UTF_8), found);
            tail.rest.reset();
          }
        }
        if (tail.rest.size() > MAX_LINE) {
          tail.rest.reset();
        }
        buffer.clear();
      }
    }
  }

  /** A line that is no span is passed over. */
  @SuppressWarnings("ConstantConditions")
  private static void take(String line, List<Found> found) {
    try {
      Span span = Json.gson().fromJson(line, Span.class);
      if (span != null
          && span.name() != null
          && span.kind() != null
          && span.status() != null
          && span.attributes() != null) {
        found.add(new Found(span, line));
      }
    } catch (JsonParseException | IllegalStateException | NullPointerException e) {
      // damaged
    }
  }
}
