package dev.capsule.sidecar.task;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.Envelope;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.Execution;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.Setting;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.protocol.TaskInfo;
import dev.capsule.sidecar.policy.Options;
import dev.capsule.sidecar.trace.ActiveSpan;
import dev.capsule.sidecar.trace.Attributes;
import dev.capsule.sidecar.trace.Kind;
import dev.capsule.sidecar.trace.Names;
import dev.capsule.sidecar.trace.Status;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The span of a run, and what those of its attempts need to know. Where nobody is told of it,
 * nothing is found out for it either. The values of environment variables are blotted out of all
 * text.
 */
final class RunSpans {
  private static final String DEFAULT = "default";
  private static final int MAX_NAME = 80;

  private final ActiveSpan span;
  private final RunContext context;
  private final Object lock = new Object();
  private @Nullable Redaction redaction;
  private int outputLeft = AttemptSpans.MAX_OUTPUT_CHARS;

  private RunSpans(ActiveSpan span, RunContext context) {
    this.span = span;
    this.context = context;
  }

  /**
   * Begins the span of a run.
   *
   * @param parent what it is a part of
   * @param options what the task and its caller ask for
   */
  static RunSpans begin(
      ActiveSpan parent,
      RunContext context,
      Program program,
      RunListener.Run run,
      Options options,
      RawJson args,
      RawJson kwargs) {
    RunSpans spans = new RunSpans(parent.child(Kind.TASK, run.task()), context);
    if (spans.span.isRecorded()) {
      spans.describe(program, run, options);
      spans.tell(new RawJson("{\"args\":" + args + ",\"kwargs\":" + kwargs + "}"));
    }
    return spans;
  }

  /** Begins the span of a cell. */
  static RunSpans ofCell(
      ActiveSpan parent,
      RunContext context,
      Program program,
      RunListener.Run run,
      Options options,
      String code) {
    RunSpans spans = new RunSpans(parent.child(Kind.CELL, run.task()), context);
    if (spans.span.isRecorded()) {
      spans.describe(program, run, options);
      if (spans.span.isVerbose()) {
        spans.tell(new RawJson(Json.gson().toJson(Map.of("code", code))));
      }
    }
    return spans;
  }

  private void tell(RawJson arguments) {
    if (span.isVerbose()) {
      span.detail(Names.ARGUMENTS, redaction().json(arguments));
    }
  }

  private void describe(Program program, RunListener.Run run, Options options) {
    span.set(Names.RUN_ID, run.id()).set(Names.LANGUAGE, program.language());
    Program.Declared declared = program.tasks().get(run.task());
    if (declared != null) {
      TaskInfo info = declared.info();
      span.set(Names.CODE_FUNCTION, info.function())
          .set(Names.CODE_FILE, info.file())
          .set(Names.CODE_LINE, info.line());
    }
    for (Setting setting : context.ceilings().settings(options)) {
      boolean said = !setting.origin().equals(DEFAULT);
      if (said || isLimit(setting.value())) {
        span.set(Names.LIMIT + setting.name(), redaction().text(shown(setting.value())));
      }
      if (said) {
        span.set(Names.ORIGIN + setting.name(), setting.origin());
      }
    }
  }

  /** Grants that are not given are not worth a word; limits hold whoever says so. */
  private static boolean isLimit(JsonElement value) {
    return value.isJsonPrimitive();
  }

  private static String shown(JsonElement value) {
    return value instanceof JsonPrimitive text && text.isString()
        ? text.getAsString()
        : value.toString();
  }

  ActiveSpan span() {
    return span;
  }

  /** The run is a step of a workflow. */
  void isStep(String id) {
    span.set(Names.STEP_ID, id);
  }

  /** Made by the first that needs it: most texts hold nothing to be blotted out. */
  Redaction redaction() {
    synchronized (lock) {
      if (redaction == null) {
        redaction = Redaction.of(context.environment().values());
      }
      return redaction;
    }
  }

  /**
   * Begins the span of an attempt.
   *
   * @param number from 0
   */
  AttemptSpans attempt(int number) {
    ActiveSpan attempt = span.child(Kind.ATTEMPT, "attempt " + (number + 1));
    attempt.set(Names.ATTEMPT, number);
    return new AttemptSpans(this, attempt);
  }

  /** Takes from what may be kept of the run's output; returns how much there was. */
  int takeOutput(int chars) {
    synchronized (lock) {
      int taken = Math.min(chars, outputLeft);
      outputLeft -= taken;
      return taken;
    }
  }

  /** The run is over. */
  void end(Envelope envelope) {
    if (!span.isRecorded()) {
      return;
    }
    Execution execution = envelope.execution();
    span.set(Names.RETRIES, execution.retries());
    if (execution.fuelConsumed() != null) {
      span.set(Names.FUEL, execution.fuelConsumed());
    }
    if (execution.ramUsed() != null) {
      span.set(Names.MEMORY, execution.ramUsed());
    }
    if (execution.limits() != null) {
      span.set(Names.LOWERED, execution.limits().lowered());
    }
    RawJson result = envelope.result();
    if (span.isVerbose() && envelope.success() && result != null) {
      span.detail(Names.RESULT, redaction().json(result));
    }
    end(span, envelope.error(), redaction());
  }

  /**
   * Ends a span.
   *
   * @param failure null: there was none
   */
  static void end(ActiveSpan span, @Nullable TaskFailure failure, Redaction redaction) {
    if (!span.isRecorded()) {
      return;
    }
    if (failure == null) {
      span.end(Status.OK);
      return;
    }
    String message = redaction.shortText(failure.message());
    span.set(Names.ERROR_TYPE, failure.type()).set(Names.ERROR_MESSAGE, message);
    if (failure.className() != null) {
      Attributes exception = new Attributes();
      exception.put(Names.EXCEPTION_TYPE, redaction.shortText(failure.className()));
      exception.put(Names.EXCEPTION_MESSAGE, message);
      if (failure.traceback() != null) {
        exception.put(Names.EXCEPTION_STACK, redaction.shortText(failure.traceback()));
      }
      span.event(Names.EXCEPTION, System.nanoTime(), exception);
    }
    span.end(
        failure.type().equals(ErrorType.CANCELLED.wireName()) ? Status.CANCELLED : Status.ERROR);
  }

  /** A name that a sandbox has sent, as the name of a span. */
  static String named(String what, String name) {
    return what + " " + Texts.shortened(name, MAX_NAME);
  }
}
