/** Which program a task belongs to, and how a sidecar comes to know it. */

import { dirname, extname, isAbsolute, join, parse } from "node:path";
import type { Connection } from "./connection.js";
import { OptionError, ProgramError } from "./errors.js";
import { declaredTool } from "./tool.js";
import { byName, type ToolTable } from "./tools.js";
import type { AnyTool } from "./types.js";
import { type LoadProgramParams, LoadProgramResult, type Of } from "./wire.js";

const LANGUAGES: Readonly<Record<string, readonly string[]>> = {
  javascript: [".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx"],
  python: [".py"],
};

/** What a sidecar tells of a program that it has loaded. */
export type LoadedProgram = Of<typeof LoadProgramResult>;

/** An entry module and the folder that its imports start from. */
export class Program {
  readonly language: string;
  readonly root: string;
  readonly module: string;

  /**
   * Throws `OptionError` if the file's name does not tell its language.
   * @param fixed whether it is loaded once a sidecar, since this process has imported it; else it is
   *     loaded at each call, as the file may have changed
   */
  constructor(
    readonly file: string,
    readonly fixed: boolean,
  ) {
    this.language = languageOf(file);
    this.root = dirname(file);
    this.module = parse(file).name;
  }

  /** Has the sidecar read it. */
  load(connection: Connection, signal?: AbortSignal): Promise<LoadedProgram> {
    if (!this.fixed) {
      return this.#load(connection, signal);
    }
    let loading = connection.programs.get(this);
    if (loading === undefined) {
      loading = this.#load(connection); // shared by all calls, so that none may cancel it
      connection.programs.set(this, loading);
      loading.catch(() => this.forget(connection));
    }
    return loading;
  }

  #load(connection: Connection, signal?: AbortSignal): Promise<LoadedProgram> {
    const { language, root, module, file } = this;
    const params: Partial<Of<typeof LoadProgramParams>> = { language, root, module, file };
    return connection.request("loadProgram", JSON.stringify(params), LoadProgramResult, signal);
  }

  /** Loads it again next time, since the sidecar does not know it any more. */
  forget(connection: Connection): void {
    connection.programs.delete(this);
  }
}

function languageOf(file: string): string {
  const ending = extname(file).toLowerCase();
  for (const [language, endings] of Object.entries(LANGUAGES)) {
    if (endings.includes(ending)) {
      return language;
    }
  }
  const allowed = Object.values(LANGUAGES).flat();
  throw new OptionError(
    `file="${file}": its ending does not tell its language; known are ${allowed.join(", ")}`,
    { field: "file", value: file, allowed },
  );
}

/** What this process knows of a file that declares tasks. */
export class Module {
  readonly program: Program;
  /** The tools that each task was given, by the task's name. */
  readonly #given = new Map<string, readonly (AnyTool | string)[]>();

  constructor(file: string) {
    this.program = new Program(file, true);
  }

  /** Notes a task and the tools that it is given. */
  add(task: string, tools: readonly (AnyTool | string)[]): void {
    this.#given.set(task, tools);
  }

  /**
   * The tools of this file's tasks, and of those in other files that the program is made of.
   * Throws `ProgramError` if two tools share a name: which one a task means could not be told.
   */
  tools(loaded: LoadedProgram): ToolTable {
    const found = new Set(this.#tools());
    for (const file of new Set(loaded.tasks.map((task) => task.file))) {
      const path = isAbsolute(file) ? file : join(this.program.root, file);
      const other = modules.get(path);
      if (other !== undefined && other !== this) {
        for (const tool of other.#tools()) {
          found.add(tool);
        }
      }
    }
    return byName(found);
  }

  *#tools(): Generator<AnyTool> {
    for (const each of [...this.#given.values()].flat()) {
      if (typeof each !== "string") {
        yield each;
      } else {
        const declared = declaredTool(this.program.file, each);
        if (declared !== undefined) {
          yield declared;
        }
      }
    }
  }
}

const modules = new Map<string, Module>();
/** What is known of the file; throws `ProgramError` if tasks cannot be in it. */
export function moduleOf(file: string): Module {
  let module = modules.get(file);
  if (module === undefined) {
    if (languageOf(file) !== "javascript") {
      throw new ProgramError(`tasks cannot be in ${file}`);
    }
    module = new Module(file);
    modules.set(file, module);
  }
  return module;
}
