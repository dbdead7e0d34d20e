package dev.capsule.sidecar;

import dev.capsule.sidecar.rpc.Sidecar;

/** Starts the sidecar on standard input and output. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(Sidecar.run(args));
  }
}
