/** Tests of the package's own parts, each by itself. */
@NullMarked
package dev.capsule.sidecar.packages;

import org.jspecify.annotations.NullMarked;
