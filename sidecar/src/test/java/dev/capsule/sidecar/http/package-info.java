/** Tests of the package's own parts, each by itself. */
@NullMarked
package dev.capsule.sidecar.http;

import org.jspecify.annotations.NullMarked;
