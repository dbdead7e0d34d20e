// https://fetch.spec.whatwg.org, as Node has it, by Node's own library. Requests are carried out by ./dispatcher.ts.

import { fetch as undiciFetch } from "undici/lib/web/fetch/index.js";

export { FormData } from "undici/lib/web/fetch/formdata.js";
export { Headers } from "undici/lib/web/fetch/headers.js";
export { Request } from "undici/lib/web/fetch/request.js";
export { Response } from "undici/lib/web/fetch/response.js";

export async function fetch(...args: [input: unknown, init?: unknown]): Promise<unknown> {
  return undiciFetch(...args);
}
