/**
 * The sandbox side: guest images, the pool of fresh instances, and one attempt at a time in each.
 * It speaks in messages ({@link dev.capsule.sidecar.sandbox.Engine}), so that it can move to a
 * process of its own. May use the module wasmtime and nothing else of the sidecar.
 */
@NullMarked
package dev.capsule.sidecar.sandbox;

import org.jspecify.annotations.NullMarked;
