package dev.capsule.sidecar.rpc;

import com.google.gson.JsonParseException;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.SetTraceParams;
import dev.capsule.sidecar.trace.BatchingSink;
import dev.capsule.sidecar.trace.Level;
import dev.capsule.sidecar.trace.Span;
import dev.capsule.sidecar.trace.Tracing;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Tells the client of spans, if it asks for them. A client that reads slowly loses the oldest. */
final class ClientTraces {
  private static final long MAX_FLUSH_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);

  /** One for each level that was asked for: a run has those that there were when it began. */
  private static final class Feed extends BatchingSink {
    private final Outbox out;
    private final Level level;
    private volatile boolean on = true;

    Feed(Outbox out, Level level) {
      super("capsule-trace-feed");
      this.out = out;
      this.level = level;
    }

    @Override
    public Level level() {
      return level;
    }

    @Override
    protected void deliver(List<Span> spans, long lost) throws InterruptedException {
      StringBuilder params = new StringBuilder("{\"spans\":[");
      for (Span span : spans) {
        params
            .append(params.charAt(params.length() - 1) == '[' ? "" : ",")
            .append(span.json(level));
      }
      params.append("],\"dropped\":").append(lost).append('}');
      out.awaitLeisure();
      if (on) {
        out.notification(Method.TRACE, new RawJson(params.toString()));
      }
    }
  }

  private final Outbox out;
  private final Tracing tracing;
  private final Log log;
  private @Nullable Feed feed;

  ClientTraces(Outbox out, Tracing tracing, Log log) {
    this.out = out;
    this.tracing = tracing;
    this.log = log;
  }

  /** Takes what {@code $/setTrace} says; what is not understood has no effect. */
  synchronized void set(RawJson params) {
    String value;
    try {
      value = Json.gson().fromJson(params.text(), SetTraceParams.class).value();
    } catch (JsonParseException | IllegalStateException e) {
      log.info("$/setTrace that cannot be understood: " + Json.problem(e));
      return;
    }
    switch (value) {
      case "off" -> set((Level) null);
      case "messages" -> set(Level.MESSAGES);
      case "verbose" -> set(Level.VERBOSE);
      case null, default ->
          log.info("$/setTrace must say \"off\", \"messages\" or \"verbose\"; this has no effect");
    }
  }

  private void set(@Nullable Level level) {
    Feed before = feed;
    if (before != null) {
      tracing.remove(before);
      before.on = false;
    }
    feed = level == null ? null : new Feed(out, level);
    if (feed != null) {
      tracing.add(feed);
    }
  }

  /** Waits until what has happened so far is told, and kept, but not for long. */
  void flush() {
    try {
      tracing.flush(MAX_FLUSH_NANOS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
