/**
 * The HTTP gate: carries out the requests of sandboxes, where their grants allow it. One session is
 * what one attempt may use. May use policy for the grants, and nothing else of the sidecar.
 */
@NullMarked
package dev.capsule.sidecar.http;

import org.jspecify.annotations.NullMarked;
