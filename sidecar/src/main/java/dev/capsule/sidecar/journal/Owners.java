package dev.capsule.sidecar.journal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table of processes that have workflows, each until a point in time that it moves on as long
 * as it lives. Used in transactions.
 */
final class Owners {
  private static final String PUT =
      """
      INSERT INTO capsule_owners
        (name, host, machine, boot, pids, clock, pid, started, until_ticks, until_time)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET
        until_ticks = excluded.until_ticks, until_time = excluded.until_time\
      """;

  private final Database database;
  private final Owner self;
  private final long lease;

  /**
   * @param lease in nanoseconds
   */
  Owners(Database database, Owner self, long lease) {
    this.database = database;
    this.self = self;
    this.lease = lease;
  }

  Owner self() {
    return self;
  }

  /**
   * Writes that this process lives.
   *
   * @param ticks {@link System#nanoTime} of before the transaction
   */
  void renew(long ticks) throws SQLException {
    int _ =
        Database.set(
                database.statement(PUT),
                self.name(),
                self.host(),
                self.machine(),
                self.boot(),
                self.pids(),
                self.clock(),
                self.pid(),
                self.started(),
                ticks + lease,
                database.now() + lease / 1_000_000)
            .executeUpdate();
  }

  /** The process of that name if it has what it has; null: it may be taken from it. */
  @Nullable Owner living(String name) throws SQLException {
    String sql = "SELECT * FROM capsule_owners WHERE name = ?";
    try (ResultSet rows = Database.set(database.statement(sql), name).executeQuery()) {
      return rows.next() ? living(rows) : null;
    }
  }

  /** Forgets all that are gone, and have nothing that is to be taken from them. */
  void tidy() throws SQLException {
    List<String> gone = new ArrayList<>();
    String sql =
        "SELECT * FROM capsule_owners WHERE NOT EXISTS"
            + " (SELECT 1 FROM capsule_workflows WHERE owner = capsule_owners.name)";
    try (ResultSet rows = database.statement(sql).executeQuery()) {
      while (rows.next()) {
        if (living(rows) == null) {
          gone.add(rows.getString("name"));
        }
      }
    }
    for (String name : gone) {
      forget(name);
    }
  }

  void forget(String name) throws SQLException {
    String sql = "DELETE FROM capsule_owners WHERE name = ?";
    int _ = Database.set(database.statement(sql), name).executeUpdate();
  }

  private @Nullable Owner living(ResultSet row) throws SQLException {
    Owner owner =
        new Owner(
            row.getString("name"),
            row.getString("host"),
            row.getString("machine"),
            row.getString("boot"),
            row.getString("pids"),
            row.getString("clock"),
            row.getLong("pid"),
            row.getString("started"));
    return isLiving(owner, row.getLong("until_ticks"), row.getLong("until_time")) ? owner : null;
  }

  private boolean isLiving(Owner owner, long untilTicks, long untilTime) throws SQLException {
    if (owner.name().equals(self.name())) {
      return true;
    }
    if (owner.hasEnded(self)) {
      return false;
    }
    if (!owner.clock().isEmpty() && owner.clock().equals(self.clock())) {
      return untilTicks - System.nanoTime() > 0;
    }
    if (database.dialect().isOfOneMachine()
        && owner.machine().equals(self.machine())
        && !owner.boot().equals(self.boot())) {
      return false; // that boot is over
    }
    // a time too far ahead: the clock has been set back, and says nothing
    long left = untilTime - database.now();
    return left > 0 && left <= 2 * lease / 1_000_000;
  }
}
