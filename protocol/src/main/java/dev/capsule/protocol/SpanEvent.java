package dev.capsule.protocol;

/**
 * A moment in a span.
 *
 * @param time nanoseconds since 1970, UTC
 * @param attributes an object
 */
public record SpanEvent(long time, String name, RawJson attributes) {}
