package dev.capsule.sidecar.task;

import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import dev.capsule.sidecar.policy.Mount;
import dev.capsule.sidecar.policy.TaskPolicy;
import dev.capsule.sidecar.sandbox.Start;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What every attempt of a run begins with: the code, the arguments, and what is granted.
 *
 * @param environment the variables that the task sees; their values may be secrets
 */
record Invocation(
    Program program,
    String task,
    TaskPolicy policy,
    RawJson args,
    RawJson kwargs,
    Map<String, String> environment) {

  /** One that has, of all variables there are, those that its policy names. */
  static Invocation of(
      Program program,
      String task,
      TaskPolicy policy,
      RawJson args,
      RawJson kwargs,
      RunContext context) {
    Map<String, String> granted = new LinkedHashMap<>();
    for (String name : policy.env()) {
      String value = context.environment().get(name);
      if (value != null) {
        granted.put(name, value);
      }
    }
    return new Invocation(program, task, policy, args, kwargs, granted);
  }

  /**
   * An attempt of it.
   *
   * @param tree stands for the run that a client asked for and all that it leads to
   * @param depth how many tasks, each waiting for the next, wait for it
   * @param context what it is told of itself
   */
  Start start(RunTree tree, int depth, CallContext context) {
    return new Start(
        program.language(),
        () -> request(context),
        tree,
        depth,
        policy.fuel(),
        policy.memoryBytes(),
        policy.timeout(),
        policy.maxOutputBytes(),
        policy.maxDiskBytes(),
        folders(),
        policy.mounts().stream().filter(Mount::file).map(Invocation::file).toList());
  }

  /** Made for each attempt: what stands in line by the thousand is kept small. */
  private String request(CallContext context) {
    return "{\"op\":\"call\",\"modules\":["
        + program.entryModule().json()
        + "],\"task\":"
        + Json.gson().toJson(task)
        + ",\"args\":"
        + args
        + ",\"kwargs\":"
        + kwargs
        + ",\"env\":"
        + (environment.isEmpty() ? "{}" : Json.gson().toJson(environment))
        + Program.requestField(program.packages())
        + ",\"tools\":"
        + Json.gson().toJson(policy.tools())
        + ",\"context\":"
        + Json.gson().toJson(context)
        + ",\"max_result_bytes\":"
        + policy.maxResultBytes()
        + "}";
  }

  private List<Start.Folder> folders() {
    List<Start.Folder> folders = new ArrayList<>(Program.mounts(program.packages()));
    policy.mounts().stream().filter(m -> !m.file()).map(Invocation::folder).forEach(folders::add);
    return folders;
  }

  private static Start.Folder folder(Mount mount) {
    return new Start.Folder(mount.host(), mount.guest(), mount.writable());
  }

  private static Start.SingleFile file(Mount mount) {
    return new Start.SingleFile(mount.host(), mount.guest(), mount.writable());
  }
}
