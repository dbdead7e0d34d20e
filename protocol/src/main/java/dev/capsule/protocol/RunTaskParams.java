package dev.capsule.protocol;

import com.google.gson.JsonElement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for one run of a task.
 *
 * @param program id from {@link LoadProgramResult}
 * @param task its name; null: the program's entry
 * @param args positional arguments, an array; null: none
 * @param kwargs named arguments, an object; null: none
 * @param options the caller's options, an object, which win over the decorator's; null: none
 * @param run the run's id in notifications; null: a new one
 * @param events which notifications to send, {@code "output"}, {@code "lifecycle"}; null: output
 */
public record RunTaskParams(
    String program,
    @Nullable String task,
    @Nullable RawJson args,
    @Nullable RawJson kwargs,
    @Nullable JsonElement options,
    @Nullable String run,
    @Nullable List<String> events) {}
