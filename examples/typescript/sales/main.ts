/**
 * Sums 20,000 orders, one sandbox a region, all regions at once.
 *
 *     npx tsx sales/generate.ts
 *     capsule run examples/typescript/sales/main.ts
 *
 * A region's task may read ./data and nothing else. `main` may read it, too, and write to ./out.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { task } from "@capsule/sdk";

interface Sum {
  region: string;
  orders: number;
  cents: number;
}

function readOrders(): { region: string; cents: number }[] {
  const [, ...lines] = readFileSync("data/orders.csv", "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const [, region = "", cents] = line.split(",");
    return { region, cents: Number(cents) };
  });
}

export const sumRegion = task(
  { name: "sumRegion", allowedFiles: ["./data:ro"] },
  (region: string): Sum => {
    const orders = readOrders().filter((order) => order.region === region);
    console.log(`${region}: ${orders.length} orders`);
    return {
      region,
      orders: orders.length,
      cents: orders.reduce((sum, { cents }) => sum + cents, 0),
    };
  },
);

export const main = task({ name: "main", allowedFiles: ["./data:ro", "./out:rw"] }, async () => {
  const regions = [...new Set(readOrders().map(({ region }) => region))].sort();
  const sums = await Promise.all(regions.map((region) => sumRegion(region)));
  const report = {
    regions: sums,
    orders: sums.reduce((all, { orders }) => all + orders, 0),
  };
  writeFileSync("out/report.json", JSON.stringify(report));
  return report;
});

console.log((await main()).orders, "orders");
