package dev.capsule.repl.mcp;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.capsule.protocol.RawJson;
import dev.capsule.repl.client.RpcException;

/** Tells which tasks there are, and why others are not. */
final class ListTasksTool implements Tool {
  static final String NAME = "list_tasks";

  private final Tools tools;

  ListTasksTool(Tools tools) {
    this.tools = tools;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public JsonObject describe(Exchange exchange) {
    JsonObject tool = new JsonObject();
    tool.addProperty("name", NAME);
    tool.addProperty("title", "List the project's tasks");
    tool.addProperty(
        "description",
        "Lists the tasks of the project, each of which is a tool of its own, with their"
            + " signatures and limits, and says which programs cannot be loaded and why.");
    tool.add("inputSchema", Schemas.object());
    tool.add("annotations", Schemas.readOnly());
    return tool;
  }

  @Override
  public ToolResult call(RawJson arguments, Exchange exchange)
      throws RpcException, InterruptedException {
    Project.Catalogue catalogue = tools.readProject(exchange);
    StringBuilder text = new StringBuilder();
    JsonArray tasks = new JsonArray();
    for (TaskTool tool : catalogue.tools().values()) {
      text.append(tool.line()).append('\n');
      tasks.add(tool.summary());
    }
    JsonArray problems = new JsonArray();
    for (String problem : catalogue.problems()) {
      text.append("Not loaded: ").append(problem).append('\n');
      problems.add(problem);
    }
    if (text.isEmpty()) {
      text.append(
          catalogue.empty()
              ? "There is no program: the user can name files, as in `capsule mcp main.py`, or an"
                  + " entrypoint in capsule.toml."
              : "The programs declare no tasks: tasks are functions with @task, from capsule.");
    }
    JsonObject structured = new JsonObject();
    structured.add("tasks", tasks);
    structured.add("problems", problems);
    return new ToolResult().text(text.toString().stripTrailing()).structured(structured);
  }
}
