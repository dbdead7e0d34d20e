package dev.capsule.sidecar.journal;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The journals that this process uses, one a place. Nothing is opened before it is used. */
public final class Journals implements AutoCloseable {
  private final Map<String, String> environment;
  private final Consumer<String> log;
  private final Timing timing;
  private final Map<Place, SqlJournal> journals = new HashMap<>();
  private boolean closed;

  /**
   * @param environment may tell a server's password
   * @param log takes what goes wrong while nobody waits for it
   */
  public Journals(Map<String, String> environment, Consumer<String> log) {
    this(environment, log, Timing.USUAL);
  }

  Journals(Map<String, String> environment, Consumer<String> log, Timing timing) {
    this.environment = Map.copyOf(environment);
    this.log = log;
    this.timing = timing;
  }

  /**
   * The journal of a place. Nothing is opened yet.
   *
   * @throws JournalException if the place cannot be one
   */
  public synchronized Journal at(Place place) {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    return journals.computeIfAbsent(place, where -> new SqlJournal(dialect(where), timing, log));
  }

  private Dialect dialect(Place place) {
    if (place.durability() == Durability.OFF) {
      return new MemoryDialect();
    }
    return switch (place) {
      case Place.Folder(var folder, var durability) ->
          new SqliteDialect(folder, durability, Migrations.ALL);
      case Place.Server(var url, var durability) ->
          new PostgresDialect(PostgresAddress.parse(url, environment), durability, Migrations.ALL);
    };
  }

  @Override
  public synchronized void close() {
    closed = true;
    journals.values().forEach(SqlJournal::close);
  }
}
