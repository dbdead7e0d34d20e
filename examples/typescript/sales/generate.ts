/**
 * Writes data/orders.csv and data/targets.json, the input of main.ts: 50,000 orders, the same ones every time.
 *
 *     npx tsx examples/typescript/sales/generate.ts [ROWS]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const REGIONS = ["east", "islands", "north", "south", "west"];

/** A generator of Lehmer: small, and the same numbers everywhere. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

export function generate(folder: string, rows: number): void {
  const choose = random(2025);
  const lines = ["order_id,region,cents"];
  for (let order = 1; order <= rows; order++) {
    lines.push(`${order},${REGIONS[choose(REGIONS.length)]},${100 + choose(99_900)}`);
  }
  mkdirSync(join(folder, "data"), { recursive: true });
  mkdirSync(join(folder, "out"), { recursive: true });
  writeFileSync(join(folder, "data", "orders.csv"), `${lines.join("\n")}\n`);
  const targets = Object.fromEntries(REGIONS.map((region, index) => [region, 100_000 * rows * (0.09 + 0.005 * index)]));
  writeFileSync(join(folder, "data", "targets.json"), `${JSON.stringify(targets, null, 2)}\n`);
}

generate(import.meta.dirname, Number(process.argv[2] ?? 50_000));
