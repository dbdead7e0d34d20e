import { type PathLike, pathOf } from "./arguments.ts";
import type { Dirent } from "./stats.ts";
import { readdirSync } from "./sync.ts";

/** An open folder: a list of its entries from when it was opened. */
export class Dir {
  readonly path: string;
  #entries: Dirent[] | null;

  constructor(folder: PathLike, options?: object) {
    this.path = pathOf(folder);
    this.#entries = readdirSync(folder, { ...options, withFileTypes: true }) as Dirent[];
  }

  readSync(): Dirent | null {
    if (this.#entries === null) {
      throw Object.assign(new Error("Directory handle was closed"), { code: "ERR_DIR_CLOSED" });
    }
    return this.#entries.shift() ?? null;
  }

  async read(): Promise<Dirent | null> {
    return this.readSync();
  }

  closeSync(): void {
    this.#entries = null;
  }

  async close(): Promise<void> {
    this.closeSync();
  }

  async *entries(): AsyncGenerator<Dirent> {
    try {
      for (let entry = this.readSync(); entry !== null; entry = this.readSync()) {
        yield entry;
      }
    } finally {
      this.closeSync();
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<Dirent> {
    return this.entries();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closeSync();
  }
}
