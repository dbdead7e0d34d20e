package dev.capsule.protocol;

/**
 * The codes of JSON-RPC errors: JSON-RPC's own, the Language Server Protocol's, and ours (-320xx).
 */
public final class ErrorCode {
  public static final int PARSE_ERROR = -32700;
  public static final int INVALID_REQUEST = -32600;
  public static final int METHOD_NOT_FOUND = -32601;
  public static final int INVALID_PARAMS = -32602;
  public static final int INTERNAL_ERROR = -32603;
  public static final int NOT_INITIALIZED = -32002;
  public static final int CANCELLED = -32800;
  public static final int SOURCE_ERROR = -32010;
  public static final int UNKNOWN_PROGRAM = -32011;
  public static final int OVERLOADED = -32012;
  public static final int JOURNAL_ERROR = -32013;
  public static final int REPLAY_MISMATCH = -32014;
  public static final int UNKNOWN_SESSION = -32015;
  public static final int NOT_REPEATABLE = -32016;

  private ErrorCode() {}
}
