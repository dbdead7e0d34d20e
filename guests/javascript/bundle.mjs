// Bundles the guest's own modules into the one script that is run before the snapshot:
//   node bundle.mjs ENTRY OUT
// Libraries find Node's builtins in src/node, whether they import or require them, with or without "node:".

import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const SOURCES = join(HERE, "src");

const NODE = join(HERE, "vendor", "node", "lib");

/** Parts of libraries that the sandbox has in native code, or does better without. */
const REPLACED = {
  "@exodus/bytes/utf8.js": "web/utf8.ts",
  "abort-controller": "node/internal/abort-controller.cjs",
  tr46: "web/tr46.cjs",
};

/** Internal files of Node that the sandbox has its own of. */
const INTERNAL = {
  "internal/assert/utils": "node/internal/falsy.ts",
  "internal/encoding": "web/encoding.ts",
  "internal/url": "node/internal/urls.ts",
};

/** undici's own connections to servers: the sandbox's requests go through the host. */
const DISPATCHER = /undici\/lib\/global(\.js)?$/;

const NAMES = JSON.parse(readFileSync(join(SOURCES, "node/internal/node-names.json"), "utf8"));
const BUILTIN = /^(?:node:)?([a-z][a-z0-9_]*(?:\/[a-z0-9_]+)?)\/?$/;

function fileOf(name) {
  return [`${name}.ts`, `${name}/index.ts`].map((file) => join(SOURCES, "node", file)).find(existsSync);
}

/** A module for `require`: what it gives is the default export, as in Node. */
function required(name) {
  const file = fileOf(name);
  if (file !== undefined) {
    return `module.exports = require(${JSON.stringify(file)}).default;`;
  }
  if (!Object.hasOwn(NAMES, name)) {
    return `throw new Error("Cannot find module 'node:${name}'");`;
  }
  const unavailable = JSON.stringify(join(SOURCES, "node/internal/unavailable.ts"));
  return `module.exports = require(${unavailable}).placeholder(${JSON.stringify(name)});`;
}

/** What Node gives to the files of its own library. */
const PRELUDE = `
  const { internalBinding } = require("${SOURCES}/node/internal/binding.ts");
  const { process } = require("${SOURCES}/node/internal/process.ts");
  const { primordials } = require("capsule:primordials");
`;

/** Files that Node's library requires by a name that is not a literal. */
const BY_NAME = ["internal/encoding", "internal/mime", "internal/util/parse_args/parse_args"]
  .map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(name)})`)
  .join(", ");

const PRIMORDIALS = `
  const primordials = {};
  require("${NODE}/internal/per_context/primordials.js")(primordials);
  exports.primordials = primordials;
`;

/**
 * Places in libraries that do not fit here: errors that Node words in another way; and what counts on garbage being
 * collected later, where this engine frees objects as soon as nothing holds them.
 */
const PATCHES = [
  {
    file: /undici\/lib\/web\/fetch\/index\.js$/,
    from: "responseObject = new WeakRef(fromInnerResponse(response, 'immutable'))",
    to: "const made = fromInnerResponse(response, 'immutable')\nresponseObject = new WeakRef(made)",
  },
  {
    // Only for timings, which are not kept here; node:stream cannot wait for the web's streams of another maker.
    file: /undici\/lib\/web\/fetch\/index\.js$/,
    from: "finished(internalResponse.body.stream, () => {",
    to: "queueMicrotask(() => {",
  },
  {
    file: /undici\/lib\/web\/fetch\/request\.js$/,
    from: "list.add(acRef)",
    to: "list.add({ deref: () => ac })",
  },
  {
    file: /undici\/lib\/web\/fetch\/body\.js$/,
    from: "if (stream && !stream.locked",
    to: "if (false && stream && !stream.locked",
  },
  {
    file: /whatwg-url\/lib\/URL-impl\.js$/,
    from: "throw new TypeError(`Invalid URL: ${url}`);",
    to: 'throw Object.assign(new TypeError("Invalid URL"), { code: "ERR_INVALID_URL", input: url });',
  },
];

const resolver = {
  name: "capsule",
  setup(build) {
    build.onResolve({ filter: /^capsule:primordials$/ }, ({ path }) => ({ path, namespace: "primordials" }));
    build.onLoad({ filter: /./, namespace: "primordials" }, () => ({ contents: PRIMORDIALS, resolveDir: SOURCES }));

    build.onResolve({ filter: /^node-lib:/ }, ({ path }) => ({ path: join(NODE, `${path.slice(9)}.js`) }));
    build.onLoad({ filter: /vendor\/node\/lib\/.*\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const contents = path.endsWith("/primordials.js")
        ? `module.exports = function (primordials) {${source}\n};`
        : PRELUDE.replaceAll("\n", " ") + source.replaceAll("require(id)", `({ ${BY_NAME} })[id]()`);
      return { contents, resolveDir: dirname(path), loader: "js" };
    });

    build.onResolve({ filter: /^[^.]/ }, ({ path, kind, importer }) => {
      if (isAbsolute(path) || kind === "entry-point") {
        return undefined;
      }
      const replaced = REPLACED[path];
      if (replaced !== undefined && !importer.endsWith(replaced)) {
        return { path: join(SOURCES, replaced) };
      }
      if (importer.startsWith(NODE) && Object.hasOwn(INTERNAL, path)) {
        return { path: join(SOURCES, INTERNAL[path]) };
      }
      if (importer.startsWith(NODE) && !existsSync(join(NODE, `${path}.js`)) && fileOf(path) === undefined) {
        return { path, namespace: "shim" };
      }
      if (importer.startsWith(NODE) && path.startsWith("internal/")) {
        return { path: join(NODE, `${path}.js`) };
      }
      const name = BUILTIN.exec(path)?.[1];
      const isPackage = importer.startsWith(SOURCES) && !path.startsWith("node:");
      if (name === undefined || isPackage || !(path.startsWith("node:") || Object.hasOwn(NAMES, name) || fileOf(name))) {
        return undefined;
      }
      return kind === "require-call" ? { path: name, namespace: "required" } : { path: fileOf(name) };
    });
    build.onLoad({ filter: /./, namespace: "required" }, ({ path }) => ({
      contents: required(path),
      resolveDir: SOURCES,
    }));
    build.onLoad({ filter: /./, namespace: "shim" }, ({ path }) => ({
      contents: `module.exports = require("${SOURCES}/node/internal/shims.ts").shim(${JSON.stringify(path)});`,
      resolveDir: SOURCES,
    }));

    build.onLoad({ filter: /node_modules/ }, ({ path }) => {
      const patches = PATCHES.filter(({ file }) => file.test(path));
      if (patches.length === 0) {
        return undefined;
      }
      let contents = readFileSync(path, "utf8");
      for (const { from, to } of patches) {
        if (contents.split(from).length !== 2) {
          throw new Error(`${path} is not what bundle.mjs patches: ${from}`);
        }
        contents = contents.replace(from, to);
      }
      return { contents };
    });

    build.onResolve({ filter: DISPATCHER }, () => ({ path: join(SOURCES, "web/dispatcher.ts") }));
    build.onResolve({ filter: /^\./ }, ({ path, resolveDir }) =>
      DISPATCHER.test(join(resolveDir, path)) ? { path: join(SOURCES, "web/dispatcher.ts") } : undefined,
    );
  },
};

const [entry, out] = process.argv.slice(2);
const { metafile } = await build({
  metafile: true,
  entryPoints: [entry],
  outfile: out,
  bundle: true,
  format: "iife",
  platform: "neutral",
  mainFields: ["module", "main"],
  conditions: [],
  target: "es2023",
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  logLevel: "warning",
  plugins: [resolver],
});

if (process.env.SIZES !== undefined) {
  const inputs = Object.entries(Object.values(metafile.outputs)[0].inputs);
  for (const [file, { bytesInOutput }] of inputs.sort((one, other) => other[1].bytesInOutput - one[1].bytesInOutput)) {
    console.log(String(bytesInOutput).padStart(8), file);
  }
}
