/** Classes and functions by the names that they have in the bundle, which are not always those of the sources. */
export function setName(value: unknown, name: string): void {
  if (typeof value === "function" && value.name !== name && Object.getOwnPropertyDescriptor(value, "name")?.configurable) {
    Object.defineProperty(value, "name", { value: name, configurable: true });
  }
}

/** Defines globals as platforms do: not enumerable, but for the program to replace. */
export function defineGlobals(values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    setName(value, name);
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
  }
}
