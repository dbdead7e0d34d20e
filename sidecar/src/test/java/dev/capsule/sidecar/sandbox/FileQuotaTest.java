package dev.capsule.sidecar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an attempt may write to files, and have open, holds whatever way it takes. The limit is in
 * the guest's module, so the guest that is tested is the real one.
 */
class FileQuotaTest {
  private static final long LIMIT = 1_000_000;

  @TempDir static Path parent;
  private static final GuestKit kit = new GuestKit();
  private Path granted = Path.of("unset");

  @AfterAll
  static void stop() {
    kit.close();
  }

  @BeforeEach
  void makeFolder() throws IOException {
    granted = Files.createTempDirectory(parent.toRealPath(), "granted");
    Files.write(granted.resolve("old"), new byte[100]);
  }

  private List<Start.Folder> folders() {
    return List.of(new Start.Folder(granted, "/data", true));
  }

  private Ending run(String statements) {
    return kit.run(statements, LIMIT, folders());
  }

  /** Each goes beyond the limit, and tries to go on when it is told so. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "open('/data/big', 'wb').write(b'x' * 1_000_001)",
        "open('/tmp/big', 'wb').write(b'x' * 1_000_001)",
        """
        fd = os.open('/data/big', os.O_CREAT | os.O_WRONLY)
        for i in range(1001):
            os.write(fd, b'x' * 1000)
        """,
        "[open('/data/old', 'ab', 0).write(b'x' * 1000) for _ in range(1001)]",
        "[open('/data/old', 'r+b', 0).write(b'x' * 1000) for _ in range(1001)]",
        """
        with open('/data/old', 'r+b', 0) as f:
            for _ in range(1001):
                f.seek(10**9)
                f.write(b'x' * 1000)
        """,
        """
        fd = os.open('/data/new', os.O_CREAT | os.O_RDWR)
        for i in range(1001):
            os.pwrite(fd, b'x' * 1000, i * 1000)
        """,
        "os.truncate('/data/old', 1_000_001)",
        "open('/data/old', 'r+b').truncate(1_000_001)",
        "os.truncate('/data/old', 2**62)",
        """
        for way in ('/data/part', '/tmp/part'):
            open(way, 'wb').write(b'x' * 500_000)
        open('/tmp/part', 'ab').write(b'x')
        """,
        """
        for _ in range(1001):
            open('/tmp/again', 'wb').write(b'x' * 1000)
            os.unlink('/tmp/again')
        """,
        "[open(f'/data/{i}', 'wb').close() for i in range(245)]",
        "[os.mkdir(f'/data/{i}') for i in range(245)]",
        "[os.symlink('old', f'/data/{i}') for i in range(245)]",
        """
        fd = os.open('/data/holes', os.O_CREAT | os.O_RDWR)
        for i in range(1, 245):
            os.pwrite(fd, b'x', i * 8192)
        """,
        """
        with open('/data/holes', 'wb', 0) as f:
            for i in range(1, 245):
                f.seek(i * 8192)
                f.write(b'x')
        """,
        """
        for i in range(245):
            os.mkdir('/tmp/d')
            os.rename('/tmp/d', '/tmp/e')
            os.rmdir('/tmp/e')
        """,
        """
        os.chdir('/tmp')
        for i in range(245):
            os.mkdir('d')
            os.chdir('d')
        """,
        """
        import shutil
        open('/data/part', 'wb').write(b'x' * 400_000)
        for i in range(3):
            shutil.copy('/data/part', f'/data/copy{i}')
        """,
        """
        from wit_world.imports import host
        host.charge(1_000_001)
        """,
        """
        from wit_world.imports import host
        host.charge(2**64 - 1)
        """
      })
  void nobodyWritesMore(String statements) throws IOException {
    Ending ending =
        run(
            "try:\n"
                + statements.indent(4)
                + "except BaseException:\n    pass\n"
                + "open('/data/beyond', 'wb').close()\n"
                + "return 'it was not stopped'");
    assertThat(ending).as("%s", ending).isInstanceOf(Ending.OutOfDisk.class);
    assertThat(granted.resolve("beyond")).doesNotExist();
  }

  @Test
  void whatGoesBeyondIsNotWritten() throws IOException {
    assertThat(run("open('/data/big', 'wb').write(b'x' * 20_000_000)"))
        .isInstanceOf(Ending.OutOfDisk.class);
    assertThat(Files.size(granted.resolve("big"))).isLessThanOrEqualTo(LIMIT);
  }

  @Test
  void asMuchAsTheLimitCanBeWritten() {
    assertThat(
            kit.reply(
                """
                n = 0
                with open('/data/old', 'r+b') as f:
                    n += f.write(b'x' * 600_000)
                with open('/data/old', 'ab') as f:
                    n += f.write(b'x' * 395_000)
                return n
                """,
                LIMIT,
                folders()))
        .isEqualTo("{\"ok\":995000}");
    assertThat(granted.resolve("old")).hasSize(995_000);
  }

  @Test
  void readingAndPrintingAreNotWriting() {
    assertThat(
            kit.reply(
                """
                import sys
                for i in range(300):
                    print('x' * 10_000)
                    sys.stderr.write('x' * 10_000)
                    assert len(open('/data/old', 'rb').read()) == 100
                    os.stat('/data/old'), os.listdir('/data')
                return 'fine'
                """,
                LIMIT,
                folders()))
        .isEqualTo("{\"ok\":\"fine\"}");
  }

  /** One after the other they fill blocks: who writes line by line is not charged a block each. */
  @Test
  void smallWritesInARowCostWhatTheyWrite() {
    assertThat(
            kit.reply(
                """
                with open('/data/log', 'ab', 0) as f, open('/tmp/log', 'wb', 0) as g:
                    for _ in range(9_000):
                        f.write(b'x' * 50)
                        g.write(b'x' * 50)
                return 'fine'
                """,
                LIMIT,
                folders()))
        .isEqualTo("{\"ok\":\"fine\"}");
  }

  /** The numbers of handles are used again: what was the console must not stay free of charge. */
  @Test
  void aFileInThePlaceOfTheConsoleIsAFile() {
    assertThat(
            run(
                """
                print('so that there is a console')
                os.close(1)
                os.close(2)
                kept = [open(f'/data/{i}', 'wb', 0) for i in range(8)]
                for f in kept * 4:
                    f.write(b'x' * 40_000)
                return 'it was not stopped'
                """))
        .isInstanceOf(Ending.OutOfDisk.class);
  }

  @Test
  void withoutALimitOfItsOwnThereIsNoScratchFolderAndNothingIsWritten() throws IOException {
    assertThat(kit.run("os.listdir('/tmp')", 0, folders())).isInstanceOf(Ending.Replied.class);
    assertThat(kit.reply("return os.path.exists('/tmp')", 0, folders()))
        .isEqualTo("{\"ok\":false}");
    assertThat(kit.run("open('/data/old', 'ab').write(b'x')", 0, folders()))
        .isInstanceOf(Ending.OutOfDisk.class);
    assertThat(Files.size(granted.resolve("old"))).isEqualTo(100);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kept = [open('/data/old') for _ in range(300)]",
        "kept = [os.open('/data/old', os.O_RDONLY) for _ in range(10_000)]",
        "kept = [os.open('/data', os.O_RDONLY) for _ in range(300)]",
        "kept = [open('/data/old', 'rb', 0) for _ in range(150)]; [f.read(1) for f in kept]",
        "kept = [open('/data/old', 'r+b', 0) for _ in range(150)]; [f.write(b'x') for f in kept]",
        "kept = [os.scandir('/data') for _ in range(100)]; [next(k) for k in kept]"
      })
  void nobodyHasMoreOpen(String statements) {
    assertThat(
            run(
                "import builtins\nbuiltins.kept = []\ntry:\n"
                    + statements.indent(4)
                    + "except OSError as e:\n    return repr(e)\n"
                    + "return 'it was not stopped'"))
        .isInstanceOf(Ending.TooManyOpen.class);
  }

  @Test
  void whatIsClosedCanBeOpenedAgainForEver() {
    assertThat(
            kit.reply(
                """
                kept = [open('/data/old', 'rb', 0) for _ in range(100)]
                for i in range(3000):
                    with open('/data/old', 'rb', 0) as f:
                        f.read(1)
                    os.listdir('/data')
                    try:
                        open('/data/missing')
                    except OSError:
                        pass
                    try:
                        os.write(kept[0].fileno(), b'x')
                    except OSError:
                        pass
                    try:
                        os.read(os.open('/data', os.O_RDONLY), 1)
                    except OSError:
                        os.close(kept[-1].fileno() + 1)
                return 'fine'
                """,
                LIMIT,
                folders()))
        .isEqualTo("{\"ok\":\"fine\"}");
  }
}
