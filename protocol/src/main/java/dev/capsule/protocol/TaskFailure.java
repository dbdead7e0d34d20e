package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;
import org.jspecify.annotations.Nullable;

/**
 * Why a task failed.
 *
 * @param type an {@link ErrorType} in its wire form
 * @param message what happened and what to do, for people
 * @param className the exception's class in the task's language, if there was one
 * @param traceback the user's frames, if there are any
 */
public record TaskFailure(
    String type,
    String message,
    @SerializedName("class") @Nullable String className,
    @Nullable String traceback) {

  public static TaskFailure of(ErrorType type, String message) {
    return new TaskFailure(type.wireName(), message, null, null);
  }
}
