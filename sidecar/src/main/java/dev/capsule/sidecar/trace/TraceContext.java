package dev.capsule.sidecar.trace;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The place in a trace, as it goes from process to process by <a
 * href="https://www.w3.org/TR/trace-context/">W3C Trace Context</a>.
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 hexadecimal digits
 * @param sampled whether whoever began the trace keeps it
 * @param state the header {@code tracestate}; null: there is none
 */
public record TraceContext(String traceId, String spanId, boolean sampled, @Nullable String state) {
  private static final int MAX_STATE = 512;
  private static final int LENGTH = 55;
  private static final Pattern VERSION_AND_IDS =
      Pattern.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");
  private static final Pattern STATE = Pattern.compile("[\\x20-\\x7e]*");

  /**
   * Understands the headers; null if there are none, or {@code traceparent} is not valid, which
   * counts as none.
   */
  public static @Nullable TraceContext parse(@Nullable String parent, @Nullable String state) {
    if (parent == null || parent.length() < LENGTH) {
      return null;
    }
    var match = VERSION_AND_IDS.matcher(parent.substring(0, LENGTH));
    if (!match.matches()) {
      return null;
    }
    String version = match.group(1);
    boolean more = parent.length() > LENGTH;
    if (version.equals("ff") || (more && (version.equals("00") || parent.charAt(LENGTH) != '-'))) {
      return null; // a later version may say more, after a dash
    }
    String traceId = match.group(2);
    String spanId = match.group(3);
    if (isZero(traceId) || isZero(spanId)) {
      return null;
    }
    boolean sampled = (Integer.parseInt(match.group(4), 16) & 1) != 0;
    return new TraceContext(traceId, spanId, sampled, valid(state));
  }

  private static boolean isZero(String id) {
    return id.chars().allMatch(c -> c == '0');
  }

  /** One that is too long, or could not be a header, is left out, as the specification allows. */
  private static @Nullable String valid(@Nullable String state) {
    return state == null
            || state.isBlank()
            || state.length() > MAX_STATE
            || !STATE.matcher(state).matches()
        ? null
        : state;
  }

  /** The header {@code traceparent}. */
  public String parent() {
    return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
  }

  /** The same trace, at another span. */
  TraceContext at(String otherSpan) {
    return new TraceContext(traceId, otherSpan, sampled, state);
  }
}
