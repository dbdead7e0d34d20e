package dev.capsule.repl.mcp;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import dev.capsule.repl.client.RpcException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** All tools: ours, and the tasks of the project as it is now. */
final class Tools {
  private final Map<String, Tool> own = new LinkedHashMap<>();
  private final Project project;
  private final Runnable onChanged;
  private volatile Project.@Nullable Catalogue known;

  /**
   * @param onChanged run when a client was told of other tools before
   */
  Tools(List<Tool> tools, Programs programs, @Nullable JsonElement ceiling, Runnable onChanged) {
    tools.forEach(tool -> own.put(tool.name(), tool));
    own.put(ListTasksTool.NAME, new ListTasksTool(this));
    this.project = new Project(programs, own.keySet(), ceiling);
    this.onChanged = onChanged;
  }

  /** Reads the project. */
  Project.Catalogue readProject(Exchange exchange) throws RpcException, InterruptedException {
    Project.Catalogue before = known;
    Project.Catalogue now = project.read(exchange);
    known = now;
    if (before != null && !before.tools().equals(now.tools())) {
      onChanged.run();
    }
    return now;
  }

  JsonObject list(Exchange exchange) throws RpcException, InterruptedException {
    JsonArray tools = new JsonArray();
    for (Tool tool : own.values()) {
      tools.add(tool.describe(exchange));
    }
    known = project.read(exchange);
    for (Tool tool : Objects.requireNonNull(known).tools().values()) {
      tools.add(tool.describe(exchange));
    }
    JsonObject result = new JsonObject();
    result.add("tools", tools);
    return result;
  }

  /**
   * Calls one.
   *
   * @throws McpException if there is none of that name
   */
  JsonObject call(Map<String, RawJson> params, Exchange exchange)
      throws McpException, RpcException, InterruptedException {
    RawJson name = params.get("name");
    RawJson arguments = params.getOrDefault("arguments", RawJson.EMPTY_OBJECT);
    if (name == null || !name.text().startsWith("\"")) {
      throw new McpException(ErrorCode.INVALID_PARAMS, "params.name must be a string");
    }
    if (!arguments.isObject()) {
      throw new McpException(ErrorCode.INVALID_PARAMS, "params.arguments must be an object");
    }
    Tool tool = find(Json.gson().fromJson(name.text(), String.class), exchange);
    return tool.call(arguments, exchange).toJson();
  }

  private Tool find(String name, Exchange exchange)
      throws McpException, RpcException, InterruptedException {
    Tool tool = own.get(name);
    Project.Catalogue before = known;
    if (tool == null && before != null) {
      tool = before.tools().get(name);
    }
    if (tool == null) {
      tool = readProject(exchange).tools().get(name);
    }
    if (tool == null) {
      throw new McpException(
          ErrorCode.INVALID_PARAMS,
          "Unknown tool: "
              + Texts.cut(name, 100)
              + "; tools/list and list_tasks tell what there is");
    }
    return tool;
  }
}
