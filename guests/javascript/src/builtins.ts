// Node's built-in modules as programs import them, by `node:NAME` and by `NAME`.

import "./web/fetch-globals.ts";
import assert from "./node/assert.ts";
import assertStrict from "./node/assert/strict.ts";
import asyncHooks from "./node/async_hooks.ts";
import buffer from "./node/buffer.ts";
import console from "./node/console.ts";
import constants from "./node/constants.ts";
import crypto from "./node/crypto.ts";
import diagnosticsChannel from "./node/diagnostics_channel.ts";
import events from "./node/events.ts";
import fs from "./node/fs.ts";
import fsPromises from "./node/fs/promises.ts";
import { setAvailable } from "./node/internal/names.ts";
import { ALL_NAMES, placeholder } from "./node/internal/unavailable.ts";
import module, { fillBuiltinModules, setModules } from "./node/module.ts";
import net from "./node/net.ts";
import os from "./node/os.ts";
import path from "./node/path.ts";
import posix from "./node/path/posix.ts";
import win32 from "./node/path/win32.ts";
import perfHooks from "./node/perf_hooks.ts";
import process from "./node/process.ts";
import punycode from "./node/punycode.ts";
import querystring from "./node/querystring.ts";
import stream from "./node/stream.ts";
import streamConsumers from "./node/stream/consumers.ts";
import streamPromises from "./node/stream/promises.ts";
import streamWeb from "./node/stream/web.ts";
import stringDecoder from "./node/string_decoder.ts";
import timers from "./node/timers.ts";
import timersPromises from "./node/timers/promises.ts";
import tty from "./node/tty.ts";
import url from "./node/url.ts";
import util from "./node/util.ts";
import utilTypes from "./node/util/types.ts";
import zlib from "./node/zlib.ts";

const MODULES: Readonly<Record<string, object>> = {
  assert,
  "assert/strict": assertStrict,
  async_hooks: asyncHooks,
  buffer,
  console,
  constants,
  crypto,
  diagnostics_channel: diagnosticsChannel,
  events,
  fs,
  "fs/promises": fsPromises,
  module,
  net,
  os,
  path,
  "path/posix": posix,
  "path/win32": win32,
  perf_hooks: perfHooks,
  process,
  punycode,
  querystring,
  stream,
  "stream/consumers": streamConsumers,
  "stream/promises": streamPromises,
  "stream/web": streamWeb,
  string_decoder: stringDecoder,
  sys: util,
  timers,
  "timers/promises": timersPromises,
  tty,
  url,
  util,
  "util/types": utilTypes,
  zlib,
};

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** What `import` gives: the default export is the module, and its properties are exports as well. */
function exportsOf(module: object): { default: unknown } {
  const names = Reflect.ownKeys(module).filter(
    (name): name is string => typeof name === "string" && IDENTIFIER.test(name) && name !== "prototype",
  );
  const isFunction = typeof module === "function";
  const own = names.filter((name) => !isFunction || !["length", "name", "arguments", "caller"].includes(name));
  const values = Object.fromEntries(own.map((name) => [name, (module as Record<string, unknown>)[name]]));
  return { ...values, default: module };
}

/** Names that only `node:` makes a module's, as in Node. */
const PREFIXED = new Set(["test"]);

const table: Record<string, { default: unknown }> = {};
for (const name of ALL_NAMES) {
  const standIns = placeholder(name);
  // A name that Node has must be there to be imported, or the program could not even begin.
  const exports = { ...standIns, ...exportsOf(MODULES[name] ?? standIns) };
  table[`node:${name}`] = exports;
  if (!PREFIXED.has(name)) {
    table[name] = exports;
  }
}
setAvailable(ALL_NAMES.filter((name) => !PREFIXED.has(name)));
fillBuiltinModules();
setModules(table);

export const builtins: Readonly<Record<string, object>> = table;
