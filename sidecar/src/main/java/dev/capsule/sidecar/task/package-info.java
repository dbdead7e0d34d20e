/**
 * The life of one task: resolve, queue, attempt, retry, envelope; and the tasks that it calls. May
 * use policy, http and sandbox; knows nothing of connections.
 */
@NullMarked
package dev.capsule.sidecar.task;

import org.jspecify.annotations.NullMarked;
