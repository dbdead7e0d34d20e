package dev.capsule.repl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.capsule.repl.Capsule.Ended;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code capsule} and programs in TypeScript and JavaScript. */
class JavaScriptTest {
  private static final String PROGRAM =
      """
      import { task } from "@capsule/sdk";
      import { readFileSync } from "node:fs";

      export const main = task({ name: "main", ram: "64MB" }, (name: string = "world", n = 1) => {
        console.log("greeting");
        return `Hello, ${name}!`.repeat(n);
      });
      export const read = task({ name: "read" }, (file: string) => readFileSync(file, "utf8"));
      export const fails = task({ name: "fails" }, () => {
        throw new RangeError("too far");
      });
      """;

  @TempDir Path folder;
  private Capsule capsule;

  @BeforeEach
  void begin() {
    assumeTrue(
        Files.exists(Capsule.checkout().resolve("build/guests/javascript.wasm")),
        "JavaScript is not built: it needs Node 20 or newer and ./capsule build");
    capsule = new Capsule(folder);
  }

  @Test
  void aFileIsRunAsOneInPythonIs() throws Exception {
    capsule.with("main.ts", PROGRAM);
    assertThat(capsule.run("run", "main.ts", "Ada"))
        .isEqualTo(new Ended(0, "greeting\nHello, Ada!\n", ""));
    assertThat(capsule.run("run", "main.ts", "--args-json", "[\"x\", 2]").out())
        .isEqualTo("greeting\nHello, x!Hello, x!\n");
    assertThat(capsule.run("run", "main.ts", "--json", "--max-ram", "50MB").out())
        .contains("\"success\":true")
        .contains("\"lowered\":[\"ram\"]");
    Files.writeString(folder.resolve("in.txt"), "text");
    assertThat(
            capsule
                .run("run", "main.ts", "/d/in.txt", "--task", "read", "--mount", ".::/d:ro")
                .out())
        .isEqualTo("text\n");
  }

  @Test
  void everyKindOfFileIsTaken() throws Exception {
    String plain = "export function main(x = 1) { return x; }\n";
    for (String name : List.of("a.js", "a.mjs", "a.mts", "a.tsx", "a.jsx", "a.cts")) {
      capsule.with(name, plain);
      assertThat(capsule.run("run", name)).as(name).isEqualTo(new Ended(0, "1\n", ""));
    }
    capsule.with("a.cjs", "exports.main = (x = 1) => x;\n");
    assertThat(capsule.run("run", "a.cjs").out()).isEqualTo("1\n");
    Ended other = capsule.with("a.rb", "").run("run", "a.rb");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("its name must end in one of .py, .ts, .js");
  }

  @Test
  void failuresPointToTheSource() throws Exception {
    capsule.with("main.ts", PROGRAM);
    Ended failed = capsule.run("run", "main.ts", "--task", "fails");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err()).contains("RangeError").contains("too far").contains("main.ts:10:");

    capsule.with("broken.ts", "const a = 1;\nconst = 2;\n");
    Ended broken = capsule.run("run", "broken.ts");
    assertThat(broken.code()).isEqualTo(1);
    assertThat(broken.err()).contains("broken.ts:2:7").contains("const = 2;");

    capsule.with("imports.ts", "import { z } from \"zod\";\nconsole.log(z);\n");
    assertThat(capsule.run("run", "imports.ts").err())
        .contains("imports.ts:1:19")
        .contains("npm install zod in " + folder.toRealPath());
  }

  @Test
  void anEditIsRunAtOnce() throws Exception {
    capsule.with("value.ts", "export const value = 1;\n");
    capsule.with(
        "main.mjs", "import { value } from './value';\nexport const main = () => value;\n");
    for (int i = 1; i <= 3; i++) {
      capsule.with("value.ts", "export const value = " + i + ";\n");
      assertThat(capsule.run("run", "main.mjs").out()).isEqualTo(i + "\n");
      assertThat(capsule.run("run", "main.mjs").out()).isEqualTo(i + "\n");
    }
  }

  @Test
  void initBeginsInTypeScriptWhereThatIsMeant() throws Exception {
    assertThat(capsule.run("init", "ts", "--language", "typescript").code()).isZero();
    Capsule there = new Capsule(folder.resolve("ts"));
    assertThat(there.run("run")).isEqualTo(new Ended(0, "Hello, world!\n", ""));
    assertThat(there.run("config", "main.ts").out())
        .contains("entrypoint     main.ts")
        .contains("task main");

    Files.createDirectories(folder.resolve("npm"));
    Files.writeString(folder.resolve("npm/package.json"), "{}");
    Files.writeString(folder.resolve("npm/vite.config.ts"), "");
    assertThat(new Capsule(folder.resolve("npm")).run("init").out()).contains("main.ts");
    assertThat(capsule.run("init", "x", "--language", "ruby").err())
        .contains("--language is python or typescript");
  }

  @Test
  void aProjectMayHaveBothLanguages() throws Exception {
    capsule
        .with("capsule.toml", "[workflow]\nentrypoint = 'main.py'\n[tasks.up]\nfile = 'up.ts'\n")
        .with(
            "main.py",
            """
            from capsule import task, task_ref
            up = task_ref('up')
            @task
            def main(text='a'): return up(text)
            """)
        .with(
            "up.ts",
            """
            import { task } from '@capsule/sdk';
            export const up = task({ name: 'up' }, (s: string) => s.toUpperCase());
            """);
    assertThat(capsule.run("run").out()).isEqualTo("A\n");
    assertThat(capsule.run("run", "--task", "up", "--", "b").out()).isEqualTo("B\n");
    assertThat(capsule.run("config", "main.py").out())
        .contains("task main, main.py:3", "task up, up.ts:2");
  }

  @Test
  void doctorLooksAtBothHalves() throws Exception {
    Ended doctor = capsule.run("doctor");
    assertThat(doctor.code()).as(doctor.out()).isZero();
    assertThat(doctor.out())
        .containsPattern("ok +JavaScript guest ")
        .containsPattern("ok +esbuild ")
        .containsPattern("ok +a Python task ")
        .containsPattern("ok +a TypeScript task ");
  }
}
