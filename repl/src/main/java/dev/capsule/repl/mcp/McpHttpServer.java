package dev.capsule.repl.mcp;

import com.sun.net.httpserver.HttpServer;
import dev.capsule.repl.client.Sidecars;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Serves clients by HTTP, on this machine alone, who know a token. */
public final class McpHttpServer implements AutoCloseable {
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private static final Duration SWEEP = Duration.ofMinutes(1);

  static {
    // The JDK's server reads these once; by itself it would wait for a slow client for ever.
    limit("sun.net.httpserver.maxReqTime", "10");
    limit("sun.net.httpserver.maxReqHeaders", "64");
    limit("sun.net.httpserver.maxReqHeaderSize", "16384");
    limit("sun.net.httpserver.maxIdleConnections", "32");
    limit("sun.net.httpserver.nodelay", "true");
    limit("jdk.httpserver.maxConnections", "64");
  }

  private static void limit(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  private final HttpServer server;
  private final HttpClients clients;
  private final Features shared;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * Begins to serve.
   *
   * @param port 0: any that is free
   * @param token what a client must know
   * @throws IOException if the port cannot be used
   */
  public McpHttpServer(
      int port, String token, Sidecars sidecars, Programs programs, Grants grants, String version)
      throws IOException {
    Backend backend = new Backend(sidecars);
    Greeting greeting = new Greeting(version, false);
    shared = new Features(grants, programs, false, () -> {});
    clients =
        new HttpClients(
            () ->
                new Conversation(backend, new Features(grants, programs, true, () -> {}), greeting),
            System::nanoTime);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        new HttpEndpoint(
            new HttpGuard(token, port()),
            clients,
            () -> new Conversation(backend, shared, greeting)));
    server.start();
  }

  /** A token that nobody can guess. */
  public static String newToken() {
    return HttpToken.random();
  }

  /** Whether one that a user gives can be used: it is long, and of letters that HTTP can carry. */
  public static boolean isToken(String token) {
    return HttpToken.isUsable(token);
  }

  /** Where it listens. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** What a client needs to find it. */
  public String url() {
    return "http://127.0.0.1:" + port() + HttpEndpoint.PATH;
  }

  /** Serves until it is closed. */
  public void run() throws InterruptedException {
    while (!closed.await(SWEEP.toSeconds(), TimeUnit.SECONDS)) {
      clients.endIdle();
    }
  }

  /** Ends all; nothing listens any more. */
  @Override
  public void close() {
    server.stop(0);
    clients.close();
    shared.close();
    threads.shutdownNow();
    closed.countDown();
  }
}
