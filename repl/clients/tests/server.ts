import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const LAUNCHER = resolve(fileURLToPath(import.meta.url), "../../../../capsule");

const PROGRAM = `\
from capsule import task

@task(name="search")
def search(query: str, limit: int = 10) -> dict:
    print("searching", query)
    return {"query": query, "limit": limit}

@task(name="fails")
def fails():
    raise ValueError("on purpose")

@task(name="endless", compute="HIGH")
def endless():
    print("begun", flush=True)
    while True:
        pass
`;

/** A folder with a program, and how the server for it is started. */
export function project(): {
  server: { command: string; args: string[]; cwd: string };
  remove: () => void;
} {
  const folder = mkdtempSync(join(tmpdir(), "capsule-mcp-"));
  writeFileSync(join(folder, "main.py"), PROGRAM);
  writeFileSync(join(folder, "notes.txt"), "notes\n");
  return {
    server: { command: LAUNCHER, args: ["mcp", "main.py", "--mount", "notes.txt:ro"], cwd: folder },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** All texts of a tool's result. */
export function textOf(content: unknown): string {
  return (content as { text?: string }[]).map((block) => block.text ?? "").join("\n");
}
