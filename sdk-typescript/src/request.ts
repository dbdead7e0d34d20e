/** What a call asks of the sidecar; as a step of a workflow its reply may be here already. */

import { attend } from "./attend.js";
import type { Connection } from "./connection.js";
import { encode } from "./json/encode.js";
import type { LoadedProgram } from "./program.js";
import type { Replay } from "./replay.js";
import type { Call, Step } from "./runs.js";
import { taskKey } from "./stepkeys.js";
import type { ToolTable } from "./tools.js";
import { newRunId } from "./toolserver.js";
import { currentTrace } from "./tracecontext.js";
import type { Envelope } from "./types.js";
import * as wire from "./wire.js";

export class Request {
  /** All but the arguments, as JSON without the brace at its end. */
  readonly #sort: string;
  readonly #params: string;
  readonly #tools: ToolTable;
  /** Of the step that it begins, if it is worth looking for. */
  readonly #key: string | undefined;

  constructor(
    readonly call: Call,
    readonly connection: Connection,
    loaded: LoadedProgram,
    step: Step | undefined,
    readonly replay: Replay | undefined,
  ) {
    this.#sort = surroundings(call, loaded);
    this.#tools = new Map([...(call.module?.tools(loaded) ?? []), ...call.tools]);
    let params = this.#sort;
    const args = call.args.length > 0 ? encode(call.args, "args") : "";
    const kwargs = encode(call.kwargs, "kwargs");
    params += args && `,"args":${args}`;
    if (Object.keys(call.kwargs).length > 0) {
      params += `,"kwargs":${kwargs}`;
    }
    if (step !== undefined && replay !== undefined) {
      const called = [call.program.module, call.task ?? loaded.entry ?? "", args, kwargs] as const;
      const number = step.number(...called);
      params += `,"workflow":${JSON.stringify(replay.handle)},"occurrence":${number}`;
      this.#key = replay.isEmpty ? undefined : taskKey(...called, number);
    }
    for (const [name, value] of Object.entries(currentTrace())) {
      params += `,"${name}":${encode(value, name)}`;
    }
    this.#params = params;
    if (this.#tools.size > 0) {
      this.#sort += `,"tools":${JSON.stringify([...this.#tools.keys()])}`;
    }
  }

  /** Sends it, unless its reply is there already. */
  async send(): Promise<Envelope> {
    const { replay } = this;
    if (replay === undefined) {
      return this.#send(this.connection);
    }
    const send = () => this.#send(replay);
    return replay.call(this.#key, this.#sort, readEnvelope, send);
  }

  async #send(peer: Connection | Replay): Promise<Envelope> {
    const { onOutput, signal } = this.call;
    if (this.#tools.size === 0 && onOutput === undefined) {
      return peer.request("runTask", `${this.#params}}`, readEnvelope, signal);
    }
    const run = newRunId();
    let params = `${this.#params},"run":${JSON.stringify(run)}`;
    if (this.#tools.size > 0) {
      params += `,"tools":${JSON.stringify([...this.#tools.keys()])}`;
    }
    if (onOutput !== undefined) {
      params += ',"events":["output","lifecycle"]';
    }
    const own = { run, tools: this.#tools, onOutput, signal };
    return attend(own, this.connection, peer, "runTask", `${params}}`, readEnvelope).reply;
  }
}

function surroundings(call: Call, loaded: LoadedProgram): string {
  let params = `{"program":${JSON.stringify(loaded.program)}`;
  if (call.task !== null) {
    params += `,"task":${encode(call.task, "task")}`;
  }
  for (const name of ["options", "ceiling"] as const) {
    if (Object.keys(call[name]).length > 0) {
      params += `,"${name}":${encode(call[name], name)}`;
    }
  }
  const env = loaded.env
    .map((name) => [name, process.env[name]] as const)
    .filter(([, value]) => value !== undefined);
  if (env.length > 0) {
    params += `,"env":${encode(Object.fromEntries(env), "env")}`;
  }
  return params;
}

/** An envelope that either succeeded or has an error. */
function readEnvelope(value: unknown, path: string): Envelope {
  const { success, result, error, execution } = wire.Envelope(value, path);
  if (success) {
    return { success, result, error: null, execution };
  }
  if (error === null) {
    throw new wire.WireError(`${path} failed without an error`);
  }
  return { success, result: null, error, execution };
}
