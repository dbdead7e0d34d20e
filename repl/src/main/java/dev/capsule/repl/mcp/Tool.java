package dev.capsule.repl.mcp;

import com.google.gson.JsonObject;
import dev.capsule.protocol.RawJson;
import dev.capsule.repl.client.RpcException;

/** Something that a model may call. */
interface Tool {
  String name();

  /** What {@code tools/list} says of it. */
  JsonObject describe(Exchange exchange) throws RpcException, InterruptedException;

  /**
   * Calls it.
   *
   * @param arguments a JSON object
   */
  ToolResult call(RawJson arguments, Exchange exchange) throws RpcException, InterruptedException;
}
