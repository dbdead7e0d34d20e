/**
 * npm packages inside the sandbox: papaparse reads a CSV, zod checks its rows. They are bundled with
 * the task when it is first run; nothing is installed in the sandbox.
 *
 *     capsule run examples/typescript/packages/main.ts
 */
import { task } from "@capsule/sdk";
import Papa from "papaparse";
import { z } from "zod";

const Row = z.object({
  name: z.string().min(1),
  age: z.coerce.number().int().min(0),
});

const CSV = `name,age
Ada,36
"Hopper, Grace",85
,12
Alan,forty-one
`;

export const main = task({ name: "main", timeout: "30s" }, (csv = CSV) => {
  const { data } = Papa.parse<unknown>(csv, {
    header: true,
    skipEmptyLines: true,
  });
  const people: z.infer<typeof Row>[] = [];
  const refused: string[] = [];
  for (const [index, row] of data.entries()) {
    const checked = Row.safeParse(row);
    if (checked.success) {
      people.push(checked.data);
    } else {
      refused.push(`row ${index + 1}: ${checked.error.issues[0]?.path.join(".")}`);
    }
  }
  return { people, refused };
});

console.log(JSON.stringify(await main()));
