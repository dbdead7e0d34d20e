// How values are written for people.

/** What is shorter than a limit is told in its unit. */
const UNITS = [
  { limit: 1e3, size: 1, name: "ns" },
  { limit: 1e6, size: 1e3, name: "µs" },
  { limit: 1e9, size: 1e6, name: "ms" },
];
const SECOND = { size: 1e9, name: "s" };

/** @param {number} value @param {number} digits at most, after the point */
function rounded(value, digits) {
  return String(Number(value.toFixed(digits)));
}

/**
 * A length of time: `1.25 s`, `3 m 02 s`.
 * @param {number} ns
 * @returns {string}
 */
function duration(ns) {
  if (ns < 0) {
    return `−${duration(-ns)}`;
  }
  const seconds = Math.round(ns / 1e9);
  if (seconds >= 86_400) {
    return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
  }
  if (seconds >= 3600) {
    return `${Math.floor(seconds / 3600)} h ${twoDigits(Math.floor((seconds % 3600) / 60))} m`;
  }
  if (seconds >= 60) {
    return `${Math.floor(seconds / 60)} m ${twoDigits(seconds % 60)} s`;
  }
  const unit = UNITS.find(({ limit }) => ns < limit) ?? SECOND;
  const value = ns / unit.size;
  return `${rounded(value, value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit.name}`;
}

/** @param {number} value */
function twoDigits(value) {
  return String(value).padStart(2, "0");
}

/** @param {number} value */
function bytes(value) {
  let amount = value;
  for (const unit of ["B", "KB", "MB"]) {
    if (amount < 1000) {
      return `${rounded(amount, amount < 10 ? 1 : 0)} ${unit}`;
    }
    amount /= 1000;
  }
  return `${rounded(amount, 1)} GB`;
}

/**
 * An amount of fuel, as compute levels are written: `5e10`.
 * @param {number} value
 */
function fuel(value) {
  return value < 100_000
    ? String(value)
    : value.toExponential(1).replace("e+", "e").replace(".0e", "e");
}

/** @param {number} count @param {string} one @param {string} [many] */
function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

const BYTES = /(\.bytes|_bytes|body\.size|memory\.peak)$/;

/**
 * The value of an attribute.
 * @param {string} name
 * @param {unknown} value
 * @returns {string}
 */
function attributeValue(name, value) {
  if (typeof value === "number") {
    if (name.endsWith("_ns")) {
      return duration(value);
    }
    if (name.includes("fuel")) {
      return fuel(value);
    }
    return BYTES.test(name) ? bytes(value) : String(value);
  }
  if (typeof value === "boolean") {
    return value ? "yes" : "no";
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? "none" : value.map((item) => attributeValue(name, item)).join(", ");
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** @type {Record<string, string>} */
const LABELS = {
  "capsule.attempt": "attempt, from 0",
  "capsule.queue_ns": "waited for a core",
  "capsule.instantiate_ns": "got its sandbox",
  "capsule.run_ns": "ran",
  "capsule.serialize_ns": "handed over",
  "capsule.memory.peak": "peak memory",
  "capsule.fuel.used": "fuel",
  "capsule.stdout.bytes": "standard output",
  "capsule.stderr.bytes": "standard error",
  "capsule.output.left_out_bytes": "output not kept",
  "capsule.run_id": "run",
  "capsule.workflow_id": "workflow",
  "capsule.step_id": "step",
  "capsule.replayed": "taken from the journal",
  "capsule.limits.lowered": "lowered by the ceiling",
  "capsule.spans": "spans",
  "capsule.spans.left_out": "spans left out",
  "code.function.name": "function",
  "error.type": "error",
  "error.message": "message",
  "http.request.method": "method",
  "http.response.status_code": "status",
  "http.request.body.size": "sent",
  "http.response.body.size": "received",
  "url.full": "URL",
  "file.path": "path",
  "capsule.file.mode": "opened to",
  "capsule.file.read_bytes": "read",
  "capsule.file.written_bytes": "written",
  "gen_ai.tool.name": "tool",
  "gen_ai.tool.call.arguments": "arguments",
  "gen_ai.tool.call.result": "result",
};

/**
 * What people call an attribute.
 * @param {string} name
 */
function attributeLabel(name) {
  return (
    LABELS[name] ??
    (name.startsWith("capsule.") ? name.slice("capsule.".length).replaceAll("_", " ") : name)
  );
}
