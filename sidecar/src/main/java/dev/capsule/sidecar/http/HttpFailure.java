package dev.capsule.sidecar.http;

/** A request that cannot be carried out, or not to its end. The message is for users. */
public final class HttpFailure extends Exception {
  private static final long serialVersionUID = 1;

  /** What kind of failure it is. */
  public enum Kind {
    /** It is not granted. */
    DENIED,
    /** It is no request, or none that belongs here. */
    INVALID,
    /** It is too much. */
    OVERLOADED,
    /** The other side cannot be reached, or does not speak HTTP to the end. */
    CONNECTION,
    /** The other side took too long. */
    TIMEOUT,
    /** Whoever asked for it does not want it any more. */
    CANCELLED
  }

  private final Kind kind;

  HttpFailure(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  static HttpFailure invalid(String message) {
    return new HttpFailure(Kind.INVALID, message);
  }

  static HttpFailure overloaded(String message) {
    return new HttpFailure(Kind.OVERLOADED, message);
  }

  /** What kind of failure it is. */
  public Kind kind() {
    return kind;
  }

  /** For people. */
  public String text() {
    return String.valueOf(getMessage());
  }
}
