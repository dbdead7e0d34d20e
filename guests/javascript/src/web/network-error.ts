import { OperationFailure } from "../failure.ts";

/** Errors that the host ends requests with, by type or class: https://nodejs.org/api/errors.html#nodejs-error-codes */
const CODES: Readonly<Record<string, string>> = {
  policy_denied: "EACCES",
  overloaded: "EAGAIN",
  invalid_arguments: "ERR_INVALID_ARG_VALUE",
  ConnectionError: "ECONNRESET",
  TimeoutError: "ETIMEDOUT",
};

/** The `cause` of fetch's "fetch failed": what the host said, with advice in terms of this language. */
export function networkError(error: unknown): unknown {
  if (!(error instanceof OperationFailure)) {
    return error;
  }
  const { type, class: className } = error.fields;
  const message = error.message.replaceAll("allowed_hosts=[", "allowedHosts: [");
  const code = CODES[type] ?? (className === null ? undefined : CODES[className]) ?? "EIO";
  return Object.assign(new Error(message), { code });
}
