package dev.capsule.sidecar.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which known names are near an unknown one. */
class NamesTest {
  private static final List<String> KNOWN =
      List.of("analyze_data", "analyse_text", "fetch", "main");

  @Test
  void theNearestComesFirst() {
    assertThat(Names.nearest("analyze_dat", KNOWN)).startsWith("analyze_data");
    assertThat(Names.nearest("Fetch", KNOWN)).containsExactly("fetch");
    assertThat(Names.nearest("mian", List.of("main", "min"))).startsWith("main");
  }

  @Test
  void whatIsFarIsNotSuggested() {
    assertThat(Names.nearest("zzz", KNOWN)).isEmpty();
    assertThat(Names.suggest("zzz", KNOWN))
        .isEqualTo("there are: analyze_data, analyse_text, fetch, main");
    assertThat(Names.suggest("zzz", List.of())).isEqualTo("there are none");
  }

  @Test
  void hugeNamesAreNotCompared() {
    assertThat(Names.nearest("x".repeat(10_000_000), KNOWN)).isEmpty();
  }

  @Test
  void aLongListIsCutShort() {
    List<String> many = IntStream.range(0, 10_000).mapToObj(i -> "task_" + i).toList();
    assertThat(Names.suggest("zzz", many)).hasSizeLessThan(1000).endsWith(" and 9970 more");
  }
}
