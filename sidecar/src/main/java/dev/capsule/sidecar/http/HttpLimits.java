package dev.capsule.sidecar.http;

/** What one attempt may ask of the network; docs/network.md tells users. */
final class HttpLimits {
  /** Requests of an attempt. */
  static final int MAX_REQUESTS = 1_000;

  /** Requests of an attempt whose answers are not yet read to their end. */
  static final int MAX_OPEN = 32;

  /** The same of a run with all that it calls, so that no program can take all the places. */
  static final int MAX_OPEN_OF_RUN = 128;

  /** The same of all together: each holds a socket and a buffer. */
  static final int MAX_OPEN_OF_ALL = 1_024;

  /** Connections of an attempt that are kept for its next request. */
  static final int MAX_IDLE = 4;

  /** How long a request stands in line for one of the open ones to end. */
  static final long PLACE_MS = 10_000;

  /** How long looking up the name, connecting and TLS may take together. */
  static final int CONNECT_MS = 10_000;

  /** Look-ups of names under way at once, of all attempts: each holds a thread. */
  static final int MAX_LOOKUPS = 64;

  static final int MAX_URL_CHARS = 16_384;
  static final int MAX_METHOD_CHARS = 32;
  static final int MAX_HEADERS = 128;
  static final int MAX_HEADERS_CHARS = 65_536;
  static final int MAX_ANSWER_LINE = 16_384;
  static final int MAX_ANSWER_HEADERS = 128;
  static final int MAX_ANSWER_HEAD_BYTES = 131_072;
  static final int MAX_INFORMATIONAL_ANSWERS = 16;
  static final long MAX_REQUEST_BYTES = 64_000_000;
  static final long MAX_ANSWER_BYTES = 256_000_000;

  /** The most of an answer's body that is handed over at once. */
  static final int PART_BYTES = 256 << 10;

  private HttpLimits() {}
}
