package dev.capsule.sidecar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreNamesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        ".capsule",
        ".capsule/journal.db",
        "/srv/a/.capsule/",
        "a/./.capsule/../b",
        "a\\.capsule\\b",
        ".CAPSULE",
        ".cApSuLe/traces",
        ".cap\u200dsule",
        "\ufeff.capsule",
        ".cap\u017fule",
        ".capsule. .",
        ".capsule::$INDEX_ALLOCATION",
        "CAPSUL~1/journal.db",
        "capsul~2",
      })
  void theseAreStores(String path) {
    assertThat(StoreNames.isIn(path)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "capsule",
        "a.capsule",
        ".capsules",
        ".capsule2/x",
        "..capsule",
        ".caps",
        "x/.cache/y",
        "capsule.toml",
        "c\u00e4psule",
        ".git",
      })
  void theseAreNot(String path) {
    assertThat(StoreNames.isIn(path)).isFalse();
  }
}
