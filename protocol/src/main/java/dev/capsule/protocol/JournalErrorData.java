package dev.capsule.protocol;

/**
 * Why the journal could not do what was asked.
 *
 * @param kind {@code "busy"}, {@code "lost"}, {@code "cancelled"}, {@code "full"}, {@code
 *     "read_only"}, {@code "damaged"}, {@code "newer"} or {@code "unavailable"}
 * @param journal where it is, for people
 */
public record JournalErrorData(String kind, String journal) {}
