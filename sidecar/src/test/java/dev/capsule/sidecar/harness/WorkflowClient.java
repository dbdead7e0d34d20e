package dev.capsule.sidecar.harness;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.file.Path;
import java.util.List;

/** What a client says about workflows. */
public final class WorkflowClient {
  private final SidecarProcess sidecar;
  private final Path root;

  /**
   * @param root the folder that decides which journal it is
   */
  public WorkflowClient(SidecarProcess sidecar, Path root) {
    this.sidecar = sidecar;
    this.root = root;
  }

  /** What opens a workflow, to be completed. */
  public JsonObject params(String id) {
    JsonObject params = new JsonObject();
    params.addProperty("root", root.toString());
    params.addProperty("id", id);
    return params;
  }

  /** Opens a workflow, and returns all of the answer. */
  public JsonObject opened(JsonObject params) {
    return sidecar.request("openWorkflow", params).reply().result().getAsJsonObject();
  }

  /** Opens a workflow. */
  public Open open(String id) {
    return open(params(id));
  }

  /** Opens a workflow. */
  public Open open(String id, String onChange) {
    JsonObject params = params(id);
    params.addProperty("onChange", onChange);
    return open(params);
  }

  /** Opens a workflow. */
  public Open open(JsonObject params) {
    return new Open(opened(params).get("workflow").getAsString());
  }

  /** Sends a request about the journal. */
  public Reply ask(String method, JsonObject params) {
    return sidecar.request(method, params).reply();
  }

  /** The workflow as the list has it. */
  public JsonObject listed(String id) {
    for (JsonElement each :
        ask("listWorkflows", params("")).result().getAsJsonObject().getAsJsonArray("workflows")) {
      if (each.getAsJsonObject().get("id").getAsString().equals(id)) {
        return each.getAsJsonObject();
      }
    }
    throw new AssertionError("no workflow " + id);
  }

  /** Its steps, in the order in which they began. */
  public List<JsonObject> steps(String id) {
    return ask("describeWorkflow", params(id))
        .result()
        .getAsJsonObject()
        .getAsJsonArray("steps")
        .asList()
        .stream()
        .map(JsonElement::getAsJsonObject)
        .toList();
  }

  /** An open workflow. */
  public final class Open {
    private final String handle;

    Open(String handle) {
      this.handle = handle;
    }

    /** What requests name it by. */
    public String handle() {
      return handle;
    }

    /** Starts a task as a step. */
    public Pending start(Program program, String task, Object... args) {
      JsonObject params = program.task(task).args(args).params();
      params.addProperty("workflow", handle);
      return sidecar.request("runTask", params);
    }

    /** Runs a task as a step. */
    public EnvelopeView run(Program program, String task, Object... args) {
      return start(program, task, args).envelope();
    }

    /** Runs a task that is the workflow. */
    public Pending main(Program program, String task, Object... args) {
      JsonObject params = program.task(task).args(args).params();
      params.addProperty("workflow", handle);
      params.addProperty("main", true);
      return sidecar.request("runTask", params);
    }

    /** Begins a step of the client's own. */
    public JsonObject begin(String name, JsonElement args) {
      return request("beginStep", name, args).result().getAsJsonObject();
    }

    /** Ends a step of the client's own. */
    public Reply end(String step, JsonElement result) {
      JsonObject params = params();
      params.addProperty("step", step);
      params.addProperty("success", true);
      params.add("result", result);
      return sidecar.request("endStep", params).reply();
    }

    /** Records a value; returns the one that counts. */
    public JsonElement record(String name, JsonElement value) {
      JsonObject params = params();
      params.addProperty("name", name);
      params.add("result", value);
      return sidecar.request("recordStep", params).reply().result().getAsJsonObject().get("result");
    }

    private Reply request(String method, String name, JsonElement args) {
      JsonObject params = params();
      params.addProperty("name", name);
      params.add("args", args);
      return sidecar.request(method, params).reply();
    }

    private JsonObject params() {
      JsonObject params = new JsonObject();
      params.addProperty("workflow", handle);
      return params;
    }

    /** Ends it with a result. */
    public void finish(JsonElement result) {
      JsonObject params = params();
      params.addProperty("outcome", "finished");
      params.add("result", result);
      close(params);
    }

    /** Ends it with an error. */
    public void fail(List<String> failedSteps) {
      JsonObject params = params();
      params.addProperty("outcome", "failed");
      JsonObject error = new JsonObject();
      error.addProperty("type", "task_error");
      error.addProperty("message", "it failed");
      error.add("class", new JsonPrimitive("ValueError"));
      error.add("traceback", JsonNull.INSTANCE);
      params.add("error", error);
      params.add("failedSteps", Json.array(failedSteps.toArray(new String[0])));
      close(params);
    }

    /** Leaves it to another run. */
    public void release() {
      JsonObject params = params();
      params.addProperty("outcome", "released");
      close(params);
    }

    private void close(JsonObject params) {
      JsonElement _ = sidecar.request("closeWorkflow", params).reply().result();
    }
  }
}
