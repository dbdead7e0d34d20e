import { inspect as show } from "node:util";
import { cases } from "CASES";

/** What each case gives, as text: its value, or the error that it throws. */
export async function main() {
  const found = {};
  for (const [name, run] of Object.entries(cases)) {
    try {
      found[name] = show(await run(), { depth: 8, maxArrayLength: 300, breakLength: Number.POSITIVE_INFINITY });
    } catch (error) {
      found[name] = `throws ${error?.name} ${error?.code} ${error?.message}`;
    }
  }
  return found;
}
