package dev.capsule.sidecar.task;

import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.policy.Mount;
import dev.capsule.sidecar.policy.TaskPolicy;
import dev.capsule.sidecar.sandbox.Attempt;
import dev.capsule.sidecar.sandbox.AttemptListener;
import dev.capsule.sidecar.sandbox.Engine;
import dev.capsule.sidecar.sandbox.Start;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
    Map<String, String> environment)
    implements Work {

  /** One that has, of all variables there are, those that its policy names. */
  static Invocation of(
      Program program,
      String task,
      TaskPolicy policy,
      RawJson args,
      RawJson kwargs,
      RunContext context) {
    return new Invocation(program, task, policy, args, kwargs, granted(policy, context));
  }

  /** Of all variables there are, those that a policy names. */
  static Map<String, String> granted(TaskPolicy policy, RunContext context) {
    Map<String, String> granted = new LinkedHashMap<>();
    for (String name : policy.env()) {
      String value = context.environment().get(name);
      if (value != null) {
        granted.put(name, value);
      }
    }
    return granted;
  }

  @Override
  public Attempt start(
      Engine engine, RunTree tree, int depth, CallContext context, AttemptListener listener) {
    return engine.start(start(tree, depth, context), listener);
  }

  @Override
  public long maxResultChars() {
    return policy.maxResultBytes();
  }

  @Override
  public @Nullable TaskFailure objection(RawJson result) {
    return Texts.utf8Length(result.text()) <= policy.maxResultBytes()
        ? null
        : TaskFailure.of(
            ErrorType.INVALID_RESULT,
            "the result is longer than max_result, " + policy.maxResultBytes() + " bytes of JSON");
  }

  private Start start(RunTree tree, int depth, CallContext context) {
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
        folders(program, policy),
        files(policy));
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

  /** The folders that it was granted, and its packages. */
  static List<Start.Folder> folders(Program program, TaskPolicy policy) {
    List<Start.Folder> folders = new ArrayList<>(Program.mounts(program.packages()));
    policy.mounts().stream().filter(m -> !m.file()).map(Invocation::folder).forEach(folders::add);
    return folders;
  }

  /** The single files that it was granted. */
  static List<Start.SingleFile> files(TaskPolicy policy) {
    return policy.mounts().stream().filter(Mount::file).map(Invocation::file).toList();
  }

  private static Start.Folder folder(Mount mount) {
    return new Start.Folder(mount.host(), mount.guest(), mount.writable());
  }

  private static Start.SingleFile file(Mount mount) {
    return new Start.SingleFile(mount.host(), mount.guest(), mount.writable());
  }
}
