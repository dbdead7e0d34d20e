/** Writes data/orders.csv: 20,000 orders, always the same. */
import { mkdirSync, writeFileSync } from "node:fs";

const REGIONS = ["africa", "america", "asia", "europe", "oceania"];
const data = new URL("data/", import.meta.url);

let state = 42;
const random = (below: number): number => {
  state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
  return Math.floor((state / 2 ** 31) * below);
};

const lines = ["id,region,cents"];
for (let id = 1; id <= 20_000; id++) {
  lines.push(`${id},${REGIONS[random(REGIONS.length)]},${random(100_000)}`);
}
mkdirSync(data, { recursive: true });
mkdirSync(new URL("out/", import.meta.url), { recursive: true });
writeFileSync(new URL("orders.csv", data), `${lines.join("\n")}\n`);
