package dev.capsule.protocol;

/**
 * One form of a value that displays can show.
 *
 * @param mime its type, such as {@code "text/html"} or {@code "image/png"}
 * @param data text, JSON, or in base64 what is binary
 */
public record MimePart(String mime, String data) {}
