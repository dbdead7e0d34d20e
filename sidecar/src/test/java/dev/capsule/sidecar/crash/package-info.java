/** What is left of a workflow when those that run it are killed. */
@NullMarked
package dev.capsule.sidecar.crash;

import org.jspecify.annotations.NullMarked;
