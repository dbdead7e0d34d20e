/** Names of the built-in modules, without `node:`. */
const available = new Set<string>();

export function setAvailable(names: Iterable<string>): void {
  for (const name of names) {
    available.add(name);
  }
}

export function isAvailable(name: string): boolean {
  return available.has(name.replace(/^node:/, ""));
}

export function availableNames(): string[] {
  return [...available].sort();
}
