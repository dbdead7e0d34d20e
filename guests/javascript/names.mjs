// Writes src/node/internal/node-names.json: what Node's built-in modules export. Run it with the Node of package.json.

import { createRequire, builtinModules } from "node:module";
import { writeFileSync } from "node:fs";

const require = createRequire(import.meta.url);
const here = new URL("./src/node/", import.meta.url);
/** Objects that are plain data. */
const DATA = new Set(["http.METHODS", "http.STATUS_CODES"]);

process.noDeprecation = true;

function kindOf(name, value) {
  if (typeof value === "function") {
    return "function";
  }
  return typeof value === "object" && value !== null && !DATA.has(name) ? "object" : "value";
}

const all = {};
for (const name of [...builtinModules, "test"].filter((one) => !one.startsWith("_")).sort()) {
  const module = require(`node:${name}`);
  const found = { function: [], object: [], value: {} };
  for (const key of Object.keys(module).sort()) {
    if (!/^[A-Za-z$][\w$]*$/.test(key) || key === "default") {
      continue;
    }
    const kind = kindOf(`${name}.${key}`, module[key]);
    if (kind === "value") {
      found.value[key] = typeof module[key] === "symbol" ? String(module[key]) : module[key];
    } else {
      found[kind].push(key);
    }
  }
  all[name] = found;
}
const lines = Object.entries(all).map(([name, found]) => `  ${JSON.stringify(name)}: ${JSON.stringify(found)}`);
writeFileSync(new URL("internal/node-names.json", here), `{\n${lines.join(",\n")}\n}\n`);
