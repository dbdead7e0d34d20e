package dev.capsule.sidecar.journal;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What is different from one database to the next. */
interface Dialect {
  /** What a transaction is for. */
  enum Transaction {
    /** It sees one state of all tables. */
    READ,
    /** It may be lost if the machine fails. */
    WRITE,
    /** It is on the disk when it is committed, if the journal is to be. */
    WRITE_FIRMLY
  }

  /** Where it is, for people. */
  String place();

  /** Whether there is a journal, so that reading it does not make one. */
  boolean isThere();

  /** A connection that commits each statement, to tables that are there. */
  Connection connect() throws SQLException;

  void begin(Connection connection, Transaction kind) throws SQLException;

  /** What a SELECT ends with whose rows are to stay as they are until the transaction ends. */
  String forUpdate();

  /** The time that all who share the journal go by, in milliseconds since 1970. */
  long now(Connection connection) throws SQLException;

  /** Whether only processes of one machine can share it: one of an earlier boot of it is gone. */
  boolean isOfOneMachine();

  /** What went wrong, for users. */
  JournalException explain(SQLException problem);

  /** Whether the same transaction may work on a new connection. */
  boolean isPassing(SQLException problem);

  /**
   * Whether the last transaction to write was committed, though its connection broke.
   *
   * @param connection a new one
   */
  boolean isCommitted(Connection connection) throws SQLException;

  /** Where large texts go; null: into the tables. */
  @Nullable ResultFiles files();
}
