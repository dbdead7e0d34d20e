/**
 * A package of npm, bundled with the program: zod checks what a task was given.
 *
 *     npm install --prefix examples/typescript
 *     capsule run examples/typescript/packages/main.ts '{"title": "Sea salt", "tags": ["food"], "stars": 4}'
 */
import { task } from "@capsule/sdk";
import { z } from "zod";

const Article = z.object({
  title: z.string().min(1),
  tags: z.array(z.string()).default([]),
  stars: z.number().int().min(1).max(5),
});

export const main = task({ name: "main", compute: "LOW" }, (article: unknown) => {
  const parsed = Article.safeParse(article);
  if (parsed.success) {
    return { ok: parsed.data };
  }
  return { problems: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) };
});
