package dev.capsule.sidecar.task;

import dev.capsule.protocol.RawJson;
import dev.capsule.sidecar.journal.StepIntent;
import dev.capsule.sidecar.sandbox.Hashes;
import org.jspecify.annotations.Nullable;

/**
 * What a step of a workflow is known by when the workflow is run again. Where it stands in the
 * order of steps does not count, because that may be another each time where steps run side by
 * side.
 *
 * @param kind what sort of step it is: one name may be used in each
 * @param args for people: shortened perhaps
 * @param argsHash of the whole arguments
 */
record StepIdentity(String kind, String name, String args, String argsHash) {
  /** A task's run. */
  static final String TASK = "task";

  /** What the client does itself. */
  static final String STEP = "step";

  /** A value that the client has written down. */
  static final String VALUE = "value";

  private static final int MAX_SHOWN = 2_000;

  /**
   * @param args JSON
   */
  static StepIdentity of(String kind, String name, RawJson args) {
    return new StepIdentity(kind, name, shortened(args.text()), CanonicalJson.hash(args.text()));
  }

  /**
   * @param module of the program that the task is asked for in: tasks of two programs may share a
   *     name
   */
  static StepIdentity ofTask(String module, String name, RawJson args, RawJson kwargs) {
    String given = "{\"args\":" + args + ",\"kwargs\":" + kwargs + "}";
    String hash = Hashes.of(module, CanonicalJson.hash(given));
    return new StepIdentity(TASK, name, shortened(given), hash);
  }

  /** Its key among all steps of the workflow. */
  String key(@Nullable String parent, int occurrence) {
    return Hashes.of(
        parent == null ? "" : parent, kind, name, argsHash, Integer.toString(occurrence));
  }

  StepIntent intent(String key, @Nullable String parent) {
    return new StepIntent(key, parent, kind, name, args, argsHash);
  }

  private static String shortened(String text) {
    return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN - 1) + "…";
  }
}
