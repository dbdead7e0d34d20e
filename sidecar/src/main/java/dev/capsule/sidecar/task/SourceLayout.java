package dev.capsule.sidecar.task;

/**
 * How a language lays out its modules in files: all that is known of it here beside its guest.
 *
 * @param extension of a module's file, {@code ".py"}
 * @param packageFile name of the file that makes a folder a module, {@code "__init__.py"}
 */
public record SourceLayout(String extension, String packageFile) {}
