/** `capsule mcp` with the official clients for TypeScript: of the handshake, and of the revision without one. */

import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernHttpTransport,
} from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernTransport } from "@modelcontextprotocol/client/stdio";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { project, textOf } from "./server.js";

const INFO = { name: "test", version: "1" };

interface Result {
  isError?: boolean;
  content: unknown;
  structuredContent?: unknown;
}

interface Options {
  signal?: AbortSignal;
  onprogress?: (progress: { message?: string }) => void;
}

/** Either client, as far as we use it. */
interface Connected {
  readonly client: Pick<Client, "close" | "getServerVersion"> & {
    listTools(): Promise<{ tools: { name: string; inputSchema: unknown }[] }>;
    listResources(): Promise<{ resources: { uri: string }[] }>;
    readResource(params: { uri: string }): Promise<{ contents: unknown[] }>;
  };
  call(name: string, args?: Record<string, unknown>, options?: Options): Promise<Result>;
}

/** How a client comes by its transport: of the handshake's kind, and of the other. */
type Started = Awaited<ReturnType<typeof project>>;

async function connected(transport: Parameters<Client["connect"]>[0]): Promise<Connected> {
  const client = new Client(INFO);
  await client.connect(transport);
  return {
    client,
    call: async (name, args = {}, options = {}) =>
      (await client.callTool({ name, arguments: args }, undefined, options as object)) as Result,
  };
}

async function connectedModern(
  transport: Parameters<ModernClient["connect"]>[0],
): Promise<Connected> {
  const client = new ModernClient(INFO, { versionNegotiation: { mode: "auto" } });
  await client.connect(transport);
  expect(client.getNegotiatedProtocolVersion()).toBe("2026-07-28");
  return {
    client: client as Connected["client"],
    call: async (name, args = {}, options = {}) =>
      (await client.callTool({ name, arguments: args }, options as object)) as Result,
  };
}

const CLIENTS: Record<string, (started: Started) => Promise<Connected>> = {
  "@modelcontextprotocol/sdk": ({ server }) => connected(new StdioClientTransport(server)),
  "@modelcontextprotocol/client": ({ server }) => connectedModern(new ModernTransport(server)),
  "@modelcontextprotocol/sdk by HTTP": async ({ http }) => {
    const { url, ...init } = await http();
    return connected(
      new StreamableHTTPClientTransport(url, init) as Parameters<Client["connect"]>[0],
    );
  },
  "@modelcontextprotocol/client by HTTP": async ({ http }) => {
    const { url, ...init } = await http();
    return connectedModern(new ModernHttpTransport(url, init));
  },
};

describe.each(Object.keys(CLIENTS))("%s", (name) => {
  let started: ReturnType<typeof project>;
  let client: Connected["client"];
  let call: Connected["call"];

  beforeEach(async () => {
    started = project();
    ({ client, call } = await (CLIENTS[name] as (typeof CLIENTS)[string])(started));
  });

  afterEach(async () => {
    await client.close();
    await started.remove();
  });

  test("lists tasks as tools, and ours", async () => {
    expect(client.getServerVersion()?.name).toBe("capsule");
    const { tools } = await client.listTools();
    const names = tools.map((tool) => tool.name);
    expect(names).toEqual(
      expect.arrayContaining([
        "run_python",
        "run_javascript",
        "session_create",
        "list_tasks",
        "search",
      ]),
    );
    const search = tools.find((tool) => tool.name === "search");
    expect(search?.inputSchema).toEqual({
      type: "object",
      properties: { query: { type: "string" }, limit: { type: "integer", default: 10 } },
      required: ["query"],
      additionalProperties: false,
    });
  });

  test("calls a task; the result fits the tool's output schema", async () => {
    await client.listTools();
    const result = await call("search", { query: "cats" });
    expect(result.isError).toBe(false);
    expect(result.structuredContent).toMatchObject({
      result: { query: "cats", limit: 10 },
      stdout: "searching cats\n",
    });
  });

  test("tells failures as results", async () => {
    await client.listTools();
    const result = await call("fails");
    expect(result.isError).toBe(true);
    expect(textOf(result.content)).toContain("task_error: ValueError: on purpose");
    expect(textOf(result.content)).toContain('File "main.py", line 10');
    await expect(call("nope")).rejects.toThrow(/Unknown tool: nope/);
  });

  test("keeps a session from call to call", async () => {
    const opened = await call("session_create", { language: "python" });
    const { session_id } = opened.structuredContent as { session_id: string };
    await call("session_run", { session_id, code: "x = 20" });
    const result = await call("run_python", { session_id, code: "x + 22" });
    expect(result.structuredContent).toMatchObject({ value: 42, repr: "42", state: "kept" });
    const fresh = await call("run_python", { code: "x" });
    expect(fresh.isError).toBe(true);
    expect(textOf(fresh.content)).toContain("NameError");
  });

  test("cancels a call, and goes on", async () => {
    const stop = new AbortController();
    const endless = call(
      "endless",
      {},
      {
        signal: stop.signal,
        onprogress: ({ message }: { message?: string }) => {
          if (message === "begun") {
            stop.abort("enough");
          }
        },
      },
    );
    await expect(endless).rejects.toThrow();
    expect((await call("search", { query: "after" })).isError).toBe(false);
  });

  test("reads what the user shares", async () => {
    const { resources } = await client.listResources();
    expect(resources.map((resource) => resource.uri)).toEqual(["capsule:///notes.txt"]);
    const read = await client.readResource({ uri: "capsule:///notes.txt" });
    expect(read.contents).toMatchObject([{ text: "notes\n", mimeType: "text/plain" }]);
    await expect(client.readResource({ uri: "capsule:///main.py" })).rejects.toThrow(/not found/);
  });

  test("reads the files of its sessions", async () => {
    const opened = await call("session_create", { language: "javascript" });
    const { session_id } = opened.structuredContent as { session_id: string };
    const code = `import { writeFileSync } from "node:fs"; writeFileSync("/workspace/my notes.txt", "mine")`;
    const written = await call("session_run", { session_id, code });
    expect(written.isError, textOf(written.content)).toBe(false);
    const uri = `capsule://session/${session_id}/my%20notes.txt`;
    const { resources } = await client.listResources();
    // Without a handshake, by HTTP, nobody knows whose request this is.
    const listed = name !== "@modelcontextprotocol/client by HTTP";
    expect(resources.map((resource) => resource.uri).includes(uri)).toBe(listed);
    const read = await client.readResource({ uri });
    expect(read.contents).toMatchObject([{ uri, text: "mine", mimeType: "text/plain" }]);
  });
});
