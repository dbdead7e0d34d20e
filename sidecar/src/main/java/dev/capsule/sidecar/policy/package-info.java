/**
 * Validated limits and grants: sizes, durations, compute levels, folders, and the order in which
 * options win. Everything outside this package sees only values that were checked here. May use the
 * protocol's JSON; knows nothing of tasks, guests or connections.
 */
@NullMarked
package dev.capsule.sidecar.policy;

import org.jspecify.annotations.NullMarked;
