/** `Session`: a sandbox that keeps its state from cell to cell. */

import { Buffer } from "node:buffer";
import {
  Cell,
  type CellResult,
  explained,
  field,
  neverStarted,
  type SnippetOptions,
  spaceOf,
  text,
  untilSent,
  wrong,
} from "./cells.js";
import { type Capsule, defaultClient } from "./client.js";
import type { Connection } from "./connection.js";
import { isUnsent, Refusal, SessionError, SidecarLost } from "./errors.js";
import * as wire from "./sessionwire.js";
import type { ToolTable } from "./tools.js";
import type { Compute, OutputEvent } from "./types.js";
import { json, list, type Reader } from "./wire.js";

/**
 * What a session may use. `timeout`, `compute` and `maxOutput` hold for each cell, `ram` and
 * `maxDisk` for the whole session.
 */
export interface SessionOptions extends Omit<SnippetOptions, "signal" | "onOutput"> {
  /** For people. */
  name?: string;
  /**
   * What it is journalled under. Each cell is written down before its result is seen, and a later
   * session of that id, after a crash, too, begins where this one ended: its cells are run again,
   * without their output. It cannot have mounts.
   */
  id?: string;
  /** When it is closed if nothing is asked of it: seconds, or a duration. Default `"30m"`. */
  idleTimeout?: string | number;
}

/** Of one cell. */
export interface CellOptions {
  /** Time of this cell: seconds, or a duration such as `"500ms"`. Default: the session's. */
  timeout?: string | number;
  /** How much this cell may compute: a level, or units of fuel. Default: the session's. */
  compute?: Compute;
  /** Takes what the cell prints as it comes; the result has it, too. */
  onOutput?: (event: OutputEvent) => void;
  /**
   * Interrupts the cell when it aborts; `run` then rejects with its reason. The state is kept if the
   * cell ends within a second.
   */
  signal?: AbortSignal;
}

/** A file or a folder of a session's workspace. */
export interface FileInfo {
  /** In the workspace, with slashes. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly folder: boolean;
}

/** How code may go on. */
export interface Completion {
  /** Where what is replaced starts; it ends at the cursor. */
  readonly start: number;
  /** `kind` is `"keyword"`, `"module"`, `"class"`, `"function"`, `"property"`, `"variable"` or `"file"`. */
  readonly matches: readonly { readonly text: string; readonly kind: string }[];
}

/** Where a session is, and what its cells may call. */
interface Place {
  readonly client: Capsule;
  readonly connection: Connection;
  readonly id: string;
  readonly tools: ToolTable;
  readonly language: string;
  readonly name: string | null;
  readonly restored: number | null;
}

/**
 * A sandbox that keeps its state from cell to cell.
 *
 *     await using session = await Session.open("python");
 *     await session.run("x = 20");
 *     (await session.run("x * 2 + 2")).value; // 42
 *
 * It is closed by `close`, by the end of an `await using` block, by the end of the process, or after
 * the idle time; it never keeps Node from ending. What is asked of it is done in order. Methods reject
 * with `SessionError` when it is closed, with `OptionError`, which names a wrong argument, and with
 * `SidecarLost` when its sidecar is gone, and the state with it.
 */
export class Session {
  /** `"python"` or `"javascript"`, which is TypeScript, too. */
  readonly language: string;
  readonly name: string | null;
  /** How many cells were run again when it was opened; null: it has no `id`. */
  readonly restored: number | null;
  readonly #place: Place;
  readonly #cells = new Set<Cell<unknown>>();
  #closed = false;

  private constructor(place: Place) {
    this.language = place.language;
    this.name = place.name;
    this.restored = place.restored;
    this.#place = place;
  }

  /**
   * Opens a session in `"python"` or `"javascript"`, with nothing but what the options grant.
   *
   * Rejects with `OptionError` for a wrong option, with `SessionError` if too many are open, and with
   * `SidecarError`.
   */
  static async open(language: string, options: SessionOptions = {}): Promise<Session> {
    const { name, id: journalId, idleTimeout, client = defaultClient, ...rest } = options;
    client.hold();
    try {
      const { params, tools } = spaceOf(language, rest);
      let request = `{${params}`;
      if (name !== undefined) {
        request += `,"name":${text("name", name)}`;
      }
      if (journalId !== undefined) {
        request += `,"id":${text("id", journalId)}`;
      }
      if (idleTimeout !== undefined) {
        request += `,"idle_timeout":${field("idleTimeout", idleTimeout)}`;
      }
      return await untilSent(async () => {
        const connection = await client.connection(language);
        const read = wire.OpenSessionResult;
        const opened = await connection.request("openSession", `${request}}`, read);
        return new Session({
          ...{ client, connection, id: opened.session_id, tools },
          ...{ language: opened.language, name: name ?? null, restored: opened.restored },
        });
      });
    } catch (error) {
      throw explained(error, "options");
    } finally {
      client.release();
    }
  }

  /**
   * Runs a cell. Several that are asked for at once run in order, one after the other.
   *
   * A cell that fails does not reject: see `error` and `check()` of the result. Rejects with the
   * signal's reason when that aborts, and with what `onOutput` throws; both interrupt the cell.
   */
  async run<V = unknown>(code: string, options: CellOptions = {}): Promise<CellResult<V>> {
    const { timeout, compute, signal, onOutput } = options;
    const began = performance.now();
    return this.#with("code", async ({ connection, id, tools }) => {
      let params = `{"session_id":${JSON.stringify(id)},"code":${text("code", code)}`;
      if (timeout !== undefined) {
        params += `,"timeout":${field("timeout", timeout)}`;
      }
      if (compute !== undefined) {
        params += `,"fuel":${field("compute", compute)}`;
      }
      const cell = new Cell<V>(connection, tools, onOutput, signal);
      this.#cells.add(cell);
      try {
        return await cell.run("runCell", params);
      } catch (error) {
        if (error instanceof Refusal) {
          return neverStarted(error, performance.now() - began, "kept");
        }
        throw error;
      } finally {
        this.#cells.delete(cell);
      }
    });
  }

  /**
   * Interrupts the cells that run or wait. Their results tell so, with `error.type` `"cancelled"`,
   * and whether the state was kept.
   */
  interrupt(): void {
    for (const cell of this.#cells) {
      cell.interrupt();
    }
  }

  /** Writes a file to the workspace, making the folders on the way; a string as UTF-8. */
  async putFile(path: string, content: string | Uint8Array): Promise<void> {
    if (typeof content !== "string" && !(content instanceof Uint8Array)) {
      throw wrong("content", content, "must be a string or a Uint8Array");
    }
    const bytes =
      typeof content === "string"
        ? Buffer.from(content)
        : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    const fields = `"path":${text("path", path)},"content":"${bytes.toString("base64")}"`;
    await this.#ask("putFile", fields, json, "content");
  }

  /** Reads a file of the workspace. */
  async getFile(path: string): Promise<Buffer> {
    const { content } = await this.#ask(
      "getFile",
      `"path":${text("path", path)}`,
      wire.GetFileResult,
    );
    return Buffer.from(content, "base64");
  }

  /** What is in a folder of the workspace, `""` being the workspace itself. */
  async listFiles(path = ""): Promise<FileInfo[]> {
    return this.#ask("listFiles", `"path":${text("path", path)}`, list(wire.FileInfo));
  }

  /** How code may go on at the cursor, which counts as `code.length` does; default: at its end. */
  async complete(code: string, cursor?: number): Promise<Completion> {
    const source = text("code", code);
    const at = cursor ?? code.length;
    if (!Number.isInteger(at) || at < 0 || at > code.length) {
      throw wrong("cursor", cursor, `must be an integer from 0 to ${code.length}`);
    }
    // The protocol counts code points.
    const fields = `"code":${source},"cursor":${[...code.slice(0, at)].length}`;
    const { start, matches } = await this.#ask("completeCode", fields, wire.CompleteCodeResult);
    return { start: [...code].slice(0, start).join("").length, matches };
  }

  /** Throws the state away, and the files of the workspace. What runs or waits is stopped. */
  async reset(): Promise<void> {
    await this.#ask("resetSession", "", json);
  }

  /**
   * Opens another session in the same state, which goes on independently. The cells are run again
   * there, without their output.
   *
   * Rejects with `SessionError` if that would not lead to the same state: after a cell that used
   * tools, the network or mounts, or was ended from outside. The other session is not journalled.
   */
  async fork(): Promise<Session> {
    const { session_id: id } = await this.#ask("forkSession", "", wire.OpenSessionResult);
    return new Session({ ...this.#place, id, restored: null });
  }

  /** Closes it; what runs or waits is stopped. Nothing happens if it is closed. */
  async close(): Promise<void> {
    if (this.#closed || !this.#place.connection.alive) {
      this.#closed = true;
      return;
    }
    const closing = this.#ask("closeSession", "", json);
    this.#closed = true;
    try {
      await closing;
    } catch (error) {
      if (!(error instanceof SessionError || error instanceof SidecarLost)) {
        throw error;
      }
      // it was closed, by its idle time or with its sidecar
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #ask<T>(method: string, fields: string, read: Reader<T>, largest = "code"): Promise<T> {
    return this.#with(largest, ({ connection, id }) => {
      const params = `{"session_id":${JSON.stringify(id)}${fields && `,${fields}`}}`;
      return connection.request(method, params, read);
    });
  }

  /** Does what is asked of the session; `largest` is the argument that may be too large. */
  async #with<T>(largest: string, ask: (place: Place) => Promise<T>): Promise<T> {
    const { client, connection } = this.#place;
    if (this.#closed) {
      throw new SessionError("the session is closed; open another");
    }
    if (!connection.alive) {
      throw new SidecarLost("the sidecar that had the session is gone; open another session", {
        sent: false,
      });
    }
    client.hold();
    try {
      return await ask(this.#place);
    } catch (error) {
      throw isUnsent(error)
        ? new SidecarLost(`${error.message}; the session was in it: open another`, { sent: false })
        : explained(error, largest);
    } finally {
      client.release();
    }
  }
}
