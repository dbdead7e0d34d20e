package dev.capsule.protocol;

/**
 * What there is to say of a name in code.
 *
 * @param text its signature and the beginning of its documentation; empty: nothing is known of it
 */
public record InspectCodeResult(String text) {}
