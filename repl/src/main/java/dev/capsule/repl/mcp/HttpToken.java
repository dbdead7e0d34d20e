package dev.capsule.repl.mcp;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;

/** What nobody can guess. */
final class HttpToken {
  static final int MIN_LENGTH = 32;

  private static final int BYTES = 32;
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._~+/=-]{" + MIN_LENGTH + ",512}");
  private static final SecureRandom RANDOM = new SecureRandom();

  private HttpToken() {}

  static String random() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Whether one that a user gives can be used. */
  static boolean isUsable(String token) {
    return FORM.matcher(token).matches();
  }
}
