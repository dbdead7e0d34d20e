/**
 * The other end of {@code docs/protocol.md}: a sidecar process, its requests and notifications.
 * Knows nothing of commands or terminals; may use the module {@code protocol} only.
 */
@NullMarked
package dev.capsule.repl.client;

import org.jspecify.annotations.NullMarked;
