@NullMarked
package dev.capsule.sidecar.journal;

import org.jspecify.annotations.NullMarked;
