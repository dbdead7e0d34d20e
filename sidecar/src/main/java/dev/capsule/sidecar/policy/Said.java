package dev.capsule.sidecar.policy;

import com.google.gson.JsonElement;

/**
 * A value, and who says so.
 *
 * @param shown the value as users write it
 * @param origin where it is written: {@code "capsule.toml:12"}, {@code "the caller"}
 */
record Said<T>(T value, JsonElement shown, String origin) {}
