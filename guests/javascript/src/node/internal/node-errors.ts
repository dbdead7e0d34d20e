// Node's errors, by their codes.

import errors from "node-lib:internal/errors";

type ErrorClass = new (...args: unknown[]) => Error & { code: string };

export const codes = errors.codes as Record<
  | "ERR_BUFFER_OUT_OF_BOUNDS"
  | "ERR_CRYPTO_HASH_FINALIZED"
  | "ERR_CRYPTO_INVALID_DIGEST"
  | "ERR_CRYPTO_INVALID_KEYLEN"
  | "ERR_CRYPTO_SCRYPT_INVALID_PARAMETER"
  | "ERR_FS_EISDIR"
  | "ERR_FS_FILE_TOO_LARGE"
  | "ERR_INVALID_ARG_TYPE"
  | "ERR_INVALID_ARG_VALUE"
  | "ERR_INVALID_FILE_URL_HOST"
  | "ERR_INVALID_FILE_URL_PATH"
  | "ERR_INVALID_URL_SCHEME"
  | "ERR_OUT_OF_RANGE",
  ErrorClass
>;

export const AbortError = errors.AbortError as ErrorClass;

/** An error of the system, as Node words them. */
export function systemError(code: string, text: string, errno: number, syscall: string, path?: string, dest?: string): Error {
  const where = path === undefined ? "" : dest === undefined ? ` '${path}'` : ` '${path}' -> '${dest}'`;
  const error = new Error(`${code}: ${text}, ${syscall}${where}`);
  const places = { ...(path !== undefined && { path }), ...(dest !== undefined && { dest }) };
  return Object.assign(error, { errno: -errno, code, syscall, ...places });
}
