package dev.capsule.protocol;

import com.google.gson.JsonElement;

/**
 * One option, what it is, and who says so.
 *
 * @param name the option, {@code "ram"}
 * @param value as users write it: {@code "256MB"}, {@code 3}, {@code ["api.example.com"]}; JSON
 *     null: all, which only {@code tasks} may say
 * @param origin {@code "default"}, {@code FILE:LINE} of the decorator or the configuration, or
 *     {@code "ceiling"} and where that is written
 */
public record Setting(String name, JsonElement value, String origin) {}
