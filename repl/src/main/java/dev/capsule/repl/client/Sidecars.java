package dev.capsule.repl.client;

/** Where a sidecar comes from. */
@FunctionalInterface
public interface Sidecars {
  /**
   * The sidecar, once it is ready; another one if the last has died.
   *
   * @throws RpcException if the process is ending
   */
  Sidecar ready() throws RpcException, InterruptedException;
}
