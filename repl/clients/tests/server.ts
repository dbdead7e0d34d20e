import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
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

interface Http {
  url: URL;
  requestInit: { headers: Record<string, string> };
}

/** A folder with a program, and how the server for it is started. */
export function project(): {
  server: { command: string; args: string[]; cwd: string };
  http: () => Promise<Http>;
  remove: () => Promise<void>;
} {
  const folder = mkdtempSync(join(tmpdir(), "capsule-mcp-"));
  writeFileSync(join(folder, "main.py"), PROGRAM);
  writeFileSync(join(folder, "notes.txt"), "notes\n");
  const args = ["mcp", "main.py", "--mount", "notes.txt:ro"];
  let listening: ChildProcess | undefined;
  return {
    server: { command: LAUNCHER, args, cwd: folder },
    http: async () => {
      const token = randomBytes(32).toString("hex");
      const env = { ...process.env, CAPSULE_MCP_TOKEN: token };
      const started = spawn(LAUNCHER, [...args, "--http"], {
        cwd: folder,
        env,
        stdio: ["ignore", "inherit", "pipe"],
      });
      listening = started;
      for await (const line of createInterface({ input: started.stderr })) {
        const url = /^capsule: serving MCP at (\S+)$/.exec(line)?.[1];
        if (url !== undefined) {
          const headers = { Authorization: `Bearer ${token}` };
          return { url: new URL(url), requestInit: { headers } };
        }
      }
      throw new Error("the server ended");
    },
    remove: async () => {
      if (listening !== undefined && listening.exitCode === null) {
        const ended = once(listening, "exit");
        listening.kill("SIGTERM");
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** All texts of a tool's result. */
export function textOf(content: unknown): string {
  return (content as { text?: string }[]).map((block) => block.text ?? "").join("\n");
}
