package dev.capsule.repl.mcp;

import com.google.gson.JsonElement;
import dev.capsule.protocol.CellResult;
import dev.capsule.protocol.DescribeConfigParams;
import dev.capsule.protocol.DescribeConfigResult;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.OpenSessionParams;
import dev.capsule.protocol.OpenSessionResult;
import dev.capsule.protocol.RunCellParams;
import dev.capsule.protocol.SessionParams;
import dev.capsule.protocol.Setting;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.Sidecar;
import dev.capsule.repl.client.SidecarException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The sandboxes of code that the model writes: what they may do, and which sessions are open. */
final class Sandboxes {
  /** An open session, and the sidecar that has it. */
  private record Open(String language, Sidecar sidecar) {}

  private final Grants grants;
  private final Map<String, Open> sessions = new ConcurrentHashMap<>();
  private volatile boolean closed;

  Sandboxes(Grants grants) {
    this.grants = grants;
  }

  Grants grants() {
    return grants;
  }

  /** What holds for code that the model writes, in words. */
  String limits(Exchange exchange) throws RpcException, InterruptedException {
    var params = new DescribeConfigParams(grants.root(), null, null, grants.config());
    DescribeConfigResult found =
        exchange.ask(Method.DESCRIBE_CONFIG, params, DescribeConfigResult.class);
    List<Setting> settings = new ArrayList<>();
    for (Setting setting : found.defaults()) {
      JsonElement given = given(setting.name());
      // What capsule.toml grants is granted to the project's tasks.
      boolean grant =
          setting.name().startsWith("allowed_") || setting.name().equals("env_variables");
      if (given != null) {
        settings.add(new Setting(setting.name(), given, ""));
      } else if (!grant) {
        settings.add(setting);
      }
    }
    return SettingsText.of(settings);
  }

  private @Nullable JsonElement given(String name) {
    String option = name.equals("allowed_files") ? "mounts" : name;
    return grants.options().getAsJsonObject().get(option);
  }

  OpenSessionResult open(String language, @Nullable String name, Exchange exchange)
      throws RpcException, InterruptedException {
    Sidecar sidecar = exchange.backend().ready();
    var params =
        new OpenSessionParams(
            language,
            name,
            grants.root(),
            grants.config(),
            grants.options(),
            grants.ceiling(),
            null,
            grants.env().isEmpty() ? null : grants.env(),
            null,
            null);
    OpenSessionResult opened = exchange.ask(Method.OPEN_SESSION, params, OpenSessionResult.class);
    sessions.put(opened.sessionId(), new Open(language, sidecar));
    if (closed) {
      close(opened.sessionId()); // its client left while it was opened
    }
    return opened;
  }

  /**
   * Runs code in a session.
   *
   * @param language that the session must be of; null: whatever it is
   */
  ToolResult runCell(String id, @Nullable String language, String code, Exchange exchange)
      throws RpcException, InterruptedException {
    Open session = find(id, exchange);
    if (session == null) {
      return ToolResult.failure(FailureText.unknownSession());
    }
    if (language != null && !session.language().equals(language)) {
      return ToolResult.failure(
          "invalid_arguments: the session runs "
              + session.language()
              + ": call run_"
              + session.language());
    }
    return CellOutcome.run(
        exchange,
        true,
        run ->
            exchange.ask(
                Method.RUN_CELL,
                new RunCellParams(
                    id,
                    code,
                    null,
                    null,
                    run,
                    null,
                    System.getenv("TRACEPARENT"),
                    System.getenv("TRACESTATE")),
                CellResult.class));
  }

  /** Resets or closes a session. */
  ToolResult end(String id, boolean forGood, Exchange exchange)
      throws RpcException, InterruptedException {
    if (find(id, exchange) == null) {
      return ToolResult.failure(FailureText.unknownSession());
    }
    if (forGood) {
      sessions.remove(id);
    }
    String method = forGood ? Method.CLOSE_SESSION : Method.RESET_SESSION;
    Object _ = exchange.ask(method, new SessionParams(id), Object.class);
    return new ToolResult().text(forGood ? "The session is closed." : "The session begins anew.");
  }

  /** Those that are open, in order. */
  Collection<String> sessions(Exchange exchange) throws RpcException, InterruptedException {
    Sidecar ready = exchange.backend().ready();
    sessions.values().removeIf(session -> session.sidecar() != ready);
    return new TreeSet<>(sessions.keySet());
  }

  /** Whether it is one of ours, and open as far as we know. */
  boolean isOpen(String id, Exchange exchange) throws RpcException, InterruptedException {
    return find(id, exchange) != null;
  }

  /** Closes all, and those that are just being opened. */
  void close() {
    closed = true;
    sessions.keySet().forEach(this::close);
  }

  private void close(String id) {
    Open session = sessions.remove(id);
    if (session != null && !session.sidecar().isLost()) {
      try {
        var _ = session.sidecar().request(Method.CLOSE_SESSION, new SessionParams(id));
      } catch (SidecarException e) {
        // They went with it.
      }
    }
  }

  /** The sidecar has closed it. */
  void forget(String id) {
    sessions.remove(id);
  }

  private @Nullable Open find(String id, Exchange exchange)
      throws RpcException, InterruptedException {
    Open session = sessions.get(id);
    if (session != null && session.sidecar() != exchange.backend().ready()) {
      sessions.remove(id); // it went with its sidecar
      return null;
    }
    return session;
  }
}
