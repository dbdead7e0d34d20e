/**
 * Sums 50,000 orders and holds them against targets, one sandbox a region, all regions at once.
 *
 *     npx tsx examples/typescript/sales/generate.ts
 *     capsule run examples/typescript/sales/main.ts
 *
 * A region's task may read ./data and nothing else. `main` may read it, too, and write to ./out.
 */
import { readFile, writeFile } from "node:fs/promises";
import { task } from "@capsule/sdk";

interface RegionSum {
  region: string;
  orders: number;
  cents: number;
  share: number;
}

async function readTargets(): Promise<Record<string, number>> {
  return JSON.parse(await readFile("data/targets.json", "utf8"));
}

export const sumRegion = task(
  { name: "sum_region", allowedFiles: ["./data:ro"] },
  async (region: string): Promise<RegionSum> => {
    const targets = await readTargets();
    let orders = 0;
    let cents = 0;
    for (const line of (await readFile("data/orders.csv", "utf8")).split("\n")) {
      const [, where, amount] = line.split(",");
      if (where === region) {
        orders += 1;
        cents += Number(amount);
      }
    }
    console.log(`${region}: ${orders} orders`);
    return { region, orders, cents, share: cents / targets[region] };
  },
);

export const main = task({ name: "main", allowedFiles: ["./data:ro", "./out:rw"] }, async () => {
  const regions = Object.keys(await readTargets()).sort();
  const sums = await Promise.all(regions.map((region) => sumRegion(region)));
  const orders = sums.reduce((total, sum) => total + sum.orders, 0);
  const cents = sums.reduce((total, sum) => total + sum.cents, 0);
  await writeFile("out/report.md", report(sums));
  return { orders, cents, regions: sums, reached: sums.filter((sum) => sum.share >= 1).map((sum) => sum.region) };
});

function report(sums: RegionSum[]): string {
  const rows = sums.map(({ region, orders, cents, share }) => `| ${region} | ${orders} | ${cents / 100} | ${Math.round(100 * share)} % |`);
  return ["| region | orders | amount | of target |", "|---|---:|---:|---:|", ...rows, ""].join("\n");
}
