package dev.capsule.sidecar.harness;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips tests where the JavaScript half was not built. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsJavaScript.Condition.class)
public @interface NeedsJavaScript {
  /** What was built. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return Files.isRegularFile(SidecarProcess.home().resolve("guests/javascript.wasm"))
          ? ConditionEvaluationResult.enabled("it is built")
          : ConditionEvaluationResult.disabled(
              "JavaScript is not built: it needs Node 20 or newer and ./capsule build");
    }
  }
}
