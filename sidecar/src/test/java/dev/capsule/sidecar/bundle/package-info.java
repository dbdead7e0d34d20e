/** Tests of what becomes part of a program. */
@NullMarked
package dev.capsule.sidecar.bundle;

import org.jspecify.annotations.NullMarked;
