package dev.capsule.sidecar.task;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Ids that nobody else has. */
final class Ids {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Ids() {}

  static String run() {
    return "r-" + random(8);
  }

  static String workflow() {
    return "w-" + random(8);
  }

  /** Cannot be guessed: whoever knows it may use the session. */
  static String session() {
    return "s-" + random(16);
  }

  /** A trace id as W3C Trace Context has it: 32 hexadecimal digits. */
  static String trace() {
    return random(16);
  }

  private static String random(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }
}
