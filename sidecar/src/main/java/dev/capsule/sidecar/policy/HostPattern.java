package dev.capsule.sidecar.policy;

/**
 * Where a task may send HTTP requests: an entry of {@code allowed_hosts}.
 *
 * @param text as it was written
 */
public record HostPattern(String text) {}
