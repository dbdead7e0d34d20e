package dev.capsule.repl.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.repl.client.RpcException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HttpClientsTest {
  private static final long MINUTE = 60_000_000_000L;

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - MINUTE);
  private final HttpClients clients = new HttpClients(HttpClientsTest::conversation, now::get);

  private static Conversation conversation() {
    var grants = new Grants("/", "", new JsonObject(), null, Map.of(), List.of());
    return new Conversation(
        new Backend(() -> {
          throw new RpcException(ErrorCode.CANCELLED, "there is no sidecar here", null);
        }),
        new Features(grants, () -> new Programs.Found(List.of(), List.of()), true, () -> {}),
        new Greeting("0", false));
  }

  private String open() {
    now.addAndGet(1);
    return Objects.requireNonNull(clients.open());
  }

  @Test
  void eachHasAnIdOfItsOwn() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < HttpClients.MOST; i++) {
      ids.add(open());
    }
    assertThat(new HashSet<>(ids)).hasSize(HttpClients.MOST);
    assertThat(ids).allMatch(id -> id.length() == 43);
    assertThat(ids.stream().map(clients::find)).doesNotContainNull().doesNotHaveDuplicates();
    assertThat(clients.find("other")).isNull();
  }

  @Test
  void theIdlestMakesRoomEvenWhereTheClockTurnsOver() {
    String first = open();
    String second = open();
    for (int i = 2; i < HttpClients.MOST; i++) {
      open();
    }
    now.addAndGet(2 * MINUTE);
    assertThat(clients.find(first)).isNotNull();
    open();
    assertThat(clients.find(first)).isNotNull();
    assertThat(clients.find(second)).isNull();
  }

  @Test
  void oneThatIsIdleForTooLongIsForgotten() {
    String used = open();
    String idle = open();
    now.addAndGet(HttpClients.IDLE.toNanos() - MINUTE);
    assertThat(clients.find(used)).isNotNull();
    clients.endIdle();
    now.addAndGet(MINUTE);
    clients.endIdle();
    assertThat(clients.find(idle)).isNull();
    assertThat(clients.find(used)).isNotNull();
  }

  @Test
  void anEndIsForGood() {
    String id = open();
    assertThat(clients.end(id)).isTrue();
    assertThat(clients.end(id)).isFalse();
    String last = open();
    clients.close();
    assertThat(clients.find(last)).isNull();
    assertThat(clients.open()).isNull();
  }
}
