/** Node's formatting of values, which console and node:util share. */

import "./web/base-globals.ts";
import inspection from "node-lib:internal/util/inspect";

interface Formatting {
  inspect(value: unknown, options?: object): string;
  formatWithOptions(options: object, ...args: readonly unknown[]): string;
}

export const { inspect, formatWithOptions } = inspection as Formatting;
