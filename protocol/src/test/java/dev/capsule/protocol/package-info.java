/** Tests of the wire contract: the vectors that every language must agree on. */
@NullMarked
package dev.capsule.protocol;

import org.jspecify.annotations.NullMarked;
