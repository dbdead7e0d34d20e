package dev.capsule.sidecar.trace;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A span that has not ended. One that nobody is told of costs nothing: whatever is done to it has
 * no effect. Safe to use from any thread.
 */
public final class ActiveSpan {
  /** As many spans may have the same parent; a sandboxed program decides how many there are. */
  static final int MAX_CHILDREN = 10_000;

  private static final int MAX_EVENTS = 1_000;

  private final Trace trace;
  private final TraceContext context;
  private final boolean recorded;
  private final boolean outermost;
  private final @Nullable String parentId;
  private final Kind kind;
  private final String name;
  private final long begun;

  // guarded by this
  private final Attributes attributes;
  private final Attributes details;
  private final List<Span.Event> events;
  private int children;
  private boolean ended;

  /** What stands for whoever is outside. */
  ActiveSpan(Trace trace) {
    this(trace, trace.context());
  }

  /** One that nobody is told of. */
  private ActiveSpan(Trace trace, TraceContext context) {
    this.trace = trace;
    this.context = context;
    this.recorded = false;
    this.outermost = false;
    this.parentId = null;
    this.kind = Kind.TASK;
    this.name = "";
    this.begun = 0;
    this.attributes = Attributes.NONE;
    this.details = Attributes.NONE;
    this.events = List.of();
  }

  private ActiveSpan(ActiveSpan parent, Kind kind, String name, long begun) {
    this.trace = parent.trace;
    this.context = parent.context.at(Trace.spanId());
    this.recorded = true;
    this.outermost = parent.isOutside();
    this.parentId = outermost && !trace.isContinued() ? null : parent.context.spanId();
    this.kind = kind;
    this.name = name;
    this.begun = begun;
    this.attributes = new Attributes();
    this.details = new Attributes();
    this.events = new ArrayList<>();
  }

  private boolean isOutside() {
    return this == trace.outside();
  }

  public Trace trace() {
    return trace;
  }

  /** Whether anybody is told of it: else nothing need be found out for it. */
  public boolean isRecorded() {
    return recorded;
  }

  /** Whether somebody is told its details. */
  public boolean isVerbose() {
    return recorded && trace.isVerbose();
  }

  /** The place in the trace that other processes are told of. */
  public TraceContext context() {
    return context;
  }

  /** Begins a part of it. */
  public ActiveSpan child(Kind childKind, String childName) {
    return child(childKind, childName, System.nanoTime());
  }

  /**
   * A part of it that began earlier.
   *
   * @param since {@link System#nanoTime} of then
   */
  public ActiveSpan child(Kind childKind, String childName, long since) {
    if (!recorded && !(isOutside() && trace.isOn())) {
      return this;
    }
    synchronized (this) {
      if (recorded && ++children > MAX_CHILDREN) {
        return new ActiveSpan(trace, context);
      }
    }
    return new ActiveSpan(this, childKind, childName, since);
  }

  /** Adds an attribute; null adds none. */
  public ActiveSpan set(String attribute, @Nullable String value) {
    if (recorded && value != null) {
      synchronized (this) {
        attributes.put(attribute, value);
      }
    }
    return this;
  }

  /** Adds an attribute. */
  public ActiveSpan set(String attribute, long value) {
    if (recorded) {
      synchronized (this) {
        attributes.put(attribute, value);
      }
    }
    return this;
  }

  /** Adds an attribute. */
  public ActiveSpan set(String attribute, boolean value) {
    if (recorded) {
      synchronized (this) {
        attributes.put(attribute, value);
      }
    }
    return this;
  }

  /** Adds an attribute; an empty list adds none. */
  public ActiveSpan set(String attribute, List<String> value) {
    if (recorded && !value.isEmpty()) {
      synchronized (this) {
        attributes.put(attribute, value);
      }
    }
    return this;
  }

  /** Adds an attribute that only those are told who want it all. */
  public ActiveSpan detail(String attribute, String value) {
    if (recorded) {
      synchronized (this) {
        details.put(attribute, value);
      }
    }
    return this;
  }

  /**
   * Adds a moment; those beyond the first thousand are left out.
   *
   * @param at {@link System#nanoTime} of then
   */
  public void event(String event, long at, Attributes about) {
    if (recorded) {
      synchronized (this) {
        if (events.size() < MAX_EVENTS) {
          events.add(new Span.Event(trace.time(at), event, about.copy()));
        }
      }
    }
  }

  /** Ends it; only the first end counts. */
  public void end(Status status) {
    if (!recorded) {
      return;
    }
    long now = System.nanoTime();
    Span span;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      int count = trace.count();
      if (outermost) {
        attributes.put(Names.SPANS, count);
      }
      if (children > MAX_CHILDREN) {
        attributes.put(Names.SPANS_LEFT_OUT, children - MAX_CHILDREN);
      }
      span =
          new Span(
              context.traceId(),
              context.spanId(),
              parentId,
              outermost,
              context.sampled(),
              kind,
              name,
              trace.time(begun),
              Math.max(0, now - begun),
              status,
              attributes.copy(),
              details.copy(),
              events);
    }
    trace.tell(span);
  }
}
