package dev.capsule.protocol;

import com.google.gson.annotations.SerializedName;
import java.util.List;

/**
 * What a task is held to, when all who have a say have said it.
 *
 * @param fuel units of fuel, of one attempt
 * @param ram bytes of memory
 * @param timeoutMs milliseconds, of one attempt
 * @param lowered names of the options that ask for more than the caller's ceiling allows
 */
public record Limits(
    long fuel, long ram, @SerializedName("timeout_ms") long timeoutMs, List<String> lowered) {
  public Limits {
    lowered = List.copyOf(lowered);
  }
}
