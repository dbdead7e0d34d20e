/**
 * Programs whose guests take one module: a bundler puts all that such a program imports together,
 * and is given nothing but files that may be part of it. Runs nothing of the program. Uses sandbox
 * for folders and files that others cannot change.
 */
@org.jspecify.annotations.NullMarked
package dev.capsule.sidecar.bundle;
