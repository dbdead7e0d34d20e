/**
 * Whether the program's modules are still being loaded. Then calling a task or a tool starts nothing: its promise is
 * never settled, so a module that both declares tasks and calls them is loaded as far as it declares them.
 */

let isLoading = false;
let awaited: string | undefined;

/** Whether modules are being loaded. */
export function loading(): boolean {
  return isLoading;
}

/** What was called first while loading, and is never going to settle; undefined: nothing. */
export function neverSettling(): string | undefined {
  return awaited;
}

/** A promise that is never settled. */
export function never(what: string): Promise<never> {
  awaited ??= what;
  return new Promise(() => undefined);
}

export function beginLoading(): void {
  isLoading = true;
  awaited = undefined;
}

export function endLoading(): void {
  isLoading = false;
}
