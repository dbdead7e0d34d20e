package dev.capsule.sidecar.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.capsule.sidecar.harness.Pending;
import dev.capsule.sidecar.harness.Program;
import dev.capsule.sidecar.harness.SharedSidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How programs are read: their tasks, their modules, and what their ids stand for. */
class LoadProgramTest {
  @RegisterExtension static final SharedSidecar sidecar = new SharedSidecar();

  private static Program load(Path folder, String source) {
    return Program.load(sidecar.process(), folder, source);
  }

  @Test
  void tasksAreDescribedAsTheSourceDeclaresThem() {
    Program program =
        sidecar.load(
            """
            from capsule import task

            @task(name="first-task", timeout="30s", compute="low")
            def first(query: str, n: int = 3) -> dict:
                return {}

            @task
            def main():
                pass
            """);
    JsonObject loaded = program.loaded();
    assertThat(loaded.get("entry").getAsString()).isEqualTo("main");
    JsonObject first = loaded.getAsJsonArray("tasks").get(0).getAsJsonObject();
    assertThat(first.get("name").getAsString()).isEqualTo("first-task");
    assertThat(first.get("function").getAsString()).isEqualTo("first");
    assertThat(first.get("file").getAsString()).isEqualTo("main.py");
    assertThat(first.get("line").getAsInt()).isBetween(3, 4);
    assertThat(first.get("signature").getAsString()).isEqualTo("(query: str, n: int = 3) -> dict");
    assertThat(first.getAsJsonObject("options").toString())
        .isEqualTo("{\"timeout\":\"30s\",\"compute\":\"low\"}");
  }

  @Test
  void theSameSourceIsTheSameProgram() {
    Path folder = sidecar.newFolder();
    String source = "from capsule import task\n@task\ndef t(): return 1\n";
    String id = load(folder, source).id();
    assertThat(load(folder, source).id()).isEqualTo(id);
    assertThat(load(folder, source.replace("1", "2")).id()).isNotEqualTo(id);
    assertThat(load(sidecar.newFolder(), source).id()).isNotEqualTo(id);
  }

  @Test
  void aChangedModuleMakesANewProgramAndTheOldOneKeepsItsCode() {
    Path folder = sidecar.newFolder();
    Program.write(folder.resolve("helper.py"), "VALUE = 1\n");
    String source =
        """
        import helper
        from capsule import task

        @task
        def value():
            return helper.VALUE
        """;
    Program before = load(folder, source);
    Program.write(folder.resolve("helper.py"), "VALUE = 2\n");
    Program after = load(folder, source);
    assertThat(after.id()).isNotEqualTo(before.id());
    assertThat(before.task("value").value().getAsInt()).isEqualTo(1);
    assertThat(after.task("value").value().getAsInt()).isEqualTo(2);
    assertThat(load(folder, source).id()).isEqualTo(after.id());
  }

  @Test
  void aModuleThatAppearsLaterMakesANewProgram() {
    Path folder = sidecar.newFolder();
    String source =
        """
        from capsule import task
        try:
            import helper
            VALUE = helper.VALUE
        except ImportError:
            VALUE = "none"

        @task
        def value():
            return VALUE
        """;
    Program before = load(folder, source);
    assertThat(before.task("value").value().getAsString()).isEqualTo("none");
    Program.write(folder.resolve("helper.py"), "VALUE = 'here'\n");
    Program after = load(folder, source);
    assertThat(after.id()).isNotEqualTo(before.id());
    assertThat(after.task("value").value().getAsString()).isEqualTo("here");
  }

  @Test
  void siblingsPackagesAndRelativeImports() {
    Path folder = sidecar.newFolder();
    Program.write(folder.resolve("pack/__init__.py"), "from .inner import A\nfrom . import deep\n");
    Program.write(folder.resolve("pack/inner.py"), "from sibling import S\nA = S + 'a'\n");
    Program.write(folder.resolve("pack/deep/__init__.py"), "from ..inner import A\nB = A + 'b'\n");
    Program.write(folder.resolve("bare/part.py"), "P = 'p'\n");
    Program.write(folder.resolve("sibling.py"), "S = 's'\n");
    Program program =
        load(
            folder,
            """
            import pack, pack.deep, bare.part
            from capsule import task

            @task
            def value():
                import importlib
                late = importlib.import_module("late")
                return [pack.A, pack.deep.B, bare.part.P, late.L]
            """);
    Program.write(folder.resolve("late.py"), "L = 'l'\n");
    assertThat(program.task("value").value().toString()).isEqualTo("[\"sa\",\"sab\",\"p\",\"l\"]");
  }

  @Test
  void theSourceGivenWinsOverTheFile() {
    Path folder = sidecar.newFolder();
    JsonObject params = Program.params(folder);
    params.addProperty("source", "from capsule import task\n@task\ndef given(): return 1\n");
    JsonObject loaded =
        sidecar.process().request("loadProgram", params).reply().result().getAsJsonObject();
    assertThat(loaded.get("entry").getAsString()).isEqualTo("given");
  }

  @Test
  void modulesOutsideTheFolderCannotBeRead() throws IOException {
    Path parent = sidecar.newFolder();
    Path outside = Files.createDirectories(parent.resolve("outside"));
    Program.write(outside.resolve("secret.py"), "SECRET = 'leaked'\n");
    Path folder = Files.createDirectories(parent.resolve("root"));
    Files.createSymbolicLink(folder.resolve("linked.py"), outside.resolve("secret.py"));
    Files.createSymbolicLink(folder.resolve("linked_folder"), outside);
    Files.createSymbolicLink(folder.resolve("passwords.py"), Path.of("/etc/passwd"));
    Program.write(folder.resolve("inside.py"), "OK = 'inside'\n");
    Files.createSymbolicLink(folder.resolve("alias.py"), folder.resolve("inside.py"));
    Program program =
        load(
            folder,
            """
            from capsule import task

            @task
            def imports(name):
                import importlib
                try:
                    module = importlib.import_module(name)
                    return sorted(k for k in vars(module) if k.isupper())
                except BaseException as e:
                    return str(e)
            """);
    for (String name :
        new String[] {"linked", "linked_folder.secret", "passwords", "..outside.secret", "...x"}) {
      assertThat(program.task("imports").args(name).value().toString())
          .as(name)
          .doesNotContain("SECRET", "leaked", "root:", outside.toString());
    }
    assertThat(program.task("imports").args("alias").value().toString()).isEqualTo("[\"OK\"]");
  }

  @Test
  void aTopLevelMayPrintAndSleepWithoutHarm() {
    Program program =
        sidecar.load(
            """
            import time
            from capsule import task
            print("loading" * 1000)
            time.sleep(0.01)

            @task
            def t():
                return "fine"
            """);
    assertThat(program.task("t").named("prints").value().getAsString()).isEqualTo("fine");
    assertThat(sidecar.process().output("prints", "stdout")).startsWith("loading");
  }

  @Test
  void aTopLevelHasNoRights() {
    Path folder = sidecar.newFolder();
    Program.write(folder.resolve("data/file"), "x");
    Program program =
        load(
            folder,
            """
            import os
            from capsule import task
            try:
                SEEN = os.listdir("/data")
            except OSError:
                SEEN = "nothing"

            @task
            def seen():
                return SEEN

            @task(allowed_files=["data"])
            def seen_with_rights():
                return SEEN
            """);
    assertThat(program.task("seen").value().getAsString()).isEqualTo("nothing");
    assertThat(program.task("seen_with_rights").value().toString()).isEqualTo("[\"file\"]");
  }

  @Test
  void manyLoadsAtOnceAreOneProgram() {
    Path folder = sidecar.newFolder();
    Program.write(folder.resolve("main.py"), "from capsule import task\n@task\ndef t(): pass\n");
    List<Pending> loads = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      loads.add(sidecar.process().request("loadProgram", Program.params(folder)));
    }
    String id = null;
    for (Pending load : loads) {
      String each = load.reply().result().getAsJsonObject().get("program").getAsString();
      assertThat(id == null || id.equals(each)).isTrue();
      id = each;
    }
  }
}
