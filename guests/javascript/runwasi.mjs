// runwasi.mjs PROGRAM.wasm IN OUT: runs a WASI program with its standard streams from and to files. What else it imports
// it must not call.
import { openSync, readFileSync } from "node:fs";
import { WASI } from "node:wasi";

const [program, input, output] = process.argv.slice(2);
const wasi = new WASI({ version: "preview1", stdin: openSync(input), stdout: openSync(output, "w"), returnOnExit: true });
const module = await WebAssembly.compile(readFileSync(program));
const imports = wasi.getImportObject();
for (const { module: from, name } of WebAssembly.Module.imports(module)) {
  imports[from] ??= {};
  imports[from][name] ??= () => {
    throw new Error(`there is no ${from} ${name}`);
  };
}
process.exitCode = wasi.start(await WebAssembly.instantiate(module, imports));
