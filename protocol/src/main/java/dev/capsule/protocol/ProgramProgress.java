package dev.capsule.protocol;

/**
 * Something takes long while a program is loaded.
 *
 * @param message what goes on, for people
 */
public record ProgramProgress(String message) {}
