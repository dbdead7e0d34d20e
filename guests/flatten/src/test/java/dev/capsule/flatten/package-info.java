/**
 * Tests of the flattener on small components written as text. Wasmtime assembles them, and runs
 * them before and after; the components that guests are built from are covered by the sidecar's
 * tests.
 */
@NullMarked
package dev.capsule.flatten;

import org.jspecify.annotations.NullMarked;
