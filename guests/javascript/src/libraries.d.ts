// Libraries without types of their own. What they are used for here is stated where it matters.

// biome-ignore-all lint/suspicious/noExplicitAny: these libraries are JavaScript

declare module "node-lib:*" {
  const exports: any;
  export default exports;
}

declare module "readable-stream/lib/stream.js" {
  const stream: any;
  export default stream;
}

declare module "string_decoder/" {
  export const StringDecoder: unknown;
}

declare module "buffer/" {
  export const Buffer: unknown;
  export const INSPECT_MAX_BYTES: number;
  export const SlowBuffer: unknown;
  export const kMaxLength: number;
}

declare module "undici/lib/web/fetch/index.js" {
  export function fetch(...args: unknown[]): Promise<unknown>;
}

declare module "undici/lib/web/fetch/formdata.js" {
  export const FormData: unknown;
}

declare module "undici/lib/web/fetch/headers.js" {
  export const Headers: unknown;
}

declare module "undici/lib/web/fetch/request.js" {
  export const Request: unknown;
}

declare module "undici/lib/web/fetch/response.js" {
  export const Response: unknown;
}

declare module "whatwg-url" {
  export class URLSearchParams {
    constructor(init?: unknown);
    toString(): string;
  }

  export class URL {
    constructor(url: string, base?: string);
    hash: string;
    host: string;
    hostname: string;
    href: string;
    readonly origin: string;
    password: string;
    pathname: string;
    port: string;
    protocol: string;
    search: string;
    username: string;
  }
}

declare module "*/tr46.cjs" {
  interface Options {
    checkBidi: boolean;
    checkJoiners: boolean;
    useSTD3ASCIIRules: boolean;
  }

  const tr46: {
    toASCII(domain: string, options: Options): string | null;
    toUnicode(domain: string, options: Options): { domain: string; error: boolean };
  };
  export default tr46;
}
