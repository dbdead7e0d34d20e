package dev.capsule.sidecar.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresAddressTest {
  private static PostgresAddress parse(String url) {
    return PostgresAddress.parse(url, Map.of("PGPASSWORD", "from outside", "PGUSER", "someone"));
  }

  @Test
  void credentialsAreNoPartOfThePlace() {
    PostgresAddress address = parse("postgresql://ann:p%40ss%2Fw@db.example:5433/runs");
    assertThat(address.url()).isEqualTo("jdbc:postgresql://db.example:5433/runs");
    assertThat(address.place()).isEqualTo("postgresql://db.example:5433/runs");
    assertThat(address).hasToString(address.place());
    assertThat(address.properties())
        .containsEntry("user", "ann")
        .containsEntry("password", "p@ss/w");
  }

  @Test
  void whatIsNotSaidComesFromTheEnvironment() {
    assertThat(parse("jdbc:postgresql://a,b:5433/runs?sslmode=verify-full").properties())
        .containsEntry("user", "someone")
        .containsEntry("password", "from outside")
        .containsEntry("sslmode", "verify-full");
    assertThat(parse("postgres://ann@[::1]:5432").url())
        .isEqualTo("jdbc:postgresql://[::1]:5432/ann");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "runs",
        "mysql://secret@h/d",
        "postgresql:///secret",
        "postgresql://secret@/d",
        "postgresql://u:secret@h/d/e",
        "postgresql://u:secret%zz@h/d",
        "postgresql://u:secret@h/d?socketFactory=x",
        "postgresql://u:secret@h/d?sslfactory=x",
        "postgresql://u:secret@h/d?authenticationPluginClassName=x",
        "postgresql://u:secret@h;x/d"
      })
  void whatIsNoAddressIsRefusedWithoutSayingIt(String url) {
    assertThat(JournalContract.failure(() -> parse(url)))
        .hasMessageContaining("CAPSULE_JOURNAL_URL")
        .hasMessageNotContaining("secret");
  }
}
