package dev.capsule.protocol;

import com.google.gson.JsonObject;

/**
 * A task as its source declares it.
 *
 * @param function name of the function behind it
 * @param file the file that declares it, as shown to users
 * @param line line of the declaration, from 1
 * @param signature the parameters as the language writes them, {@code "(query: str) -> dict"}
 * @param options the decorator's options, as written
 */
public record TaskInfo(
    String name, String function, String file, int line, String signature, JsonObject options) {}
