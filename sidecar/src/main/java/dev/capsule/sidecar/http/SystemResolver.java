package dev.capsule.sidecar.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the system. Its look-ups cannot be interrupted and hold the thread that they run on, so each
 * gets a platform thread of its own: a name server that never answers delays nobody else.
 */
final class SystemResolver implements Resolver {
  private final Semaphore threads = new Semaphore(HttpLimits.MAX_LOOKUPS);

  @Override
  public List<InetAddress> resolve(String name) throws IOException, InterruptedException {
    if (!threads.tryAcquire(HttpLimits.CONNECT_MS, TimeUnit.MILLISECONDS)) {
      throw new SocketTimeoutException("too many names are being looked up");
    }
    CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("look-up")
        .start(() -> {
          try {
            found.complete(List.of(InetAddress.getAllByName(name)));
          } catch (IOException | RuntimeException e) {
            found.completeExceptionally(e);
          } finally {
            threads.release();
          }
        });
    try {
      return found.get(HttpLimits.CONNECT_MS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new SocketTimeoutException("the name could not be looked up in time");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException why ? why : new IOException(e.getCause());
    }
  }
}
