package dev.capsule.repl.mcp;

import dev.capsule.protocol.TaskOutput;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.Sidecar;
import dev.capsule.repl.client.Sidecars;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The sidecar behind us, and who is told what its tasks print. */
final class Backend {
  private final Sidecars sidecars;
  private final Map<String, Consumer<TaskOutput>> listeners = new ConcurrentHashMap<>();
  private final Set<Exchange> loading = ConcurrentHashMap.newKeySet();

  Backend(Sidecars sidecars) {
    this.sidecars = sidecars;
  }

  Sidecar ready() throws RpcException, InterruptedException {
    Sidecar sidecar = sidecars.ready();
    sidecar.tell(
        new Sidecar.Listener() {
          @Override
          public void printed(TaskOutput output) {
            route(output);
          }

          @Override
          public void progressed(String message) {
            loading.forEach(exchange -> exchange.progress().step(message));
          }
        });
    return sidecar;
  }

  /** A run whose output somebody wants, nested tasks' included, until it is closed. */
  final class Run implements AutoCloseable {
    private final String id = UUID.randomUUID().toString();
    private final Set<String> ids = ConcurrentHashMap.newKeySet();
    private final Consumer<TaskOutput> listener;

    private Run(Consumer<TaskOutput> listener) {
      this.listener = listener;
      add(id);
    }

    String id() {
      return id;
    }

    private void add(String runId) {
      ids.add(runId);
      listeners.put(runId, this::printed);
    }

    private void printed(TaskOutput output) {
      if (ids.add(output.run())) {
        listeners.put(output.run(), this::printed);
      }
      listener.accept(output);
    }

    @Override
    public void close() {
      ids.forEach(listeners::remove);
    }
  }

  Run listen(Consumer<TaskOutput> listener) {
    return new Run(listener);
  }

  /** What the sidecar says of programs that it loads is for this one, too. */
  void isLoading(Exchange exchange, boolean loads) {
    if (loads) {
      loading.add(exchange);
    } else {
      loading.remove(exchange);
    }
  }

  private void route(TaskOutput output) {
    Consumer<TaskOutput> listener = listeners.get(output.run());
    if (listener == null && output.parent() != null) {
      listener = listeners.get(output.parent());
    }
    if (listener != null) {
      listener.accept(output);
    }
  }
}
