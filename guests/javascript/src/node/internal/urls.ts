// Between URLs and paths, as Node's lib/internal/url.js has it on POSIX systems.

import { URL, URLSearchParams } from "../../web/url.ts";
import { codes } from "./node-errors.ts";
import path from "node-lib:path";
import { domainToASCII } from "./domains.ts";

export { URL, URLSearchParams, domainToASCII };
export const domainToUnicode = domainToASCII.toUnicode;

export const unsafeProtocol = new Set(["javascript", "javascript:"]);
export const hostlessProtocol = new Set(["javascript", "javascript:"]);
export const slashedProtocol = new Set(
  ["http", "https", "ftp", "gopher", "file", "ws", "wss"].flatMap((scheme) => [scheme, `${scheme}:`]),
);

export function isURL(value: unknown): value is URL {
  const url = value as { href?: unknown; protocol?: unknown; auth?: unknown; path?: unknown } | null | undefined;
  return Boolean(url?.href && url.protocol && url.auth === undefined && url.path === undefined);
}

export function fileURLToPath(value: string | URL, options?: { windows?: boolean }): string {
  const url = typeof value === "string" ? new URL(value) : value;
  if (!isURL(url)) {
    throw new codes.ERR_INVALID_ARG_TYPE("path", ["string", "URL"], value);
  }
  if (url.protocol !== "file:") {
    throw new codes.ERR_INVALID_URL_SCHEME("file");
  }
  return options?.windows ? windowsPath(url) : posixPath(url);
}

function posixPath(url: URL): string {
  if (url.hostname !== "") {
    throw new codes.ERR_INVALID_FILE_URL_HOST("wasi");
  }
  if (/%2f/i.test(url.pathname)) {
    throw new codes.ERR_INVALID_FILE_URL_PATH("must not include encoded / characters");
  }
  return decodeURIComponent(url.pathname);
}

function windowsPath(url: URL): string {
  if (/%2f|%5c/i.test(url.pathname)) {
    throw new codes.ERR_INVALID_FILE_URL_PATH("must not include encoded \\ or / characters");
  }
  const name = decodeURIComponent(url.pathname.replaceAll("/", "\\"));
  if (url.hostname !== "") {
    return `\\\\${domainToUnicode(url.hostname)}${name}`;
  }
  if (!/^\\[a-z]:/i.test(name)) {
    throw new codes.ERR_INVALID_FILE_URL_PATH("must be absolute");
  }
  return name.slice(1);
}

const ESCAPED: Readonly<Record<string, string>> = {
  "%": "%25",
  "\\": "%5C",
  "\n": "%0A",
  "\r": "%0D",
  "\t": "%09",
  "?": "%3F",
  "#": "%23",
};

export function pathToFileURL(file: string, _options?: unknown): URL {
  const resolved = path.resolve(file);
  const isFolder = file.endsWith("/") && !resolved.endsWith("/");
  const url = new URL("file:///");
  url.pathname = `${resolved}${isFolder ? "/" : ""}`.replace(/[%\\\n\r\t?#]/g, (character) => ESCAPED[character] as string);
  return url;
}

export function toPathIfFileURL(value: unknown): unknown {
  return isURL(value) ? fileURLToPath(value) : value;
}

export function urlToHttpOptions(url: URL): Record<string, unknown> {
  const { hostname, pathname, port, username, password, search } = url;
  const options: Record<string, unknown> = {
    __proto__: null,
    ...url,
    protocol: url.protocol,
    hostname: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    hash: url.hash,
    search,
    pathname,
    path: `${pathname}${search}`,
    href: url.href,
  };
  if (port !== "") {
    options.port = Number(port);
  }
  if (username || password) {
    options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  }
  return options;
}
