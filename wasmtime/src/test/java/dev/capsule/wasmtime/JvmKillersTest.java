package dev.capsule.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What could end the process, each done 50 times in a JVM of its own, which must live on. */
class JvmKillersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # a guest that overflows its stack
          main-thread         | IllegalStateException: guests run on threads made by Threads
          virtual-thread      | returned IllegalStateException: guests run on threads made by
          small-stack         | IllegalStateException: guest has a stack of 524,288 bytes
          least-stack         | StackOverflow: wasm trap: call stack exhausted
          large-stack         | StackOverflow: wasm trap: call stack exhausted
          # waiting inside WASI; asking WASI for what was never set; a type the C API cannot hold
          wasi-sleep          | returned OptionOf[value=null]
          wasi-unset          | returned OptionOf[value=U32[value=0]]
          future              | WasmtimeException: failed to parse
          # a Throwable out of a host function or a sink, and results that do not fit
          recursion           | HostFailure of StackOverflowError
          out-of-memory       | HostFailure of OutOfMemoryError
          assertion           | HostFailure of AssertionError
          exception           | HostFailure of Exception
          throws-itself-badly | HostFailure of Hostile
          null                | HostFailure of IllegalStateException
          wrong-type          | HostFailure of IllegalStateException
          wrong-payload       | HostFailure of IllegalStateException
          too-deep            | HostFailure of IllegalArgumentException
          epoch-handler       | HostFailure of StackOverflowError
          sink                | returned U32[value=1] java.lang.StackOverflowError
          # use after close
          closed              | returned 9 of 9 refused
          """)
  void isGuarded(String what, String outcome) throws Exception {
    Fork.Outcome fork = Fork.run(KillerMain.class, what);

    assertThat(fork.output()).startsWith(outcome);
    assertThat(fork.exit()).isZero();
  }

  @Test
  void signalsOfTheGuestAndOfTheJvmLiveTogether() throws Exception {
    Fork.Outcome fork = Fork.run(SignalsMain.class);

    assertThat(fork.output()).isEqualToIgnoringNewLines("8000 traps told apart");
    assertThat(fork.exit()).isZero();
  }

  @Test
  void instancesLeakNothing() throws Exception {
    Fork.Outcome fork = Fork.run(LeakMain.class);

    assertThat(fork.output()).startsWith("flat");
    assertThat(fork.exit()).isZero();
  }
}
