/**
 * The wire contract and nothing else: one record for every request, reply and notification of
 * {@code docs/protocol.md}. May use Gson's annotations; knows no other module.
 */
@NullMarked
package dev.capsule.protocol;

import org.jspecify.annotations.NullMarked;
