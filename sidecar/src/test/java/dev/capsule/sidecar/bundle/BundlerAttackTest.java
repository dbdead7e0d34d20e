package dev.capsule.sidecar.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever writes a program tries to carry a file of its user into the sandbox, or to do harm. */
class BundlerAttackTest {
  private static final String SECRET = "aws_secret_4711";

  @TempDir Path folder;
  private Kit kit;

  @BeforeEach
  void begin() {
    kit = new Kit(folder);
    kit.with("../../secret.json", "{\"key\": \"" + SECRET + "\"}")
        .with("../../secret.js", "export default '" + SECRET + "';\n")
        .with("../secret.ts", "export default '" + SECRET + "';\n")
        .with("../../package.json", "{\"name\": \"" + SECRET + "\", \"main\": \"secret.js\"}")
        .with("package.json", "{\"name\": \"project\"}");
  }

  private void assertRefused(String program) throws InterruptedException {
    kit.with("main.ts", program);
    assertRefused();
  }

  private void assertRefused() throws InterruptedException {
    assertThat(kit.refusal().getMessage()).isNotBlank().doesNotContain(SECRET);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "import x from '../../secret.json';",
        "import x from '../../secret.js';",
        "import x from '../secret';",
        "import x from '@OUTSIDE@/secret.json';",
        "import x from '@OUTSIDE@/secret.js';",
        "import x from '@OUTSIDE@';",
        "import x from '../..';",
        "import x from 'file://@OUTSIDE@/secret.js';",
        "import x from '//@OUTSIDE@/secret.js';",
        "import x from '../../secret.json?query';",
        "import x from './a/../../../secret.json';",
        "export * from '../../secret.js';",
        "const x = require('../../secret.json');",
        "const x = await import('../../secret.js');",
        "import x from '../../secret.json' with { type: 'json' };",
        "import x from '../../secret.json' with { type: 'text' };",
        "import x from '../../secret.json' with { type: 'bytes' };",
        "/// <reference path='../../secret.js' />\nimport x from '../../secret.js';"
      })
  void noImportLeadsOutOfTheFolder(String program) throws Exception {
    assertRefused(program.replace("@OUTSIDE@", kit.outside.toString()) + "\nconsole.log(x);\n");
  }

  @Test
  void noLinkLeadsOut() throws Exception {
    Files.createSymbolicLink(kit.root.resolve("link.json"), kit.outside.resolve("secret.json"));
    assertRefused("import x from './link.json'; console.log(x);");
    Files.createSymbolicLink(kit.root.resolve("up"), kit.outside);
    assertRefused("import x from './up/secret.js'; console.log(x);");
  }

  @Test
  void noPackageThatIsALinkLeadsOut() throws Exception {
    Files.createDirectories(kit.root.resolve("node_modules"));
    Files.createSymbolicLink(kit.root.resolve("node_modules/lib"), kit.outside);
    assertRefused("import x from 'lib/secret.json'; console.log(x);");
    assertRefused("import x from 'lib'; console.log(x);");
  }

  /** Not even one that is put there while esbuild looks: what it finds is opened by us. */
  @Test
  void whatIsFoundIsNotReadThroughALink() throws Exception {
    kit.with("main.ts", "");
    Path link = kit.root.resolve("swapped.json");
    Files.createSymbolicLink(link, kit.outside.resolve("secret.json"));
    Inputs inputs = new Inputs(Territory.of(kit.root), kit.root.resolve("main.ts"), null);
    assertThat(inputs.load(link.toString())).isInstanceOf(Esbuild.Source.Refused.class);
    assertThat(inputs.read()).isEmpty();
  }

  @Test
  void noSettingsLeadOut() throws Exception {
    kit.with(
        "tsconfig.json",
        "{\"compilerOptions\": {\"baseUrl\": \"../..\","
            + " \"paths\": {\"@/*\": [\"../../*\"], \"s\": [\"@/secret.js\"]}}}");
    assertRefused("import x from '@/secret.json'; console.log(x);");
    assertRefused("import x from 'secret.js'; console.log(x);");
    kit.with("tsconfig.json", "{\"extends\": \"../../secret.json\"}");
    kit.with("main.ts", "export const x = 1;");
    assertThat(kit.bundle().code()).doesNotContain(SECRET);
    kit.with("../../broken.json", SECRET + " = 1");
    kit.with("tsconfig.json", "{\"extends\": \"../../broken.json\"}");
    kit.with("main.ts", "import x from './nothing';");
    assertRefused();
  }

  @Test
  void settingsThatAreALinkAreNotRead() throws Exception {
    Files.createSymbolicLink(kit.root.resolve("tsconfig.json"), kit.outside.resolve("secret.json"));
    kit.with("main.ts", "export const x = 1;");
    assertThat(kit.refusal()).hasMessageContaining("tsconfig.json leads out");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"imports\": {\"#x\": \"../../secret.js\"}",
        "\"imports\": {\"#x\": \"./up/secret.js\"}",
        "\"exports\": {\"./x\": \"./../../secret.js\"}",
        "\"exports\": {\"./x\": \"./up/secret.js\"}",
        "\"browser\": {\"./x.js\": \"../../secret.js\", \"#x\": \"../../secret.js\"}",
        "\"browser\": {\"./x.js\": \"./up/secret.js\"}"
      })
  void noManifestLeadsOut(String field) throws Exception {
    Files.createSymbolicLink(kit.root.resolve("up"), kit.outside);
    kit.with("package.json", "{\"name\": \"project\", " + field + "}").with("x.js", "");
    String specifier =
        field.startsWith("\"imports")
            ? "#x"
            : field.startsWith("\"exports") ? "project/x" : "./x.js";
    kit.with("main.ts", "import * as x from '" + specifier + "'; console.log(x);");
    try {
      assertThat(kit.bundle().code()).doesNotContain(SECRET);
    } catch (BundleException e) {
      assertThat(e.getMessage()).doesNotContain(SECRET);
    }
  }

  @Test
  void thePackageAboveIsNotTheProgramsWhereAnybodyMayWrite() throws Exception {
    Files.delete(kit.root.resolve("package.json"));
    kit.with("../package.json", "{\"name\": \"above\"}");
    kit.with("main.ts", "import x from '../secret'; console.log(x);");
    assertThat(kit.bundle().code()).contains(SECRET); // a package's programs share its files
    new ProcessBuilder("chmod", "777", kit.root.resolve("..").normalize().toString())
        .start()
        .waitFor();
    assertRefused();
  }

  @Test
  void onlyCodeAndJsonCanBeImported() throws Exception {
    kit.with(".env", "KEY=" + SECRET).with("notes.txt", SECRET).with("key.pem", SECRET);
    for (String name : new String[] {".env", "notes.txt", "key.pem"}) {
      assertRefused("import x from './" + name + "'; console.log(x);");
      assertRefused("import x from './" + name + "' with { type: 'text' }; console.log(x);");
      assertRefused("import x from './" + name + "' with { type: 'json' }; console.log(x);");
    }
    kit.with("style.css", "a { color: " + SECRET + " }")
        .with("main.ts", "import './style.css'; export const x = 1;");
    assertThat(kit.bundle().code()).doesNotContain(SECRET);
  }

  @Test
  void hiddenFilesAreNotImported() throws Exception {
    kit.with(".secret.json", "{\"key\": \"" + SECRET + "\"}")
        .with(".tool/state.json", "{\"key\": \"" + SECRET + "\"}")
        .with("lib/.git/config.js", "export default '" + SECRET + "';")
        .with("node_modules/.store/a/index.js", "module.exports = 'a package';");
    for (String file : new String[] {".secret.json", ".tool/state.json", "lib/.git/config.js"}) {
      assertRefused("import x from './" + file + "'; console.log(x);");
    }
    kit.with("main.ts", "import x from './node_modules/.store/a'; console.log(x);");
    assertThat(kit.bundle().code()).contains("a package");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "const x = new URL('../../secret.json', import.meta.url);",
        "const x = new Worker(new URL('../../secret.js', import.meta.url));",
        "import x from 'data:text/javascript,export default 1';",
        "const x = require.resolve('../../secret.json');"
      })
  void whatIsNoImportBringsNothing(String program) throws Exception {
    kit.with("main.ts", program + "\nconsole.log(x);\n");
    try {
      assertThat(kit.bundle().code()).doesNotContain(SECRET);
    } catch (BundleException e) {
      assertThat(e.getMessage()).doesNotContain(SECRET);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://example.com/x.js", "http://127.0.0.1:1/x.js", "//example.com/x"})
  void nothingComesFromTheWeb(String address) throws Exception {
    kit.with("main.ts", "\nimport x from '" + address + "'; console.log(x);");
    BundleException refusal = kit.refusal();
    assertThat(refusal).hasMessageContaining("install the package with npm");
    assertThat(refusal.line()).isEqualTo(2);
  }

  @Test
  void noCodeOfTheProgramRuns() throws Exception {
    Path mark = kit.outside.resolve("mark");
    String write = "require('fs').writeFileSync(" + "'" + mark + "', 'x');\n";
    kit.with("esbuild.config.js", write)
        .with("esbuild.config.mjs", write)
        .with(".esbuildrc", write)
        .with(".pnp.cjs", write)
        .with("main.ts", write)
        .with("package.json", "{\"scripts\": {\"prepare\": \"touch " + mark + "\"}}");
    try {
      kit.bundle();
    } catch (BundleException e) {
      assertThat(e.getMessage()).isNotBlank(); // or it says why not
    }
    assertThat(mark).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--outfile=pwned.ts",
        "a=b.ts",
        "-.ts",
        "new\nline.ts",
        "quo'te\".ts",
        "[name].ts",
        "stern*.ts",
        "ünïcödé.ts"
      })
  void aFilesNameIsNothingButAName(String name) throws Exception {
    kit.with(name, "export const x = 'fine';");
    assertThat(kit.bundle(name, null).code()).contains("fine");
    try (var files = Files.list(kit.root)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(name, "package.json");
    }
  }

  @Test
  void whatIsNoOrdinaryFileIsNotWaitedFor() throws Exception {
    assertThat(new ProcessBuilder("mkfifo", kit.root + "/pipe.json").start().waitFor()).isZero();
    kit.with("main.ts", "import x from './pipe.json'; console.log(x);");
    assertThat(kit.refusal()).hasMessageContaining("not an ordinary file");
    Files.createSymbolicLink(kit.root.resolve("zero.json"), Path.of("/dev/zero"));
    assertRefused("import x from './zero.json'; console.log(x);");
    Files.delete(kit.root.resolve("zero.json"));
  }

  @Test
  void aHugeFileIsRefused() throws IOException, InterruptedException {
    kit.with("huge.json", "[" + "1,".repeat(9 << 20) + "1]");
    kit.with("main.ts", "import x from './huge.json'; console.log(x);");
    assertThat(kit.refusal()).hasMessageContaining("longer than");
  }

  @Test
  void importsInACircleEnd() throws Exception {
    kit.with("main.ts", "import { b } from './b'; export const a = 1; console.log(b);")
        .with("b.ts", "import { a } from './main'; export const b = () => a;");
    assertThat(kit.bundle().code()).contains("console.log(b)");
  }

  @Test
  void manyFilesAreStillOneModule() throws Exception {
    StringBuilder program = new StringBuilder();
    for (int i = 0; i < 3_000; i++) {
      kit.with("many/f" + i + ".ts", "export const v" + i + " = " + i + ";\n");
      program.append("export * from './many/f").append(i).append("';\n");
    }
    kit.with("main.ts", program.toString());
    assertThat(kit.bundle().code()).contains("v2999 = 2999");
  }
}
