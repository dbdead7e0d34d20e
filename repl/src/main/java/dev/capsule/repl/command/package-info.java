/**
 * The commands that users type, what they accept and what they do. May use {@code client} to reach
 * the sidecar and {@code view} to tell people about it.
 */
@NullMarked
package dev.capsule.repl.command;

import org.jspecify.annotations.NullMarked;
