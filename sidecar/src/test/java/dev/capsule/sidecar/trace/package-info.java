/** Tests of traces. */
@NullMarked
package dev.capsule.sidecar.trace;

import org.jspecify.annotations.NullMarked;
