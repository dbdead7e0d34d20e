package dev.capsule.protocol;

/**
 * One way to go on.
 *
 * @param text what replaces the code from {@link CompleteCodeResult#start} to the cursor
 * @param kind {@code "keyword"}, {@code "module"}, {@code "class"}, {@code "function"}, {@code
 *     "property"}, {@code "variable"} or {@code "file"}
 */
public record CodeMatch(String text, String kind) {}
