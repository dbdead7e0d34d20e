/**
 * What the end-to-end tests drive the sidecar with: the real process and a client of its own, which
 * shares no code with the server. Knows the protocol, nothing of the sidecar's classes.
 */
@NullMarked
package dev.capsule.sidecar.harness;

import org.jspecify.annotations.NullMarked;
