/** Node's formatting of values, which console and node:util share. */

import "./atomics.ts";
import util from "node-inspect-extracted";

export const { inspect, formatWithOptions } = util;
