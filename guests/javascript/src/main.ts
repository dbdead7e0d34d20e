/** Builds the state that is snapshotted. Nothing in here may touch files, streams or the environment. */

import { native } from "./native.ts";
import "./globals.ts";
import { sdk } from "./sdk.ts";
import { compile, serve } from "./serve.ts";

Error.stackTraceLimit = 50;
native.setBuiltins({ "@capsule/sdk": sdk });
native.serve(serve, compile);
