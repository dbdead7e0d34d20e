package dev.capsule.sidecar.journal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a workflow is opened with.
 *
 * @param id the user's name for it
 * @param program for people: the file that it is the workflow of
 * @param folder absolute path of the folder that its command was started in
 * @param command the program and its arguments that run it again; empty: nobody knows
 * @param input JSON text of what it was given, if that is known; kept with the first opening
 * @param fresh forget all that earlier runs have left
 */
public record Opening(
    String id,
    String program,
    String folder,
    List<String> command,
    @Nullable String input,
    boolean fresh) {
  public Opening {
    command = List.copyOf(command);
  }
}
