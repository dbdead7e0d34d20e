package dev.capsule.protocol;

/** Names the request to stop, by its id. */
public record CancelParams(RawJson id) {}
