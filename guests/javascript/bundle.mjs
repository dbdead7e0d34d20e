// Bundles the guest's own modules into the one script that is run before the snapshot:
//   node bundle.mjs ENTRY OUT
// To be run by the Node of package.json, whose library it takes parts of: those that are the same code for every platform,
// so that node:util, node:events, node:path, node:assert and the like behave to the letter as outside. Libraries find Node's builtins in src/node, whether they import or require them, with or without "node:".

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const SOURCES = join(HERE, "src");

const [entry, out] = process.argv.slice(2);

/** Where the files of Node's library are put. */
const NODE = join(dirname(out), "node-library");

/** Node's own files that are used, as they are. What they require of others is in src/node/internal/shims.ts. */
const NODE_FILES = [
  "assert",
  "assert/strict",
  "diagnostics_channel",
  "events",
  "internal/assert",
  "internal/assert/assertion_error",
  "internal/assert/calltracker",
  "internal/constants",
  "internal/errors",
  "internal/events/abort_listener",
  "internal/events/symbols",
  "internal/fixed_queue",
  "internal/mime",
  "internal/per_context/primordials",
  "internal/querystring",
  "internal/util",
  "internal/util/colors",
  "internal/util/comparisons",
  "internal/util/debuglog",
  "internal/util/inspect",
  "internal/util/parse_args/parse_args",
  "internal/util/parse_args/utils",
  "internal/util/types",
  "internal/validators",
  "path",
  "punycode",
  "querystring",
  "url",
  "util",
];

/** Node carries the source of its library within itself, and publishes it in no other package. */
function writeNodeLibrary() {
  const wanted = JSON.parse(readFileSync(join(HERE, "package.json"), "utf8")).optionalDependencies;
  if (!Object.values(wanted).includes(process.versions.node)) {
    throw new Error(`bundle.mjs must be run by the Node of package.json, not by ${process.version}`);
  }
  process.noDeprecation = true;
  const sources = process.binding("natives");
  for (const name of NODE_FILES) {
    const file = join(NODE, `${name}.js`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, sources[name]);
  }
}

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
    build.onLoad({ filter: /node-library.*\.js$/ }, ({ path }) => {
      if (!path.startsWith(NODE)) {
        return undefined;
      }
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

writeNodeLibrary();
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
