package dev.capsule.sidecar.trace;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * All that this process does for one request of a client, or for a workflow. Its clock is set once
 * and then counts by itself, so that spans fit together even where the system's clock is changed.
 */
public final class Trace {
  private final TraceContext here;
  private final boolean continued;
  private final List<Sink> sinks;
  private final boolean verbose;
  private final AtomicInteger ended = new AtomicInteger();
  private final long epochNs;
  private final ActiveSpan outside;

  /**
   * @param caller where the trace comes from; null: it begins here
   * @param newId of a trace that begins here, 32 hexadecimal digits
   * @param sinks who takes the spans; nobody: none are made
   */
  public Trace(@Nullable TraceContext caller, String newId, List<Sink> sinks) {
    this.continued = caller != null;
    this.here = caller == null ? new TraceContext(newId, spanId(), !sinks.isEmpty(), null) : caller;
    this.sinks = List.copyOf(sinks);
    this.verbose = sinks.stream().anyMatch(sink -> sink.level() == Level.VERBOSE);
    this.epochNs = sinks.isEmpty() ? 0 : nowNs() - System.nanoTime();
    this.outside = new ActiveSpan(this);
  }

  private static long nowNs() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }

  /** An id of 16 hexadecimal digits, not all of them 0. Nobody's safety depends on it. */
  static String spanId() {
    long random = ThreadLocalRandom.current().nextLong();
    return java.util.HexFormat.of().toHexDigits(random == 0 ? 1 : random);
  }

  /** Its id, 32 hexadecimal digits. */
  public String id() {
    return here.traceId();
  }

  /** Whether anybody is told of arguments and results. */
  public boolean isVerbose() {
    return verbose;
  }

  /** Whether the client has said which trace it is a part of. */
  public boolean isContinued() {
    return continued;
  }

  /** What spans that are a part of no other begin in. */
  public ActiveSpan outside() {
    return outside;
  }

  boolean isOn() {
    return !sinks.isEmpty();
  }

  /** The place that the trace comes from; of one that begins here, a place that stands for it. */
  TraceContext context() {
    return here;
  }

  /** The time of a moment, in nanoseconds since 1970. */
  long time(long nanoTime) {
    return epochNs + nanoTime;
  }

  /** Counts a span that ends now. */
  int count() {
    return ended.incrementAndGet();
  }

  void tell(Span span) {
    for (Sink sink : sinks) {
      sink.take(span);
    }
  }
}
