// A task that uses an npm package.
import { task } from "@capsule/sdk";
import { z } from "zod";

export const bundled = task({ name: "bundled" }, (value: unknown) => {
  const parsed = z.object({ n: z.number() }).safeParse(value);
  return parsed.success ? parsed.data.n : "refused";
});
