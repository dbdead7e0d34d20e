/**
 * Dependencies of programs: reads which ones a program wants, has pip or uv fetch their wheels into
 * the user's cache, and makes them fit for the sandbox. Nothing of a package ever runs outside a
 * sandbox. Uses sandbox.
 */
@org.jspecify.annotations.NullMarked
package dev.capsule.sidecar.packages;
