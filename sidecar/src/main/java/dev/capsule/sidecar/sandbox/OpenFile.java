package dev.capsule.sidecar.sandbox;

import org.jspecify.annotations.Nullable;

/**
 * What one or more handles of a guest stand for: a folder that it was granted, or something that it
 * opened and the streams of that. Not for many threads.
 */
final class OpenFile {
  private final String path;
  private final @Nullable Opening opening;
  private Opening.@Nullable Closed teller;
  private int handles = 1;
  private long read;
  private long written;

  /**
   * One with a handle.
   *
   * @param path as the guest sees it
   * @param opening null: nobody need be told of it
   * @param teller who is told of its end
   */
  OpenFile(String path, @Nullable Opening opening, Opening.@Nullable Closed teller) {
    this.path = path;
    this.opening = opening;
    this.teller = teller;
  }

  String path() {
    return path;
  }

  /** What is to be told again, because it was opened by an earlier attempt; null: nothing. */
  @Nullable Opening untold() {
    return teller == null && opening != null ? opening.again() : null;
  }

  void tell(Opening.Closed to) {
    teller = to;
  }

  /** It has another handle. */
  void share() {
    handles++;
  }

  /** One of its handles is gone; the last ends it. */
  void release() {
    if (--handles == 0) {
      end();
    }
  }

  void move(boolean isWritten, long bytes) {
    if (isWritten) {
      written += bytes;
    } else {
      read += bytes;
    }
  }

  /** Tells what came of it, once. */
  void end() {
    if (teller != null) {
      teller.closed(read, written);
      teller = null;
    }
    read = 0;
    written = 0;
  }
}
