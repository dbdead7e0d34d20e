package dev.capsule.sidecar.journal;

import java.util.Map;
import java.util.function.Consumer;

/** All. */
public final class Journals implements AutoCloseable {
  public Journals(Map<String, String> environment, Consumer<String> log) {}

  public Journal at(Place place) {
    if (place.shown().isEmpty()) {
      return at(place);
    }
    throw new JournalException(JournalException.Kind.UNAVAILABLE, "none");
  }

  @Override
  public void close() {}
}
