package dev.capsule.sidecar.trace;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where the traces of this process go. Safe to use from any thread. */
public final class Tracing {
  private final Map<Path, TraceStore> stores = new ConcurrentHashMap<>();
  private final List<Sink> listeners = new CopyOnWriteArrayList<>();
  private final Consumer<String> log;

  /**
   * Sends traces on where the environment says so.
   *
   * @param environment with OpenTelemetry's variables
   * @param version of this program
   * @param log told when traces are lost
   */
  public Tracing(Map<String, String> environment, String version, Consumer<String> log) {
    this.log = log;
    if (OtlpSink.isWanted(environment)) {
      listeners.add(new OtlpSink(environment, version, log));
    }
  }

  /** Has one more told of all traces that begin from now on. */
  public void add(Sink sink) {
    listeners.add(sink);
  }

  /** Has one no longer told of traces that begin from now on. */
  public void remove(Sink sink) {
    listeners.remove(sink);
  }

  /**
   * Begins a trace.
   *
   * @param caller where it comes from; null: it begins here
   * @param newId of one that begins here
   * @param store where it is kept; null: it is not
   */
  public Trace begin(@Nullable TraceContext caller, String newId, @Nullable StoreSettings store) {
    List<Sink> sinks = new ArrayList<>(listeners);
    if (store != null) {
      sinks.add(stores.computeIfAbsent(store.folder(), folder -> new TraceStore(store, log)));
    }
    return new Trace(caller, newId, sinks);
  }

  /**
   * Waits until all spans that have ended are where they go.
   *
   * @param nanos how long at most
   */
  public void flush(long nanos) throws InterruptedException {
    long left = nanos;
    List<Sink> all = new ArrayList<>(listeners);
    all.addAll(stores.values());
    for (Sink sink : all) {
      if (left > 0 && sink instanceof BatchingSink batching) {
        left = batching.flush(left);
      }
    }
  }
}
