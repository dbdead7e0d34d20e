package dev.capsule.sidecar.journal;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.capsule.sidecar.harness.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A PostgreSQL server of the test's own, from the binaries that Maven brings. */
final class PostgresServer implements AutoCloseable {
  static final String PASSWORD = "s3cret %";
  private static final String BINARIES = "/postgres-linux-x86_64.txz";

  private final Path home;
  private final int port;
  private Process process;

  private PostgresServer(Path home, int port, Process process) {
    this.home = home;
    this.port = port;
    this.process = process;
  }

  /** Skips the test where the server cannot be. */
  static PostgresServer start() {
    assumeTrue(
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64"),
        "PostgreSQL's binaries are for Linux on x86-64");
    assumeTrue(has("tar") && has("xz"), "tar and xz unpack PostgreSQL's binaries");
    assumeTrue(!isRoot() || has("setpriv"), "PostgreSQL refuses to run as root, and no setpriv");
    try {
      Path home = Files.createTempDirectory("capsule-postgres");
      Path archive = home.resolve("postgres.txz");
      try (InputStream in =
          Objects.requireNonNull(PostgresServer.class.getResourceAsStream(BINARIES))) {
        Files.copy(in, archive, StandardCopyOption.REPLACE_EXISTING);
      }
      run(List.of("tar", "-xJf", archive.toString(), "-C", home.toString()), home);
      Files.delete(archive);
      Path password = Files.writeString(home.resolve("password"), PASSWORD);
      if (isRoot()) {
        run(List.of("chown", "-R", "65534:65534", home.toString()), home);
      }
      List<String> init = new ArrayList<>(asUser());
      init.addAll(
          List.of(
              home.resolve("bin/initdb").toString(),
              "--pgdata=" + home.resolve("data"),
              "--username=capsule",
              "--auth=scram-sha-256",
              "--pwfile=" + password,
              "--encoding=UTF8",
              "--no-locale",
              "--no-sync"));
      run(init, home);
      int port = freePort();
      PostgresServer server = new PostgresServer(home, port, launch(home, port));
      server.awaitReady();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The address of a database.
   *
   * @param parameters after its name
   */
  String url(String parameters) {
    return "postgresql://capsule:s3cret%20%25@127.0.0.1:" + port + "/" + parameters;
  }

  /** The address of tables that nobody has used. */
  String create(String schema) {
    execute("CREATE SCHEMA " + schema);
    return url("postgres?currentSchema=" + schema);
  }

  void execute(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", "capsule", PASSWORD);
  }

  /** As when the machine loses its power. */
  void kill() throws IOException {
    stop("-m", "immediate");
  }

  void restart() throws IOException {
    process = launch(home, port);
    awaitReady();
  }

  @Override
  public void close() throws IOException {
    stop("-m", "immediate");
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private void stop(String... how) throws IOException {
    if (process.isAlive()) {
      List<String> stop = new ArrayList<>(asUser());
      stop.addAll(List.of(home.resolve("bin/pg_ctl").toString(), "stop", "-w"));
      stop.addAll(List.of("-D", home.resolve("data").toString()));
      stop.addAll(List.of(how));
      run(stop, home);
    }
  }

  private void awaitReady() {
    Deadline.await(
        "PostgreSQL to answer",
        () -> {
          try (Connection connection = connect()) {
            return connection.isValid(5);
          } catch (SQLException e) {
            if (!process.isAlive()) {
              throw new AssertionError("PostgreSQL ended; see " + home.resolve("log"), e);
            }
            return false;
          }
        });
  }

  private static Process launch(Path home, int port) throws IOException {
    List<String> command = new ArrayList<>(asUser());
    command.addAll(
        List.of(
            home.resolve("bin/postgres").toString(),
            "-D",
            home.resolve("data").toString(),
            "-p",
            Integer.toString(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "shared_buffers=16MB",
            "-c",
            "recovery_init_sync_method=syncfs"));
    return builder(command, home)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("server.log").toFile()))
        .start();
  }

  private static List<String> asUser() {
    return isRoot()
        ? List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        : List.of();
  }

  private static void run(List<String> command, Path home) throws IOException {
    Process process = builder(command, home).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(90, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new AssertionError(command + " failed: " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static ProcessBuilder builder(List<String> command, Path home) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(home.toFile());
    builder.environment().put("LC_ALL", "C");
    return builder;
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private static boolean has(String program) {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
