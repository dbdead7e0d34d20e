package dev.capsule.sidecar.journal;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PostgresLeaseTest extends LeaseContract {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static @Nullable PostgresServer server;

  private final String schema = "lease" + COUNT.incrementAndGet();
  private @Nullable String url;

  @BeforeAll
  static void startServer() {
    server = PostgresServer.start();
  }

  @AfterAll
  static void stopServer() throws IOException {
    if (server != null) {
      server.close();
    }
  }

  private static PostgresServer server() {
    PostgresServer running = server;
    if (running == null) {
      throw new IllegalStateException();
    }
    return running;
  }

  @Override
  String place() {
    String known = url;
    if (known == null) {
      known = server().create(schema);
      url = known;
    }
    return known;
  }

  @Override
  Connection connect() throws SQLException {
    Connection connection = server().connect();
    connection.setSchema(schema);
    return connection;
  }
}
