/** Builds the state that is snapshotted. Nothing in here may touch files, streams or the environment. */

import { native } from "./native.ts";
import "./globals.ts";
import { builtins } from "./builtins.ts";
import { prepareProcess } from "./node/internal/process.ts";
import { sdk } from "./sdk.ts";
import { compile, serve, setPrepare, setRehearsal } from "./serve.ts";

Error.stackTraceLimit = 50;
native.setBuiltins({ ...builtins, "@capsule/sdk": sdk });
setPrepare(prepareProcess);
setRehearsal(`
  import { task } from "@capsule/sdk";
  export const main = task({ name: "main" }, async (value) => ({ value, text: String(value) }));
`);
native.serve(serve, compile);
