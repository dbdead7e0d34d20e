package dev.capsule.sidecar.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundlerTest {
  @TempDir Path folder;
  private Kit kit;

  @BeforeEach
  void begin() {
    kit = new Kit(folder);
    kit.with("package.json", "{\"name\": \"project\"}");
  }

  /** Bundles until the bundle is kept: what was written a moment ago is not, at first. */
  private Bundle settled() throws Exception {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (true) {
      Bundle bundle = kit.bundle();
      if (isKept()) {
        return bundle;
      }
      assertThat(System.nanoTime()).as("the bundle is never kept").isLessThan(deadline);
    }
  }

  private boolean isKept() throws IOException {
    Path bundles = kit.cache.resolve("bundles");
    try (var files = Files.newDirectoryStream(bundles, "*.entry")) {
      return files.iterator().hasNext();
    }
  }

  @Test
  void filesAndPackagesBecomeOneModule() throws Exception {
    kit.withPackage("greeting", "module.exports = (name) => 'Hello, ' + name;")
        .with("lib/names.ts", "export const name: string = 'Ada';")
        .with("lib/data.json", "{\"n\": 42}")
        .with(
            "main.ts",
            """
            import greet from "greeting";
            import { name } from "./lib/names.js";
            import data from "./lib/data.json";
            import { task } from "@capsule/sdk";
            import { readFile } from "node:fs/promises";
            import path from "path";
            export const main = task(() => greet(name) + data.n + path.sep + readFile);
            """);
    Bundle bundle = kit.bundle();
    assertThat(bundle.code())
        .contains("Hello, ", "Ada", "42")
        .contains("import { task } from \"@capsule/sdk\"")
        .contains("from \"node:fs/promises\"")
        .contains("from \"path\"")
        .doesNotContain(": string")
        .doesNotContain("createRequire");
    assertThat(bundle.map()).contains("name: string").doesNotContain("module.exports = (name)");
    assertThat(
            JsonParser.parseString(bundle.map())
                .getAsJsonObject()
                .getAsJsonArray("sources")
                .toString())
        .contains("\"main.ts\"", "\"lib/names.ts\"", "\"node_modules/greeting/index.js\"");
  }

  @Test
  void placesAreThoseOfTheSource() throws Exception {
    kit.withPackage("old", "exports.os = require('os');")
        .with("lib/a.ts", "interface A {}\n\nexport const a = 'here';\n")
        .with("main.ts", "import { os } from 'old';\nimport { a } from './lib/a';\nfoo(a, os);\n");
    Bundle bundle = kit.bundle();
    String[] lines = bundle.code().split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      int column = lines[i].indexOf("\"here\"");
      if (column >= 0) {
        assertThat(SourceMaps.original(bundle.map(), i + 1, column + 1))
            .isEqualTo(new SourceMaps.Place("lib/a.ts", 3, 18));
      }
      if (lines[i].startsWith("foo(")) {
        assertThat(SourceMaps.original(bundle.map(), i + 1, 1))
            .isEqualTo(new SourceMaps.Place("main.ts", 3, 1));
      }
    }
    assertThat(bundle.code()).contains("\"here\"").contains("\nfoo(");
    assertThat(SourceMaps.original(bundle.map(), 1, 1)).isNull();
    assertThat(SourceMaps.original(bundle.map(), 1_000_000, 1)).isNull();
  }

  @Test
  void packagesInCommonJsCanAskForTheGuestsModules() throws Exception {
    kit.withPackage("old", "const fs = require('fs'); exports.exists = fs.existsSync;")
        .with("main.ts", "import { exists } from 'old';\nexport const x = exists;\n");
    Bundle bundle = kit.bundle();
    assertThat(bundle.code()).startsWith("import { createRequire as ");
    assertThat(bundle.map()).containsPattern("\"mappings\":\";");
  }

  @Test
  void aProgramsOwnRequireIsLeftAlone() throws Exception {
    kit.withPackage("old", "exports.os = require('os');")
        .with(
            "main.ts",
            """
            import { createRequire } from "node:module";
            import { os } from "old";
            const require = createRequire(import.meta.url);
            export const x = [require("path"), os];
            """);
    String code = kit.bundle().code();
    assertThat(code.split("\\n")).filteredOn(line -> line.contains("const require =")).hasSize(1);
  }

  @Test
  void functionsKeepTheirNames() throws Exception {
    kit.with("a.ts", "export function work() { return 1; }")
        .with("main.ts", "import * as a from './a'; export function work() { return a.work(); }");
    assertThat(kit.bundle().code()).contains("__name(work2, \"work\")");
  }

  @Test
  void mistakesAreToldWhereTheyStand() throws Exception {
    kit.with("main.ts", "import { x } from './lib';\nx();\n")
        .with("lib.ts", "export const ä = 'ä'; export const = 1;\n");
    BundleException error = kit.refusal();
    assertThat(error.file()).isEqualTo("lib.ts");
    assertThat(error.line()).isEqualTo(1);
    assertThat(error.column()).isEqualTo(36);
    assertThat(error).hasMessageContaining("Expected");

    kit.with("main.ts", "const a = 1;\n  import { z } from 'zod';\nimport 'left-pad';\nz();\n");
    error = kit.refusal();
    assertThat(error)
        .hasMessage(
            "there is no package \"zod\": install it, npm install zod in "
                + kit.root
                + " (and 1 more error)");
    assertThat(error.file()).isEqualTo("main.ts");
    assertThat(error.line()).isEqualTo(2);
    assertThat(error.column()).isEqualTo(21);

    kit.with("main.ts", "import '@scope/name/part';");
    assertThat(kit.refusal()).hasMessageContaining("npm install @scope/name in");
    kit.with("main.ts", "import './nothing';");
    assertThat(kit.refusal()).hasMessageContaining("there is no file \"./nothing\"");
  }

  @Test
  void theSourceOfTheEntryMayBeGiven() throws Exception {
    kit.with("main.ts", "export const x = 'in the file';")
        .with("helper.ts", "import { x } from './main'; export const y = () => x;");
    String given = "import { y } from './helper'; export const x = 'given'; console.log(y());";
    assertThat(kit.bundle("main.ts", given).code())
        .contains("\"given\"")
        .doesNotContain("in the file");
    assertThat(kit.bundle("missing.ts", "import { y } from './helper'; console.log(y());").code())
        .contains("in the file");
  }

  @Test
  void whatIsUnchangedComesWithoutBundling() throws Exception {
    Path starts = kit.outside.resolve("starts.txt");
    Path real = EsbuildProgram.find(Kit.modules(), Map.of());
    Path counting = kit.outside.resolve("counting");
    Files.writeString(
        counting, "#!/bin/sh\necho $1 >>'" + starts + "'\nexec '" + real + "' \"$@\"\n");
    new ProcessBuilder("chmod", "700", counting.toString()).start().waitFor();
    kit.environment = Map.of("CAPSULE_ESBUILD", counting.toString());
    kit.withPackage("lib", "module.exports = 1;")
        .with("main.ts", "import lib from 'lib'; import { x } from './x'; console.log(lib, x);")
        .with("x.ts", "export const x = 1;");
    Bundle first = settled();
    String before = Files.readString(starts);
    assertThat(kit.bundle()).isEqualTo(first);
    assertThat(Files.readString(starts)).isEqualTo(before).contains("--service=");
    kit.with("x.ts", "export const x = 2;");
    assertThat(kit.bundle()).isNotEqualTo(first);
    assertThat(Files.readString(starts)).isNotEqualTo(before);
  }

  /** However soon it comes, and if neither size nor time tell. */
  @Test
  void everyEditCounts() throws Exception {
    kit.withPackage("lib", "module.exports = 'lib 1';")
        .with("main.ts", "import lib from 'lib'; import { x } from './x'; console.log(lib, x);")
        .with("x.ts", "export const x = 'x 1';");
    for (String file : List.of("x.ts", "node_modules/lib/index.js", "main.ts")) {
      settled();
      Path path = kit.root.resolve(file);
      FileTime time = Files.getLastModifiedTime(path);
      String text = Files.readString(path);
      String edited = text.replace("1'", "2'").replace("console.log(", "console.dir(");
      assertThat(edited).isNotEqualTo(text).hasSameSizeAs(text);
      Files.writeString(path, edited);
      Files.setLastModifiedTime(path, time);
      String code = kit.bundle().code();
      assertThat(code).contains(file.equals("main.ts") ? "console.dir" : "2\"");
    }
  }

  @Test
  void whateverDecidesWhereImportsLeadCounts() throws Exception {
    kit.withPackage("lib", "module.exports = 'old';")
        .with("main.ts", "import lib from 'lib'; import { x } from './x'; console.log(lib, x);")
        .with("x/index.ts", "export const x = 'folder';");
    assertThat(settled().code()).contains("old", "folder");
    kit.with("x.ts", "export const x = 'file';");
    assertThat(kit.bundle().code()).contains("file").doesNotContain("folder");
    settled();
    kit.with("node_modules/lib/new.js", "module.exports = 'new';")
        .with("node_modules/lib/package.json", "{\"name\": \"lib\", \"main\": \"new.js\"}");
    assertThat(kit.bundle().code()).contains("new").doesNotContain("old");
    settled();
    kit.with("tsconfig.json", "{\"compilerOptions\": {\"jsx\": \"react\"}}");
    assertThat(kit.bundle().code()).contains("new");
    Files.delete(kit.root.resolve("x.ts"));
    assertThat(kit.bundle().code()).contains("folder");
  }

  @Test
  void aPackageThatIsALinkElsewhereCounts() throws Exception {
    Path modules = kit.root.resolve("node_modules");
    kit.with("node_modules/.store/lib@1/index.js", "module.exports = 'one';")
        .with("node_modules/.store/lib@2/index.js", "module.exports = 'two';")
        .with("main.ts", "import lib from 'lib'; console.log(lib);");
    Files.createSymbolicLink(modules.resolve("lib"), Path.of(".store/lib@1"));
    assertThat(settled().code()).contains("one");
    Files.delete(modules.resolve("lib"));
    Files.createSymbolicLink(modules.resolve("lib"), Path.of(".store/lib@2"));
    assertThat(kit.bundle().code()).contains("two");
  }

  @Test
  void theNearestSettingsHold() throws Exception {
    kit.with("tsconfig.json", "{\"compilerOptions\": {\"paths\": {\"@/*\": [\"./lib/*\"]}}}")
        .with("lib/x.ts", "export const x = 'mapped';")
        .with("main.ts", "import { x } from '@/x'; console.log(x);");
    assertThat(kit.bundle().code()).contains("mapped");
    assertThat(isKept()).isFalse(); // further files decide then, and they are not all known
  }

  @Test
  void theFilesOfThePackageAboveAreTheProgramsToo() throws Exception {
    Files.delete(kit.root.resolve("package.json"));
    kit.with("../package.json", "{\"name\": \"above\"}")
        .with("../lib/x.ts", "export const x = 'shared';")
        .with("../node_modules/lib/index.js", "module.exports = 'a package';")
        .with(
            "main.ts", "import { x } from '../lib/x'; import lib from 'lib';console.log(x, lib);");
    assertThat(kit.bundle().code()).contains("shared", "a package");
  }

  @Test
  void harmedFilesOfTheCacheAreAsGoodAsNone() throws Exception {
    kit.with("main.ts", "export const x = 'right';");
    Bundle bundle = settled();
    try (var files = Files.list(kit.cache.resolve("bundles"))) {
      for (Path file : files.toList()) {
        Files.writeString(file, Files.readString(file).replace("right", "wrong"));
      }
    }
    assertThat(kit.bundle()).isEqualTo(bundle);
    try (var files = Files.list(kit.cache.resolve("bundles"))) {
      for (Path file : files.toList()) {
        Files.writeString(file, "{");
      }
    }
    assertThat(kit.bundle()).isEqualTo(bundle);
  }

  @Test
  void compiledCodeIsKeptForOneGuestAlone() throws Exception {
    kit.with("main.ts", "export const x = 1;");
    Bundle bundle = kit.bundle();
    Bundler bundler = new Bundler(kit.cache, Kit.modules(), Map.of(), kit.log::add);
    bundler.keep(bundle, "guest 1", "code");
    assertThat(bundler.compiled(bundle, "guest 1")).isEqualTo("code");
    assertThat(bundler.compiled(bundle, "guest 2")).isNull();
    assertThat(bundler.compiled(new Bundle("other", "{}", "0"), "guest 1")).isNull();
  }

  @Test
  void aCacheThatOthersCanWriteToIsRefused() throws Exception {
    kit.with("main.ts", "export const x = 1;");
    Files.createDirectories(kit.cache);
    new ProcessBuilder("chmod", "777", kit.cache.toString()).start().waitFor();
    assertThat(kit.refusal()).hasMessageContaining("others can write to it");
  }

  @Test
  void aBundlerThatIsMissingOrAnotherIsTold() throws Exception {
    kit.with("main.ts", "export const x = 1;");
    kit.environment = Map.of("CAPSULE_ESBUILD", "esbuild");
    assertThat(kit.refusal()).hasMessageContaining("must be the absolute path");
    kit.environment = Map.of("CAPSULE_ESBUILD", "/bin/echo");
    assertThat(kit.refusal()).hasMessageContaining("is needed");
    Bundler none = new Bundler(kit.cache, folder.resolve("none"), Map.of(), kit.log::add);
    try {
      none.bundle(kit.root, kit.root.resolve("main.ts"), null);
      throw new AssertionError("it was bundled");
    } catch (BundleException e) {
      assertThat(e).hasMessageContaining("install Node 20 or newer and run ./capsule build");
    }
  }

  @Test
  void aBundlingThatTakesTooLongOrIsNotWantedEnds() throws Exception {
    kit.with("main.ts", "export const x = 1;");
    Path slow = kit.outside.resolve("slow");
    Files.writeString(slow, "#!/bin/sh\ncase $1 in --version) echo 0.28.0;; *) sleep 600;; esac\n");
    new ProcessBuilder("chmod", "700", slow.toString()).start().waitFor();
    kit.environment = Map.of("CAPSULE_ESBUILD", slow.toString());
    Thread.currentThread().interrupt();
    try {
      kit.bundle();
      throw new AssertionError("it was bundled");
    } catch (InterruptedException e) {
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
  }
}
