package dev.capsule.repl.mcp;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What names a resource: {@code capsule:///PATH} or {@code capsule://AREA/PATH}.
 *
 * @param area empty: the files that the user shares
 * @param path decoded, from its slash on
 */
record CapsuleUri(String area, String path) {
  static final String SCHEME = "capsule";

  private static final String PLAIN = "-._~!$&'()*+,;=:@/";

  /** Null if it is none of ours. */
  static @Nullable CapsuleUri parse(String text) {
    try {
      URI parsed = new URI(text);
      String path = parsed.getPath();
      if (!SCHEME.equals(parsed.getScheme())
          || path == null
          || parsed.getRawQuery() != null
          || parsed.getRawFragment() != null) {
        return null;
      }
      String area = parsed.getRawAuthority();
      return new CapsuleUri(area == null ? "" : area, path);
    } catch (URISyntaxException e) {
      return null;
    }
  }

  /** Byte for byte: {@link URI} would write a decomposed letter as another file's name. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(SCHEME).append("://").append(area);
    for (byte each : path.getBytes(StandardCharsets.UTF_8)) {
      char letter = (char) (each & 0xff);
      boolean alphanumeric =
          (letter >= 'a' && letter <= 'z')
              || (letter >= 'A' && letter <= 'Z')
              || (letter >= '0' && letter <= '9');
      if (alphanumeric || PLAIN.indexOf(letter) >= 0) {
        text.append(letter);
      } else {
        text.append('%')
            .append(Character.toUpperCase(Character.forDigit(letter >> 4, 16)))
            .append(Character.toUpperCase(Character.forDigit(letter & 15, 16)));
      }
    }
    return text.toString();
  }
}
