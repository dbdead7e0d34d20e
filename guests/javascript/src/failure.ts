/** The error objects of the contract with the host. */

export interface ErrorFields {
  readonly type: string;
  readonly message: string;
  readonly class: string | null;
  readonly traceback: string | null;
  readonly task?: string | null;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** An operation of the host ended with an error. What programs see of it is a TaskError (errors.ts). */
export class OperationFailure extends Error {
  constructor(readonly fields: ErrorFields) {
    super(fields.message);
  }
}

/** The request ends with these fields, which were made here. */
export class Refusal {
  constructor(readonly fields: ErrorFields) {}
}

const MAX_MESSAGE = 64 * 1024;

/** Valid Unicode of at most MAX_MESSAGE characters, with a note of what is missing. */
export function cut(text: string): string {
  if (text.length <= MAX_MESSAGE) {
    return text.toWellFormed();
  }
  return `${text.slice(0, MAX_MESSAGE).toWellFormed()}… (${text.length - MAX_MESSAGE} more characters)`;
}

export function fields(
  type: string,
  message: string,
  className: string | null = null,
  traceback: string | null = null,
  place: { file?: string; line?: number; column?: number } = {},
): ErrorFields {
  return { type, message: cut(message), class: className, traceback, ...place };
}
