// DOMException as Web IDL has it: https://webidl.spec.whatwg.org/#idl-DOMException

const CODES: Readonly<Record<string, number>> = {
  IndexSizeError: 1,
  HierarchyRequestError: 3,
  WrongDocumentError: 4,
  InvalidCharacterError: 5,
  NoModificationAllowedError: 7,
  NotFoundError: 8,
  NotSupportedError: 9,
  InUseAttributeError: 10,
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidModificationError: 13,
  NamespaceError: 14,
  InvalidAccessError: 15,
  TypeMismatchError: 17,
  SecurityError: 18,
  NetworkError: 19,
  AbortError: 20,
  URLMismatchError: 21,
  QuotaExceededError: 22,
  TimeoutError: 23,
  InvalidNodeTypeError: 24,
  DataCloneError: 25,
};

/** Constants of the interface whose errors nobody throws any more. */
const HISTORIC: Readonly<Record<string, number>> = {
  DOMSTRING_SIZE_ERR: 2,
  NO_DATA_ALLOWED_ERR: 6,
  VALIDATION_ERR: 16,
};

export class DOMException extends Error {
  readonly #name: string;

  constructor(message = "", options: string | { name?: string; cause?: unknown } = "Error") {
    super();
    const named = typeof options === "object" && options !== null;
    this.#name = String(named ? (options.name ?? "Error") : options);
    const hidden = { writable: true, enumerable: false, configurable: true };
    Object.defineProperty(this, "message", { ...hidden, value: String(message) });
    if (named && "cause" in options) {
      Object.defineProperty(this, "cause", { ...hidden, value: options.cause });
    }
  }

  override get name(): string {
    return this.#name;
  }

  get code(): number {
    return Object.hasOwn(CODES, this.#name) ? (CODES[this.#name] as number) : 0;
  }

  get [Symbol.toStringTag](): string {
    return "DOMException";
  }
}

for (const name of ["name", "code"]) {
  Object.defineProperty(DOMException.prototype, name, { enumerable: true });
}

/** `InvalidCharacterError` is `INVALID_CHARACTER_ERR`. */
function constantOf(name: string): string {
  const words = name.replace(/Error$/, "").replace("URLMismatch", "UrlMismatch");
  return `${words.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase()}_ERR`;
}

const constants = Object.entries(CODES).map(([name, code]): [string, number] => [constantOf(name), code]);
for (const [constant, code] of [...constants, ...Object.entries(HISTORIC)]) {
  const fixed = { value: code, enumerable: true, writable: false, configurable: false };
  Object.defineProperty(DOMException, constant, fixed);
  Object.defineProperty(DOMException.prototype, constant, fixed);
}
