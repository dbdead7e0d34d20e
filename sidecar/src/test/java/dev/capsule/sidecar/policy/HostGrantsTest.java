package dev.capsule.sidecar.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonPrimitive;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose addresses are, and which of them a grant reaches. */
class HostGrantsTest {
  @ParameterizedTest
  @CsvSource({
    "8.8.8.8, PUBLIC",
    "172.15.0.1, PUBLIC",
    "172.32.0.1, PUBLIC",
    "100.63.0.1, PUBLIC",
    "100.128.0.1, PUBLIC",
    "192.1.0.1, PUBLIC",
    "[2606:4700::1], PUBLIC",
    "[2002:808:808::1], PUBLIC",
    "[64:ff9b::808:808], PUBLIC",
    "10.1.2.3, PRIVATE",
    "172.16.0.1, PRIVATE",
    "172.31.255.255, PRIVATE",
    "192.168.1.1, PRIVATE",
    "100.64.0.1, PRIVATE",
    "[fd12:3456::1], PRIVATE",
    "[fc00::1], PRIVATE",
    "[::ffff:10.0.0.1], PRIVATE",
    "[::10.0.0.1], PRIVATE",
    "[64:ff9b::a00:1], PRIVATE",
    "[2002:a00:1::1], PRIVATE",
    "[2001:4860::5efe:a00:1], PRIVATE",
    "127.0.0.1, LOOPBACK",
    "127.255.0.1, LOOPBACK",
    "127.1, LOOPBACK",
    "2130706433, LOOPBACK",
    "0x7f000001, LOOPBACK",
    "0177.0.0.1, LOOPBACK",
    "[::1], LOOPBACK",
    "[::ffff:127.0.0.1], LOOPBACK",
    "[::ffff:0:127.0.0.1], LOOPBACK",
    "[::127.0.0.1], LOOPBACK",
    "[64:ff9b::7f00:1], LOOPBACK",
    "[2002:7f00:1::1], LOOPBACK",
    "0.0.0.0, SPECIAL",
    "0.1.2.3, SPECIAL",
    "169.254.169.254, SPECIAL",
    "169.254.1.1, SPECIAL",
    "100.100.100.200, SPECIAL",
    "168.63.129.16, SPECIAL",
    "192.0.0.192, SPECIAL",
    "198.18.0.1, SPECIAL",
    "224.0.0.1, SPECIAL",
    "255.255.255.255, SPECIAL",
    "[::], SPECIAL",
    "[fe80::1], SPECIAL",
    "[fec0::1], SPECIAL",
    "[ff02::1], SPECIAL",
    "[fd00:ec2::254], SPECIAL",
    "[fd20:ce::254], SPECIAL",
    "[::ffff:169.254.169.254], SPECIAL",
    "[64:ff9b::a9fe:a9fe], SPECIAL",
    "[2002:a9fe:a9fe::1], SPECIAL",
    "[64:ff9b:1::a00:1], SPECIAL",
    "[2001:0:a00:1::1], SPECIAL",
    "[2001:db8::1], SPECIAL",
    "[100::1], SPECIAL",
  })
  void everyAddressIsSomebodys(String address, AddressKind kind) {
    assertThat(AddressKind.of(address(address))).isEqualTo(kind);
  }

  private static InetAddress address(String text) {
    return Objects.requireNonNull(Host.parse(text).address());
  }

  @ParameterizedTest
  @CsvSource({
    "api.example.com, api.example.com, 8.8.8.8, true",
    "*.example.com, api.example.com, 8.8.8.8, true",
    "*, api.example.com, 8.8.8.8, true",
    "other.test, api.example.com, 8.8.8.8, false",
    "db.internal, db.internal, 10.0.0.5, true",
    "*.internal, db.internal, 10.0.0.5, false",
    "*, db.internal, 10.0.0.5, false",
    "*, 10.0.0.5, 10.0.0.5, false",
    "10.0.0.5, 10.0.0.5, 10.0.0.5, true",
    "localhost, localhost, 127.0.0.1, true",
    "a.localhost, a.localhost, 127.0.0.1, true",
    "*.localhost, a.localhost, 127.0.0.1, false",
    "*, localhost, 127.0.0.1, false",
    "*, 127.0.0.1, 127.0.0.1, false",
    "127.0.0.1, 127.1, 127.0.0.1, true",
    "api.example.com, api.example.com, 127.0.0.1, false",
    "api.example.com, api.example.com, 169.254.169.254, false",
    "metadata.google.internal, metadata.google.internal, 169.254.169.254, false",
    "169.254.169.254, 169.254.169.254, 169.254.169.254, true",
    "localhost, localhost, 169.254.169.254, false",
    "api.example.com, api.example.com, 0.0.0.0, false",
  })
  void grantsReachOnlyWhatTheyName(String grant, String host, String address, boolean allowed)
      throws OptionException {
    List<HostPattern> patterns = new ArrayList<>();
    patterns.add(HostPattern.parse("allowed_hosts[0]", new JsonPrimitive(grant)));
    patterns.add(HostPattern.parse("allowed_hosts[1]", new JsonPrimitive("unrelated.test")));
    assertThat(new HostGrants(patterns).allows("http", Host.parse(host), 80, address(address)))
        .isEqualTo(allowed);
  }
}
