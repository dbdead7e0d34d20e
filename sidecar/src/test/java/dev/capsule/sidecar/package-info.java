/** Tests of the sidecar as a whole: which package may use which. */
@NullMarked
package dev.capsule.sidecar;

import org.jspecify.annotations.NullMarked;
