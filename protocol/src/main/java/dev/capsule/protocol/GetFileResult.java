package dev.capsule.protocol;

/**
 * A file of a session's workspace.
 *
 * @param content in base64
 */
public record GetFileResult(String content) {}
