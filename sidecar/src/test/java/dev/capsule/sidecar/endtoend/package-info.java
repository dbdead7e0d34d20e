/**
 * Tests of the sidecar from outside: the real process, real guests, the wire. They use the harness
 * and none of the sidecar's classes.
 */
@NullMarked
package dev.capsule.sidecar.endtoend;

import org.jspecify.annotations.NullMarked;
