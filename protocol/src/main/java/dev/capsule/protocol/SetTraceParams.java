package dev.capsule.protocol;

/**
 * Says which spans the client wants to hear of, from the runs that begin from now on.
 *
 * @param value {@code "off"}, {@code "messages"}, or {@code "verbose"}: with arguments and results
 */
public record SetTraceParams(String value) {}
