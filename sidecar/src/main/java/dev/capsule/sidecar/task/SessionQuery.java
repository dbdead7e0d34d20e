package dev.capsule.sidecar.task;

import com.google.gson.JsonParseException;
import dev.capsule.protocol.CodeMatch;
import dev.capsule.protocol.CodeParams;
import dev.capsule.protocol.CompleteCodeResult;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.InspectCodeResult;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.sidecar.sandbox.Attempt;
import dev.capsule.sidecar.sandbox.AttemptListener;
import dev.capsule.sidecar.sandbox.Ending;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A question about code that is being written, which the session's sandbox answers. Nothing that it
 * asks for meanwhile is done, what it prints is dropped, and an answer that is none counts as one
 * that says nothing.
 */
final class SessionQuery implements AttemptListener {
  static final long TIMEOUT_MS = 2_000;
  private static final int MAX_REPLY = 1 << 20;
  private static final int MAX_MATCHES = 500;
  private static final int MAX_MATCH = 1_000;
  private static final int MAX_TEXT = 8_000;
  private static final Set<String> KINDS =
      Set.of("keyword", "module", "class", "function", "property", "variable", "file");

  private final CompletableFuture<@Nullable String> reply = new CompletableFuture<>();
  private final CompletableFuture<Attempt> attempt = new CompletableFuture<>();

  /** The guest's request. */
  static String request(String op, CodeParams params, String more) {
    return "{\"op\":\""
        + op
        + "\",\"code\":"
        + Json.gson().toJson(params.code())
        + ",\"cursor\":"
        + params.cursor()
        + more
        + "}";
  }

  /** Completes, always normally; with null if there is no answer. */
  CompletableFuture<@Nullable String> reply() {
    return reply;
  }

  void answerTo(Attempt started) {
    attempt.complete(started);
  }

  @Override
  public void started() {}

  @Override
  public void printed(boolean error, String text) {}

  @Override
  public @Nullable Runnable submitted(long id, String operation) {
    var _ =
        attempt.thenAccept(waiting ->
            waiting.complete(
                id,
                Answers.failed(
                    TaskFailure.of(
                        ErrorType.POLICY_DENIED, "code that is being written asks for nothing"),
                    null)));
    return null;
  }

  @Override
  public void ended(Ending ending) {
    reply.complete(
        ending instanceof Ending.Replied(String text, Ending.Usage _)
                && GuestReply.parse(text, MAX_REPLY) instanceof GuestReply.Ok(RawJson value)
            ? value.text()
            : null);
  }

  @SuppressWarnings("ConstantValue") // what a guest sends need not hold to what records say
  static CompleteCodeResult completion(@Nullable String reply, CodeParams params) {
    CompleteCodeResult none = new CompleteCodeResult(params.cursor(), List.of());
    if (reply == null) {
      return none;
    }
    try {
      CompleteCodeResult said = Json.gson().fromJson(reply, CompleteCodeResult.class);
      if (said.start() < 0 || said.start() > params.cursor()) {
        return none;
      }
      List<CodeMatch> matches =
          said.matches().stream()
              .filter(match ->
                  match.text() != null
                      && match.text().length() <= MAX_MATCH
                      && KINDS.contains(match.kind()))
              .limit(MAX_MATCHES)
              .toList();
      return new CompleteCodeResult(said.start(), matches);
    } catch (JsonParseException | IllegalStateException | NullPointerException e) {
      return none;
    }
  }

  @SuppressWarnings("ConstantValue") // as above
  static InspectCodeResult inspection(@Nullable String reply) {
    try {
      InspectCodeResult said =
          reply == null ? null : Json.gson().fromJson(reply, InspectCodeResult.class);
      String text = said == null || said.text() == null ? "" : said.text();
      return new InspectCodeResult(Texts.shortened(text, MAX_TEXT));
    } catch (JsonParseException | IllegalStateException e) {
      return new InspectCodeResult("");
    }
  }
}
