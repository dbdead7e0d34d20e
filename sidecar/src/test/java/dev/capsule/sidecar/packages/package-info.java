/** Tests of what is read, chosen and refused; that packages work inside is tested by the SDK. */
@NullMarked
package dev.capsule.sidecar.packages;

import org.jspecify.annotations.NullMarked;
