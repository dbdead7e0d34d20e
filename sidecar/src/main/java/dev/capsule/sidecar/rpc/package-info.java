/**
 * The wire: framing and its limits, the life of a connection, requests to {@code task.TaskService},
 * cancellation, and a bounded queue of output. May use the package task and those behind it.
 */
@NullMarked
package dev.capsule.sidecar.rpc;

import org.jspecify.annotations.NullMarked;
