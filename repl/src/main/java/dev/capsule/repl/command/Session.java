package dev.capsule.repl.command;

import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.InitializeResult;
import dev.capsule.protocol.TraceOptions;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.client.Sidecar;
import dev.capsule.repl.client.SidecarException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One sidecar for one command. It is started on a thread of its own by {@link #begin}, while the
 * command line is still being read, or when it is first needed. {@link #interrupt} and {@link
 * #close} may be called from any thread.
 */
public final class Session implements AutoCloseable {
  private final Supplier<FutureTask<InitializeResult>> start;

  // guarded by this
  private @Nullable FutureTask<InitializeResult> starting;
  private @Nullable Sidecar sidecar;
  private Sidecar.@Nullable Call current;
  private boolean interrupted;
  private boolean closed;

  /**
   * @param command what starts a sidecar
   * @param showErrors whether its log is shown
   * @param version ours, for its log
   * @param languages of the programs that are going to be run; null: not known
   * @param trace what is wanted of traces; null: nothing
   */
  public Session(
      List<String> command,
      boolean showErrors,
      String version,
      @Nullable List<String> languages,
      @Nullable TraceOptions trace) {
    start =
        () ->
            new FutureTask<>(
                () -> start(command, showErrors).initialize(version, languages, trace));
  }

  /** Starts the sidecar, and returns at once. */
  public void begin() {
    var _ = starting();
  }

  private synchronized FutureTask<InitializeResult> starting() {
    FutureTask<InitializeResult> task = starting;
    if (task == null) {
      task = start.get();
      starting = task;
      if (interrupted) {
        task.cancel(false);
      }
      Thread.ofPlatform().daemon().name("sidecar-start").start(task);
    }
    return task;
  }

  private synchronized Sidecar start(List<String> command, boolean showErrors) {
    if (closed) {
      throw new CancellationException();
    }
    Sidecar started = Sidecar.start(command, showErrors);
    sidecar = started;
    return started;
  }

  /**
   * What the sidecar says of itself, once it is ready.
   *
   * @throws RpcException if we were interrupted before
   */
  InitializeResult about() throws RpcException, InterruptedException {
    try {
      return starting().get();
    } catch (CancellationException e) {
      throw new RpcException(ErrorCode.CANCELLED, "interrupted", null);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SidecarException failed) {
        throw failed;
      }
      throw new SidecarException("cannot be started: " + e.getCause(), e);
    }
  }

  /**
   * The sidecar, once it is ready; a new one if the last has died. For those who have many requests
   * under way at once: what {@link #interrupt} ends is only those of the other methods.
   *
   * @throws RpcException if all is to end
   */
  public Sidecar ready() throws RpcException, InterruptedException {
    synchronized (this) {
      if (sidecar != null && sidecar.isLost() && starting().isDone() && !closed && !interrupted) {
        starting = null; // the next one is begun below
      }
    }
    InitializeResult _ = about();
    synchronized (this) {
      if (sidecar == null || closed || interrupted) {
        throw new RpcException(ErrorCode.CANCELLED, "interrupted", null);
      }
      return sidecar;
    }
  }

  /** Sends a request, waits for its reply and meanwhile tells what happens. */
  <T> T await(String method, Object params, Class<T> type, Sidecar.Listener listener)
      throws RpcException, InterruptedException {
    InitializeResult _ = about();
    Sidecar ready;
    Sidecar.Call call;
    synchronized (this) {
      ready = sidecar;
      if (ready == null || interrupted) {
        throw new RpcException(ErrorCode.CANCELLED, "interrupted", null);
      }
      ready.tell(listener);
      call = ready.request(method, params);
      current = call;
    }
    return ready.await(call, type);
  }

  /** Sends a request that tidies up: it goes out after an interruption, too. */
  <T> T awaitLast(String method, Object params, Class<T> type)
      throws RpcException, InterruptedException {
    Sidecar ready;
    Sidecar.Call call;
    synchronized (this) {
      ready = sidecar;
      if (ready == null || closed) {
        throw new RpcException(ErrorCode.CANCELLED, "interrupted", null);
      }
      current = null;
      call = ready.request(method, params);
    }
    return ready.await(call, type);
  }

  /** Whether the user wants all to end. */
  synchronized boolean isInterrupted() {
    return interrupted;
  }

  /**
   * As {@link #await(String, Object, Class, Sidecar.Listener)}, for requests that have nothing to
   * tell.
   */
  <T> T await(String method, Object params, Class<T> type)
      throws RpcException, InterruptedException {
    return await(method, params, type, Sidecar.Listener.NONE);
  }

  /** Cancels what is being waited for; every later wait ends as cancelled too. */
  public synchronized void interrupt() {
    interrupted = true;
    if (starting != null) {
      starting.cancel(false);
    }
    if (sidecar != null && current != null) {
      sidecar.cancel(current.id());
    }
  }

  /** Ends the sidecar, ready or not. */
  @Override
  public void close() {
    Sidecar ending;
    synchronized (this) {
      closed = true;
      ending = sidecar;
    }
    if (ending != null) {
      ending.close();
    }
  }
}
