/**
 * Attacks by the code in the sandbox, one theme a file, each shown to fail: the real process, real
 * guests, the wire. Each would succeed without the guard that docs/security.md names beside it.
 */
@NullMarked
package dev.capsule.sidecar.attack;

import org.jspecify.annotations.NullMarked;
