/** What the engine has beyond the language's standard. */

interface ErrorConstructor {
  stackTraceLimit: number;
  captureStackTrace(target: object, above?: unknown): void;
}
