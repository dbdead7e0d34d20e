package dev.capsule.sidecar.sandbox;

import org.jspecify.annotations.Nullable;

/**
 * A guest has opened a file or folder, or could not.
 *
 * @param path as the guest sees it, absolute; as it was sent, and up to 4096 bytes long
 * @param folder whether it was opened as a folder
 * @param reads whether it may be read
 * @param writes whether it may be changed
 * @param creates whether it was to be made if there was none
 * @param truncates whether what was in it was to be thrown away
 * @param error why it could not be opened, by WASI's name; null: it was
 */
public record Opening(
    String path,
    boolean folder,
    boolean reads,
    boolean writes,
    boolean creates,
    boolean truncates,
    @Nullable String error) {

  /** Told that what was opened is closed, or that the attempt ends. */
  @FunctionalInterface
  public interface Closed {
    /**
     * It is over; must return at once.
     *
     * @param read bytes that were read from it
     * @param written bytes that were written to it
     */
    void closed(long read, long written);
  }

  /** The same as a later attempt in the sandbox finds it: open. */
  Opening again() {
    return new Opening(path, folder, reads, writes, false, false, null);
  }
}
