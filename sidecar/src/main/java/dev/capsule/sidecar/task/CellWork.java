package dev.capsule.sidecar.task;

import com.google.gson.JsonParseException;
import dev.capsule.protocol.CellValue;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.MimePart;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.policy.TaskPolicy;
import dev.capsule.sidecar.sandbox.Attempt;
import dev.capsule.sidecar.sandbox.AttemptListener;
import dev.capsule.sidecar.sandbox.Engine;
import dev.capsule.sidecar.sandbox.KeptSandbox;
import dev.capsule.sidecar.sandbox.Start;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Code to be run as it stands.
 *
 * @param code what the guest is given of it, as it takes it
 * @param file what it is called in errors
 * @param environment the variables that it sees; their values may be secrets
 * @param place where it runs; null: in a fresh sandbox
 */
record CellWork(
    Program program,
    TaskPolicy policy,
    String code,
    String file,
    Map<String, String> environment,
    @Nullable Place place)
    implements Work {
  /**
   * A sandbox that is kept.
   *
   * @param workspace its own folder, which it sees at {@link KeptSandbox#WORKSPACE}
   */
  record Place(KeptSandbox sandbox, Path workspace) {}

  private static final Set<String> TEXT =
      Set.of("text/html", "text/markdown", "text/latex", "image/svg+xml", "application/json");
  private static final Set<String> BINARY =
      Set.of("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf");

  /** Of a value's text: what guests cut it to, and a note. */
  private static final int MAX_TEXT = 66_000;

  private static final int MAX_PARTS = 16;

  @Override
  public Attempt start(
      Engine engine, RunTree tree, int depth, CallContext context, AttemptListener listener) {
    Start start = start(() -> request(context), tree, depth, policy.fuel(), policy.timeout());
    return place == null
        ? engine.start(start, listener)
        : engine.start(start, place.sandbox(), listener);
  }

  /** Begins an attempt to answer a question, in the sandbox that is kept. */
  Attempt ask(Engine engine, String request, AttemptListener listener) {
    Start start =
        start(
            () -> request,
            new RunTree(),
            0,
            policy.fuel(),
            Duration.ofMillis(SessionQuery.TIMEOUT_MS));
    return engine.start(start, Objects.requireNonNull(place).sandbox(), listener);
  }

  private Start start(
      Supplier<String> request, RunTree tree, int depth, long fuel, Duration timeout) {
    List<Start.Folder> folders = new ArrayList<>(Invocation.folders(program, policy));
    if (place != null) {
      folders.add(new Start.Folder(place.workspace(), KeptSandbox.WORKSPACE, true, true));
    }
    return new Start(
        program.language(),
        request,
        tree,
        depth,
        fuel,
        policy.memoryBytes(),
        timeout,
        policy.maxOutputBytes(),
        policy.maxDiskBytes(),
        folders,
        Invocation.files(policy));
  }

  /** The fields of a request that say what a sandbox that is kept has for good. */
  static String surroundings(Program program, TaskPolicy policy) {
    return Program.requestField(program.packages())
        + ",\"interruptible\":true,\"folder\":\""
        + KeptSandbox.WORKSPACE
        + "\",\"tools\":"
        + Json.gson().toJson(policy.tools());
  }

  private String request(CallContext context) {
    return "{\"op\":\"cell\",\"code\":"
        + Json.gson().toJson(code)
        + ",\"file\":"
        + Json.gson().toJson(file)
        + ",\"env\":"
        + (environment.isEmpty() ? "{}" : Json.gson().toJson(environment))
        + (place == null
            ? Program.requestField(program.packages())
                + ",\"tools\":"
                + Json.gson().toJson(policy.tools())
            : surroundings(program, policy))
        + ",\"context\":"
        + Json.gson().toJson(context)
        + ",\"max_result_bytes\":"
        + policy.maxResultBytes()
        + "}";
  }

  /** The value's text, itself, and its parts. */
  @Override
  public long maxResultChars() {
    return 2 * policy.maxResultBytes() + 8L * MAX_TEXT;
  }

  @Override
  public @Nullable TaskFailure objection(RawJson result) {
    return read(result) == null && !result.isNull()
        ? TaskFailure.of(
            ErrorType.INVALID_RESULT,
            "the sandbox's reply is not what a guest sends, or is larger than max_result, "
                + policy.maxResultBytes()
                + " bytes; the code has overwritten parts of its own interpreter")
        : null;
  }

  /** The value, if it is one that a guest may send; null: it is not, or there is none. */
  @Nullable CellValue read(@Nullable RawJson result) {
    if (result == null || result.isNull()) {
      return null;
    }
    CellValue value;
    try {
      value = Json.gson().fromJson(result.text(), CellValue.class);
    } catch (JsonParseException | IllegalStateException | NullPointerException e) {
      return null;
    }
    return isValid(value) ? value : null;
  }

  @SuppressWarnings("ConstantValue") // what a guest sends need not hold to what records say
  private boolean isValid(CellValue value) {
    if (value.text() == null
        || value.text().length() > MAX_TEXT
        || value.parts().size() > MAX_PARTS) {
      return false;
    }
    RawJson json = value.json();
    if (json != null && Texts.utf8Length(json.text()) > policy.maxResultBytes()) {
      return false;
    }
    long left = policy.maxResultBytes();
    for (MimePart part : value.parts()) {
      if (part.mime() == null || part.data() == null || !fits(part)) {
        return false;
      }
      left -= part.data().length();
    }
    return left >= 0;
  }

  private static boolean fits(MimePart part) {
    if (TEXT.contains(part.mime())) {
      return true;
    }
    if (!BINARY.contains(part.mime())) {
      return false;
    }
    try {
      byte[] _ = Base64.getDecoder().decode(part.data());
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
