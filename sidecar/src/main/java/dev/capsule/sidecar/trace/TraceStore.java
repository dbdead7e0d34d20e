package dev.capsule.sidecar.trace;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/**
 * Keeps spans in files. Where it cannot, as on a full disk, they are dropped and counted: no task
 * fails because its trace cannot be kept.
 */
final class TraceStore extends BatchingSink {
  private final Level level;
  private final Segments segments;
  private final Consumer<String> log;
  private long lostSoFar;
  private boolean fails;

  /**
   * @param log told when spans are dropped
   */
  TraceStore(StoreSettings settings, Consumer<String> log) {
    super("capsule-traces");
    this.level = settings.level();
    this.segments = new Segments(settings.folder(), settings.maxBytes(), settings.maxAge());
    this.log = log;
  }

  @Override
  public Level level() {
    return level;
  }

  @Override
  protected void idle() {
    segments.close();
  }

  @Override
  protected void deliver(List<Span> spans, long lost) {
    lostSoFar += lost;
    try {
      ByteArrayOutputStream lines = new ByteArrayOutputStream(spans.size() * 1024);
      for (Span span : spans) {
        lines.writeBytes(span.json(level).getBytes(StandardCharsets.UTF_8));
        lines.write('\n');
      }
      segments.append(lines.toByteArray());
      if (fails || lost > 0) {
        log.accept(lostSoFar + " spans of traces were not kept so far; now they are again");
      }
      fails = false;
    } catch (IOException | RuntimeException e) {
      lostSoFar += spans.size();
      if (!fails) {
        log.accept("traces cannot be kept for now (tasks go on): " + Segments.reason(e));
      }
      fails = true;
    }
  }
}
