package dev.capsule.sidecar.task;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Blots out secrets in what is told of a task: the values of its environment, and in URLs what is
 * called like a credential.
 */
final class Redaction {
  static final Redaction NONE = of(List.of());

  private static final String BLOT = "***";

  /** Shorter ones are no secrets, and would blot out half of every text. */
  private static final int MIN_CHARS = 4;

  private static final Pattern CREDENTIAL =
      Pattern.compile(
          "([?&;][^=&;]{0,64}"
              + "(?:key|token|secret|passw(?:or)?d|pwd|sig|signature|auth|credential|session|jwt)"
              + "[^=&;]{0,64}=)[^&;]+",
          Pattern.CASE_INSENSITIVE);

  private final List<String> secrets;

  private Redaction(List<String> secrets) {
    this.secrets = secrets;
  }

  /**
   * Blots out these.
   *
   * @param values of the task's environment
   */
  static Redaction of(Collection<String> values) {
    Set<String> secrets = new LinkedHashSet<>();
    for (String value : values) {
      if (value.length() >= MIN_CHARS) {
        String form = URLEncoder.encode(value, StandardCharsets.UTF_8);
        secrets.add(value);
        secrets.add(form);
        secrets.add(form.replace("+", "%20"));
      }
    }
    // a value that holds another one goes first, or its rest would be left
    return new Redaction(
        secrets.stream().sorted(Comparator.comparingInt(String::length).reversed()).toList());
  }

  /** The text without the values. */
  String text(String text) {
    String clean = text;
    for (String secret : secrets) {
      clean = clean.replace(secret, BLOT);
    }
    return clean;
  }

  /** The URL without the values, and without what its query calls a credential. */
  String url(String url) {
    return CREDENTIAL.matcher(text(url)).replaceAll("$1***");
  }
}
