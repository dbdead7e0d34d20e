/**
 * The write-ahead log: which workflows there are, which of their steps have begun and how they
 * ended. It keeps texts and gives them back; what they mean is for the task room. Uses nothing else
 * of the sidecar.
 */
@NullMarked
package dev.capsule.sidecar.journal;

import org.jspecify.annotations.NullMarked;
