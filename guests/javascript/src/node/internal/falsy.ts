// `assert(value)` and `assert.ok(value)`. Node shows the call's source text; it is not at hand here.

import AssertionError from "node-lib:internal/assert/assertion_error";

const MISSING = "No value argument passed to `assert.ok()`";

export function innerOk(caller: unknown, count: number, value?: unknown, message?: unknown): void {
  if (value) {
    return;
  }
  if (message instanceof Error) {
    throw message;
  }
  const text = count === 0 ? MISSING : message;
  const error = new AssertionError({
    actual: value,
    expected: true,
    message: text ?? "The expression evaluated to a falsy value",
    operator: "==",
    stackStartFn: caller,
  });
  error.generatedMessage = text === undefined || count === 0;
  throw error;
}
