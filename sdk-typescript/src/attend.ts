/** Requests for runs that this process takes part in: by tools that they call, by output that it takes. */

import { linked } from "./abort.js";
import { type Connection, replyUnlessAborted, type Sent } from "./connection.js";
import type { Replay } from "./replay.js";
import type { ToolTable } from "./tools.js";
import type { OutputEvent } from "./types.js";
import type { Reader } from "./wire.js";

export interface Attendance {
  /** The run's id. */
  readonly run: string;
  readonly tools: ToolTable;
  /** Takes what the run prints. If it throws, the run is stopped, and the reply is a rejection with that. */
  readonly onOutput: ((event: OutputEvent) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Sends the request; `params` are JSON. Its reply, too, is a rejection when the signal aborts. Throws
 * the signal's reason if that has happened.
 */
export function attend<T>(
  own: Attendance,
  connection: Connection,
  peer: Connection | Replay,
  method: string,
  params: string,
  read: Reader<T>,
): Sent<T> {
  const { run, onOutput } = own;
  const { tools, output } = connection;
  own.signal?.throwIfAborted();
  const { controller, release } = linked(own.signal);
  if (own.tools.size > 0) {
    tools.offer(run, own.tools);
  }
  if (onOutput !== undefined) {
    output.add(run, (event) => {
      if (!controller.signal.aborted) {
        try {
          onOutput(event);
        } catch (error) {
          controller.abort(error);
        }
      }
    });
  }
  const sent = peer.begin(method, params, read);
  // What nobody waits for any more prints until it has ended, and nobody is to see that.
  const forget = (): void => output.remove(run);
  sent.reply.then(forget, forget);
  const reply = replyUnlessAborted(sent, controller.signal);
  const over = (): void => {
    release();
    tools.withdraw(run);
  };
  reply.then(over, over);
  return { reply, cancel: sent.cancel };
}
