// runwasi.mjs PROGRAM.wasm IN OUT: runs a WASI program with its standard streams from and to files.
import { openSync, readFileSync } from "node:fs";
import { WASI } from "node:wasi";

const [program, input, output] = process.argv.slice(2);
const wasi = new WASI({ version: "preview1", stdin: openSync(input), stdout: openSync(output, "w"), returnOnExit: true });
const { instance } = await WebAssembly.instantiate(readFileSync(program), wasi.getImportObject());
process.exitCode = wasi.start(instance);
