/**
 * Traces: spans of what happens, from their beginning to the sinks that take them when they have
 * ended. Knows nothing of tasks; uses nothing else of the sidecar.
 */
@NullMarked
package dev.capsule.sidecar.trace;

import org.jspecify.annotations.NullMarked;
