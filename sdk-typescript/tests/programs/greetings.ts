export function greet(name: string): string {
  return `hello from a sibling module, ${name}`;
}
