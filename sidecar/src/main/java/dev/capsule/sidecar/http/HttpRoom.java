package dev.capsule.sidecar.http;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How many requests may be open at once: of an attempt, of a run with all that it calls, and of
 * all. Each room lies in a wider one, so that nobody's requests can take all the places.
 */
final class HttpRoom {
  private final Semaphore places;
  private final String whenFull;
  private final @Nullable HttpRoom wider;

  private HttpRoom(int places, String whenFull, @Nullable HttpRoom wider) {
    this.places = new Semaphore(places, true);
    this.whenFull = whenFull;
    this.wider = wider;
  }

  /** The room that all share. */
  static HttpRoom ofAll() {
    return new HttpRoom(
        HttpLimits.MAX_OPEN_OF_ALL,
        "too many HTTP requests of all programs are open; try again later",
        null);
  }

  /** A room in this one for a run and all that it calls. */
  HttpRoom ofRun() {
    return new HttpRoom(
        HttpLimits.MAX_OPEN_OF_RUN,
        "the run has "
            + HttpLimits.MAX_OPEN_OF_RUN
            + " HTTP requests open, with all tasks that it called; let fewer of them ask at once",
        this);
  }

  /** A room in this one for an attempt. */
  HttpRoom ofAttempt() {
    return new HttpRoom(
        HttpLimits.MAX_OPEN,
        "the task has "
            + HttpLimits.MAX_OPEN
            + " HTTP requests open; read their answers to the end, or close them",
        this);
  }

  /** Waits for a place, here and then in the wider ones; {@link #give} must follow. */
  void take() throws HttpFailure, InterruptedException {
    take(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(HttpLimits.PLACE_MS));
  }

  private void take(long end) throws HttpFailure, InterruptedException {
    if (!places.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      throw HttpFailure.overloaded(whenFull);
    }
    if (wider == null) {
      return;
    }
    boolean taken = false;
    try {
      wider.take(end);
      taken = true;
    } finally {
      if (!taken) {
        places.release();
      }
    }
  }

  void give() {
    if (wider != null) {
      wider.give();
    }
    places.release();
  }
}
