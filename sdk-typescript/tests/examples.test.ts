/** The examples, run as their readers run them; their sums are checked against sums done here. */

import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { close, type OutputEvent, run } from "../src/index.js";
import { CHECKOUT, temporaryFolder } from "./helpers.js";

const EXAMPLES = join(CHECKOUT, "examples/typescript");

afterAll(close);

/** What a program prints, in lines. */
function runAsScript(
  file: string,
  args: string[] = [],
  env: Record<string, string> = {},
): string[] {
  const shown = execFileSync(process.execPath, ["--import", "tsx", file, ...args], {
    cwd: EXAMPLES,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return shown.trimEnd().split("\n");
}

/** The result of a program's task, and what it printed. */
async function resultOf(
  file: string,
  args: unknown[] = [],
  task?: string,
): Promise<[unknown, string]> {
  let shown = "";
  const onOutput = ({ text }: OutputEvent): void => {
    shown += text;
  };
  const { error, result } = await run({ file, args, onOutput, ...(task ? { task } : {}) });
  expect(error).toBeNull();
  return [result, shown];
}

test("hello", async () => {
  const file = join(EXAMPLES, "hello.ts");
  expect((await resultOf(file))[0]).toBe("Hello, world!");
  const [result, shown] = await resultOf(file, ["Ada"]);
  expect(result).toBe("Hello, Ada!");
  expect(shown).toMatch(/^inside the sandbox: .+\n$/);
  expect(runAsScript("hello.ts").at(-1)).toBe("Hello, world!");
});

test("limits", () => {
  const names = runAsScript("limits.ts").map((line) => line.split(" ")[0]);
  expect(names).toEqual(["OutOfFuel", "TaskTimeout", "OutOfMemory", "StackOverflow", "TaskError"]);
});

test("sales", async () => {
  const folder = join(temporaryFolder(), "sales");
  cpSync(join(EXAMPLES, "sales"), folder, {
    recursive: true,
    filter: (file) => !["data", "out"].includes(basename(file)),
  });
  cpSync(join(EXAMPLES, "package.json"), join(folder, "package.json"));
  symlinkSync(join(CHECKOUT, "node_modules"), join(folder, "node_modules"));
  runAsScript(join(folder, "generate.ts"));
  const regions = new Map<string, { region: string; orders: number; cents: number }>();
  const [, ...lines] = readFileSync(join(folder, "data/orders.csv"), "utf8").trim().split("\n");
  for (const line of lines) {
    const [, region = "", cents] = line.split(",");
    const sum = regions.get(region) ?? { region, orders: 0, cents: 0 };
    regions.set(region, { region, orders: sum.orders + 1, cents: sum.cents + Number(cents) });
  }
  expect(regions.size).toBe(5);
  const report = {
    regions: [...regions.keys()].sort().map((each) => regions.get(each)),
    orders: 20_000,
  };
  expect((await resultOf(join(folder, "main.ts")))[0]).toEqual(report);
  expect(JSON.parse(readFileSync(join(folder, "out/report.json"), "utf8"))).toEqual(report);
  expect(runAsScript(join(folder, "main.ts")).at(-1)).toBe("20000 orders");
});

test("http", () => {
  const [products, advert, ...requests] = runAsScript("http/main.ts");
  expect(products).toBe("Products: lamp, chair, table");
  expect(advert).toMatch(/^Advert: refused: .*127\.0\.0\.1:\d+ is not granted to the task/);
  expect(requests.map((line) => line.trim().replaceAll(/:\d+/g, ":PORT"))).toEqual([
    "GET http://127.0.0.1:PORT/advert -> 302",
    "GET http://127.0.0.1:PORT/passwords -> not sent",
  ]);
});

test("tools", () => {
  expect(runAsScript("tools/main.ts", [], { SEARCH_API_KEY: "" })).toEqual([
    "The search failed. Error: set SEARCH_API_KEY to use the search engine",
  ]);
  expect(runAsScript("tools/main.ts", ["heat", "stream"], { SEARCH_API_KEY: "secret" })).toEqual([
    "The sandbox saw the key: false",
    "In short: Ocean currents carry heat from the equator towards the poles.",
    "In short: The Gulf Stream is one of the strongest ocean currents.",
  ]);
});

test("packages", async () => {
  const expected = {
    people: [
      { name: "Ada", age: 36 },
      { name: "Hopper, Grace", age: 85 },
    ],
    refused: ["row 3: name", "row 4: age"],
  };
  expect((await resultOf(join(EXAMPLES, "packages/main.ts")))[0]).toEqual(expected);
  expect(JSON.parse(runAsScript("packages/main.ts").at(-1) ?? "")).toEqual(expected);
});

test("untrusted", async () => {
  const shown = runAsScript("untrusted/main.ts").join("\n");
  expect(shown).toContain("\n  [0,1,4,9,16,25,36,49,64,81]\n");
  expect(shown).toContain("process.env\n  {}\n");
  expect(shown).toMatch(/readFileSync.*\n {2}task_error: .*/);
  expect(shown).toMatch(/fetch.*\n {2}task_error: .*/);
  expect(shown).toContain('\n  "done"\n');
  expect(shown).toContain('\n  "a fresh sandbox"\n');
  expect(shown).toMatch(/while \(true\) \{\}\n {2}(out_of_fuel|timeout): /);
  const [result] = await resultOf(join(EXAMPLES, "untrusted/main.ts"), ["1 + 1"]);
  expect(result).toBe(2);
});
