package dev.capsule.protocol;

/**
 * What is in a folder of a session's workspace.
 *
 * @param path in the workspace, with slashes
 * @param size in bytes; 0 for a folder
 */
public record FileInfo(String path, long size, boolean folder) {}
