import { native } from "./native.ts";

native.serve(
  (request) => {
    const fields = JSON.parse(request);
    if (fields.op === "ping") return '{"ok":"pong"}';
    const loaded = native.load(fields.modules[0].code, "file:///main.ts");
    native.runJobs();
    void loaded;
    const main = (native.namespace() as { main: (...args: unknown[]) => unknown }).main;
    return JSON.stringify({ ok: main(...fields.args) });
  },
  (request) => {
    const fields = JSON.parse(request);
    return native.compile(fields.source, fields.file);
  },
);
