// componentize.mjs CORE.wasm WIT-FILE OUT.wasm: wraps a core module as a component of the world `interpreter`.
import { readFileSync, writeFileSync } from "node:fs";

import { componentEmbed, componentNew } from "@bytecodealliance/jco-transpile/wasm-tools";

const [core, wit, out] = process.argv.slice(2);
// jco's adapter of WASI's preview 1, which has no name among its exports
const adapter = new URL("../lib/wasi_snapshot_preview1.reactor.wasm", import.meta.resolve("@bytecodealliance/jco"));
const embedded = await componentEmbed({
  binary: readFileSync(core),
  witSource: readFileSync(wit, "utf8"),
  world: "interpreter",
});
writeFileSync(out, await componentNew(embedded, [["wasi_snapshot_preview1", readFileSync(adapter)]]));
