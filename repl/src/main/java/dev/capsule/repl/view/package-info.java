/**
 * What people see: the standard streams, made safe where they are a terminal, results, errors and
 * progress. May use the records of the module {@code protocol}; starts nothing.
 */
@NullMarked
package dev.capsule.repl.view;

import org.jspecify.annotations.NullMarked;
