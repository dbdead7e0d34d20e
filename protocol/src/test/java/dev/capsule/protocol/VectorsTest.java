package dev.capsule.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reads and writes the test vectors, which the other languages read and write as well. */
class VectorsTest {
  private static final Path VECTORS =
      Path.of(System.getProperty("capsule.checkout", ".."), "protocol", "vectors");

  private static JsonObject vectors(String name) {
    try {
      return JsonParser.parseString(Files.readString(VECTORS.resolve(name + ".json")))
          .getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every record that goes over the wire. */
  static Stream<Class<?>> records() throws IOException {
    Path classes =
        Path.of(Envelope.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    Path folder = classes.resolve(Envelope.class.getPackageName().replace('.', '/'));
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(file -> file.endsWith(".class") && !file.contains("$"))
              .map(file -> file.substring(0, file.length() - ".class".length()))
              .filter(name -> !name.equals("package-info"))
              .sorted()
              .toList();
      return names.stream()
          .<Class<?>>map(VectorsTest::load)
          .filter(type -> type.isRecord() && type != RawJson.class);
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(Envelope.class.getPackageName() + "." + name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String write(JsonElement json, Class<?> type) {
    return Json.gson().toJson(Json.gson().fromJson(json.toString(), type));
  }

  @ParameterizedTest
  @MethodSource("records")
  void canonicalDocumentsAreReadAndWrittenIdentically(Class<?> type) {
    List<JsonElement> documents =
        vectors(type.getSimpleName()).getAsJsonArray("canonical").asList();
    assertThat(documents).isNotEmpty();
    for (JsonElement document : documents) {
      assertThat(write(document, type)).isEqualTo(document.toString());
    }
  }

  @ParameterizedTest
  @MethodSource("records")
  void acceptedDocumentsAreWrittenInTheirCanonicalForm(Class<?> type) {
    for (JsonElement pair : vectors(type.getSimpleName()).getAsJsonArray("accepted")) {
      JsonObject both = pair.getAsJsonObject();
      assertThat(write(both.get("json"), type)).isEqualTo(both.get("canonical").toString());
    }
  }

  @ParameterizedTest
  @MethodSource("records")
  void invalidDocumentsAreRefused(Class<?> type) {
    List<JsonElement> documents = vectors(type.getSimpleName()).getAsJsonArray("invalid").asList();
    assertThat(documents).isNotEmpty();
    for (JsonElement document : documents) {
      JsonObject invalid = document.getAsJsonObject();
      assertThatExceptionOfType(JsonParseException.class)
          .as(invalid.get("why").getAsString())
          .isThrownBy(() -> write(invalid.get("json"), type));
    }
  }

  @Test
  void everyFileIsOfSomethingThatThereIs() throws IOException {
    try (Stream<Path> files = Files.list(VECTORS)) {
      assertThat(
              files
                  .map(file -> file.getFileName().toString())
                  .filter(file -> file.endsWith(".json")))
          .containsExactlyInAnyOrderElementsOf(
              Stream.concat(
                      records().map(Class::getSimpleName), Stream.of("ErrorType", "ErrorCode"))
                  .map(name -> name + ".json")
                  .toList());
    }
  }

  @Test
  void theTypesOfErrors() {
    List<String> values =
        vectors("ErrorType").getAsJsonArray("values").asList().stream()
            .map(JsonElement::getAsString)
            .toList();
    assertThat(Arrays.stream(ErrorType.values()).map(ErrorType::wireName))
        .containsExactlyElementsOf(values);
    for (String value : values) {
      assertThat(ErrorType.of(value)).isNotNull().extracting(ErrorType::wireName).isEqualTo(value);
    }
    assertThat(ErrorType.of("TIMEOUT")).isNull();
  }

  @Test
  void theCodesOfErrors() throws IllegalAccessException {
    Map<String, Integer> codes = new TreeMap<>();
    for (var field : ErrorCode.class.getFields()) {
      if (Modifier.isStatic(field.getModifiers())) {
        codes.put(field.getName(), field.getInt(null));
      }
    }
    Map<String, Integer> values = new TreeMap<>();
    vectors("ErrorCode")
        .getAsJsonObject("values")
        .asMap()
        .forEach((name, code) -> values.put(name, code.getAsInt()));
    assertThat(codes).isEqualTo(values);
  }
}
