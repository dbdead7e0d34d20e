package dev.capsule.repl.command;

import dev.capsule.repl.mcp.Grants;
import dev.capsule.repl.mcp.McpHttpServer;
import dev.capsule.repl.mcp.Programs;
import dev.capsule.repl.view.Screen;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where {@code capsule mcp --http} serves, and what its clients must know.
 *
 * @param port 0: any that is free
 * @param token that the user gives; null: a new one is made
 */
record HttpPlace(int port, @Nullable String token) {
  private static final String TOKEN = "CAPSULE_MCP_TOKEN";
  private static final int MAX_PORT = 65_535;

  static HttpPlace of(String port, Map<String, String> environment) throws UsageException {
    if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > MAX_PORT) {
      throw new UsageException("--http=" + port + ": a port is a number from 0 to " + MAX_PORT);
    }
    String token = environment.get(TOKEN);
    if (token != null && !McpHttpServer.isToken(token)) {
      throw new UsageException(
          TOKEN
              + " must have 32 to 512 letters, digits and -._~+/= that nobody can guess\n"
              + "  Make one by: openssl rand -hex 32. Without it, a new one is made.");
    }
    return new HttpPlace(Integer.parseInt(port), token);
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "port " + port;
  }

  /** Serves until the process is ended. Returns the exit code. */
  int serve(Session session, Programs programs, Grants grants, String version, Screen screen)
      throws InterruptedException {
    String secret = token == null ? McpHttpServer.newToken() : token;
    McpHttpServer server;
    try {
      server = new McpHttpServer(port, secret, session::ready, programs, grants, version);
    } catch (IOException e) {
      screen.printErrorLine("capsule: cannot listen on port " + port + ": " + e.getMessage());
      return ExitCode.SIDECAR_FAILED;
    }
    TokenFile file = token == null ? TokenFile.of(server.port()) : null;
    Thread end =
        Thread.ofPlatform()
            .name("http-stop")
            .unstarted(() -> {
              server.close();
              if (file != null) {
                file.delete();
              }
            });
    Runtime.getRuntime().addShutdownHook(end);
    try {
      if (file != null) {
        file.write(secret);
      }
      screen.printErrorLine("capsule: serving MCP at " + server.url());
      screen.printErrorLine(
          "  Its token is " + (file == null ? "that of " + TOKEN : "in " + file.path()));
      server.run();
      return ExitCode.OK;
    } catch (IOException e) {
      server.close();
      screen.printErrorLine("capsule: the token cannot be kept for you alone: " + e.getMessage());
      screen.printErrorLine("  Give one by the environment variable " + TOKEN + ".");
      return ExitCode.SIDECAR_FAILED;
    }
  }
}
