package dev.capsule.sidecar.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.capsule.protocol.RawJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Clients find the keys of steps by the same rules: the vectors are theirs, too. */
class StepIdentityTest {
  private static JsonObject vectors() throws IOException {
    Path checkout = Path.of(System.getProperty("capsule.checkout", ".."));
    return JsonParser.parseString(
            Files.readString(checkout.resolve("protocol/vectors/keys/steps.json")))
        .getAsJsonObject();
  }

  private static String text(JsonElement vector, String field) {
    return vector.getAsJsonObject().get(field).getAsString();
  }

  private static int occurrence(JsonElement vector) {
    return vector.getAsJsonObject().get("occurrence").getAsInt();
  }

  @Test
  void keysOfTasks() throws IOException {
    for (JsonElement each : vectors().getAsJsonArray("tasks")) {
      StepIdentity step =
          StepIdentity.ofTask(
              text(each, "module"),
              text(each, "name"),
              RawJson.parse(text(each, "args")),
              RawJson.parse(text(each, "kwargs")));
      assertThat(step.key(null, occurrence(each))).as("%s", each).isEqualTo(text(each, "key"));
    }
  }

  @Test
  void keysOfTheClientsOwnSteps() throws IOException {
    for (JsonElement each : vectors().getAsJsonArray("others")) {
      StepIdentity step =
          StepIdentity.of(
              text(each, "kind"), text(each, "name"), RawJson.parse(text(each, "args")));
      assertThat(step.key(null, occurrence(each))).as("%s", each).isEqualTo(text(each, "key"));
    }
  }
}
