package dev.capsule.repl.mcp;

/** Takes what we send to a client. Any thread may; a client that has gone is no error here. */
interface Wire {
  /** No error. */
  int NONE = 0;

  /** Takes a notification. */
  void tell(byte[] message);

  /**
   * Takes the one answer to a request.
   *
   * @param error the code of the error that it is, or {@link #NONE}
   */
  void answer(byte[] message, int error);

  /** A request will have no answer: it was cancelled. */
  void leaveUnanswered();
}
