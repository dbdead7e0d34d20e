/**
 * The interactive room: reads cells at a terminal, runs them in a session of a sidecar, and shows
 * what they come to. May use {@code client}, {@code view} and the module {@code protocol}; knows
 * nothing of the command line that it was started by.
 */
@NullMarked
package dev.capsule.repl.shell;

import org.jspecify.annotations.NullMarked;
