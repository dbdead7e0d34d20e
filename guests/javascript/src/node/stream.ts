import stream from "readable-stream/lib/stream.js";
import { fromWeb, toWeb } from "./internal/web-adapters.ts";

Object.assign(stream.Readable, { fromWeb: fromWeb.readable, toWeb: toWeb.readable });
Object.assign(stream.Writable, { fromWeb: fromWeb.writable, toWeb: toWeb.writable });
Object.assign(stream.Duplex, { fromWeb: fromWeb.duplex, toWeb: toWeb.duplex });

export default stream;
