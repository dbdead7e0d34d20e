package dev.capsule.sidecar;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The arrows between packages. A room that is not named here may be used by nobody, and one that a
 * rule does not name may not be used by it.
 */
class ArchitectureTest {
  private static final String SIDECAR = "dev.capsule.sidecar.";
  private static final JavaClasses CAPSULE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.capsule");

  /** What everything may use. */
  private static final String[] COMMON = {
    "java..", "org.jspecify.annotations..", "dev.capsule.protocol.."
  };

  private static void mayUse(String room, String... others) {
    List<String> allowed = new ArrayList<>(List.of(COMMON));
    allowed.add(room);
    allowed.addAll(Arrays.asList(others));
    classes()
        .that()
        .resideInAPackage(room)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(allowed.toArray(new String[0]))
        .check(CAPSULE);
  }

  private static String room(String name) {
    return SIDECAR + name + "..";
  }

  @Test
  void rpcUsesTasksAndPutsTheSandboxTogether() {
    mayUse(
        room("rpc"),
        room("task"),
        room("packages"),
        room("bundle"),
        room("journal"),
        room("sandbox"),
        room("trace"),
        "com.google.gson..");
  }

  @Test
  void taskUsesPackagesBundlesPolicyHttpAndSandbox() {
    mayUse(
        room("task"),
        room("packages"),
        room("bundle"),
        room("policy"),
        room("journal"),
        room("http"),
        room("trace"),
        room("sandbox"),
        "com.google.gson..");
  }

  @Test
  void journalUsesDatabasesAndNothingOfTheSidecar() {
    mayUse(room("journal"), "com.google.gson..", "org.sqlite..");
  }

  @Test
  void packagesUsePolicyAndSandbox() {
    mayUse(room("packages"), room("policy"), room("sandbox"), "com.google.gson..", "org.tomlj..");
  }

  @Test
  void bundleUsesTheSandboxsFoldersAlone() {
    mayUse(room("bundle"), room("sandbox"), "com.google.gson..");
  }

  @Test
  void httpUsesPolicyAndNoJson() {
    mayUse(room("http"), room("policy"), "javax.net.ssl..", "org.apache.hc.core5..");
  }

  @Test
  void traceUsesNothingOfTheSidecar() {
    mayUse(room("trace"), "com.google.gson..", "io.opentelemetry..");
  }

  @Test
  void policyUsesNothingOfTheSidecar() {
    mayUse(room("policy"), "com.google.gson..", "org.tomlj..");
  }

  @Test
  void sandboxUsesWasmtimeAndNothingOfTheSidecar() {
    mayUse(room("sandbox"), "dev.capsule.wasmtime..");
  }

  @Test
  void wasmtimeCouldBePublishedAlone() {
    classes()
        .that()
        .resideInAPackage("dev.capsule.wasmtime..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "org.jspecify.annotations..", "dev.capsule.wasmtime..")
        .check(CAPSULE);
  }

  @Test
  void protocolKnowsNoOtherModule() {
    mayUse("dev.capsule.protocol..", "com.google.gson..");
  }

  @Test
  void nothingGoesInCircles() {
    slices().matching("dev.capsule.(**)").should().beFreeOfCycles().check(CAPSULE);
  }

  /** Rules about nothing would always hold. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "dev.capsule.protocol",
        "dev.capsule.wasmtime",
        "dev.capsule.sidecar.rpc",
        "dev.capsule.sidecar.task",
        "dev.capsule.sidecar.packages",
        "dev.capsule.sidecar.bundle",
        "dev.capsule.sidecar.policy",
        "dev.capsule.sidecar.http",
        "dev.capsule.sidecar.journal",
        "dev.capsule.sidecar.trace",
        "dev.capsule.sidecar.sandbox"
      })
  void theRoomsAreThere(String room) {
    assertThat(CAPSULE.containPackage(room)).isTrue();
  }

  @Test
  void thereIsNoRoomWithoutARule() {
    assertThat(CAPSULE.stream().map(type -> type.getPackageName()).distinct())
        .allSatisfy(name ->
            assertThat(name)
                .matches(
                    "dev\\.capsule\\.(protocol|wasmtime|sidecar(\\.(rpc|task|packages|bundle|policy|http|journal|trace|sandbox))?)"));
  }
}
