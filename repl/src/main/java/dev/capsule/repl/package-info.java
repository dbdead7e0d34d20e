/**
 * The terminal front end: reads the command line and leaves the work to the sidecar, which it
 * starts as a child process and talks to through the module {@code protocol}. May use every package
 * below it; never a class of the sidecar.
 */
@NullMarked
package dev.capsule.repl;

import org.jspecify.annotations.NullMarked;
