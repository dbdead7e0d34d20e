package dev.capsule.sidecar.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequirementTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "requests | requests",
        "Foo.Bar__baz | foo-bar-baz",
        "requests >= 2.8.1, == 2.8.* ; python_version < '3.99' | requests",
        "httpx[http2, socks]~=0.28 | httpx",
        "six (>=1) | six",
        "a==1.0+local.1 | a",
        "x!=1.0,<2 | x",
      })
  void whatPep508Allows(String text, String name) throws PackageException {
    assertThat(Requirement.parse(text)).isEqualTo(new Requirement(name, text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-r other.txt",
        "--index-url=http://evil.example",
        "-e .",
        "--trusted-host x",
        "-c a",
      })
  void noOptionsOfTheInstaller(String text) {
    refused(text, "is an option of pip");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x @ https://evil.example/x.whl",
        "https://evil.example/x.tar.gz",
        "git+https://evil.example/x",
        "x@file:///tmp/x",
        "file:///tmp/x",
      })
  void nothingFromElsewhereThanAnIndex(String text) {
    refused(text, "names a URL");
  }

  @ParameterizedTest
  @ValueSource(strings = {".", "./local", "../up", "/abs/path", "dir/x.whl", "dir\\x.whl"})
  void noPaths(String text) {
    refused(text, "names a path");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "a b",
        "a >>1",
        "a\n-r other.txt",
        "a\r--index-url=x",
        "a # comment",
        "a \\",
        "a; extra == \"x\"\n-e .",
        "a --hash=sha256:00",
        "a${HOME}",
        "a==$HOME",
        "é",
        "a;os_name$1",
      })
  void nothingThatCouldMeanSomethingElse(String text) {
    assertThatExceptionOfType(PackageException.class)
        .as(text)
        .isThrownBy(() -> Requirement.parse(text));
  }

  private static void refused(String text, String why) {
    assertThatExceptionOfType(PackageException.class)
        .isThrownBy(() -> Requirement.parse(text))
        .withMessageContaining(why);
  }
}
