package dev.capsule.repl.shell;

import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.InvalidParamData;
import dev.capsule.protocol.SourceErrorData;
import dev.capsule.repl.client.RpcException;

/** What the sidecar refused, in a line or two. */
final class Refusal {
  private Refusal() {}

  static String text(RpcException refusal) {
    String message = String.valueOf(refusal.getMessage());
    if (refusal.code() == ErrorCode.INVALID_PARAMS) {
      InvalidParamData data = refusal.data(InvalidParamData.class);
      return data == null
          ? message
          : data.field().replaceFirst("^options\\.", "")
              + (data.value() == null ? "" : " " + data.value().text())
              + ": "
              + data.allowed();
    }
    if (refusal.code() == ErrorCode.SOURCE_ERROR) {
      SourceErrorData data = refusal.data(SourceErrorData.class);
      String traceback = data == null ? null : data.traceback();
      return traceback == null ? message : traceback.strip() + "\n" + message;
    }
    return message;
  }
}
