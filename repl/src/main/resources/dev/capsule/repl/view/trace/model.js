// The trace as it came: a tree of spans.

/**
 * @typedef {{time: number, name: string, attributes: Record<string, unknown>}} SpanEvent
 * @typedef {{id: string, parent: string | null, kind: string, name: string, start: number, duration: number,
 *   status: string, attributes: Record<string, unknown>, events: SpanEvent[]}} SpanData times in nanoseconds
 *   since the beginning
 * @typedef {{began: number, leftOut: number, spans: SpanData[]}} TraceData `began` in milliseconds since 1970
 */

/** A span and its place in the tree. */
class SpanNode {
  /** @param {SpanData} data */
  constructor(data) {
    this.data = data;
    /** @type {SpanNode | null} */
    this.parent = null;
    /** @type {SpanNode[]} */
    this.children = [];
    this.depth = 0;
    this.descendants = 0;
    /** Whether something under it failed. */
    this.failedInside = false;
    this.expanded = false;
    /** @type {string | null} */
    this.searched = null;
    /** Of its only attempt, if it has taken that over. */
    this.attemptId = "";
    this.lag = 0;
  }

  get failed() {
    return this.data.status === "error";
  }

  get end() {
    return this.data.start + this.data.duration;
  }

  /** Its error; empty: it has none. */
  get error() {
    const { "error.type": type, "error.message": message } = this.data.attributes;
    const exception = this.data.events.find((event) => event.name === "exception");
    const name = exception?.attributes["exception.type"];
    if (typeof name === "string") {
      return String(message).startsWith(name) ? String(message) : `${name}: ${message}`;
    }
    return [type, message].filter((part) => part && part !== "_OTHER").join(": ");
  }

  /**
   * Whether the failure of something under it was its own: not if it went on and failed otherwise.
   * @param {SpanNode} child
   */
  failedBy(child) {
    return this.error.includes(String(child.data.attributes["error.message"] ?? ""));
  }

  /** What people call it. */
  get label() {
    const { kind, name, attributes } = this.data;
    if (kind === "http" && typeof attributes["url.full"] === "string") {
      return `${name} ${attributes["url.full"].replace(/^https?:\/\//, "")}`;
    }
    const tool = attributes["gen_ai.tool.name"];
    return kind === "tool" && typeof tool === "string" ? tool : name;
  }

  /** How long it waited before it ran. */
  get waited() {
    const { "capsule.queue_ns": queued, "capsule.instantiate_ns": instantiated } =
      this.data.attributes;
    return queued === undefined ? 0 : this.lag + Number(queued) + Number(instantiated ?? 0);
  }

  /**
   * Takes over its only attempt: the row of the task tells all that this one's would.
   * @param {SpanNode} attempt
   */
  absorb(attempt) {
    const { attributes, events } = attempt.data;
    const { "capsule.attempt": _, ...told } = attributes;
    const known = new Set(
      this.data.events.map((event) => JSON.stringify([event.name, event.attributes])),
    );
    this.lag = attempt.data.start - this.data.start;
    this.attemptId = attempt.data.id;
    this.data = {
      ...this.data,
      attributes: { ...told, ...this.data.attributes },
      events: [
        ...this.data.events,
        ...events.filter((event) => !known.has(JSON.stringify([event.name, event.attributes]))),
      ],
    };
    this.children = attempt.children;
    for (const child of this.children) {
      child.parent = this;
    }
  }

  /** All of its text, for searching. */
  get text() {
    if (this.searched === null) {
      const { id, kind, name, status, attributes, events } = this.data;
      const parts = [id, this.attemptId, kind, name, this.label, status];
      for (const holder of [
        attributes,
        ...events.map((event) => ({ [event.name]: "", ...event.attributes })),
      ]) {
        for (const [key, value] of Object.entries(holder)) {
          parts.push(key, attributeValue(key, value));
          if (typeof value === "number") {
            parts.push(String(value));
          }
        }
      }
      this.searched = parts.join("\n").toLowerCase();
    }
    return this.searched;
  }

  /** It, and all that is under it, in the order of rows. */
  *all() {
    /** @type {SpanNode[]} */
    const rest = [this];
    for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
      yield node;
      for (let i = node.children.length - 1; i >= 0; i--) {
        rest.push(/** @type {SpanNode} */ (node.children[i]));
      }
    }
  }
}

/** All spans. */
class Trace {
  /** @param {TraceData} data */
  constructor(data) {
    this.began = data.began;
    this.leftOut = data.leftOut;
    /** @type {Map<string, SpanNode>} */
    const byId = new Map();
    for (const span of data.spans) {
      byId.set(span.id, new SpanNode(span));
    }
    /** @type {SpanNode[]} */
    this.roots = [];
    for (const node of byId.values()) {
      const parent = node.data.parent === null ? undefined : byId.get(node.data.parent);
      if (parent === undefined || isAbove(node, parent)) {
        this.roots.push(node);
      } else {
        node.parent = parent;
        parent.children.push(node);
      }
    }
    for (const node of byId.values()) {
      const [only, second] = node.children;
      if (node.data.kind === "task" && only?.data.kind === "attempt" && second === undefined) {
        node.absorb(only);
      }
    }
    /** In the order of rows: parents before their children, siblings by their beginning. */
    this.nodes = [...this.inOrder()];
    for (const node of [...this.nodes].reverse()) {
      if (node.parent !== null) {
        node.parent.descendants += 1 + node.descendants;
        node.parent.failedInside ||= node.failed || node.failedInside;
      }
    }
    this.clock = new Clock(this.nodes);
  }

  *inOrder() {
    const byStart = (/** @type {SpanNode} */ a, /** @type {SpanNode} */ b) =>
      a.data.start - b.data.start;
    this.roots.sort(byStart);
    for (const root of this.roots) {
      for (const node of root.all()) {
        node.children.sort(byStart);
        node.depth = node.parent === null ? 0 : node.parent.depth + 1;
        yield node;
      }
    }
  }

  /** Whether the outermost span is there: it is written when all has ended. */
  get ended() {
    return this.roots.some((root) => "capsule.spans" in root.data.attributes);
  }

  /** Where failures began: failed spans whose failure is not that of something under them. */
  get causes() {
    return this.nodes.filter(
      (node) => node.failed && !node.children.some((child) => child.failed && node.failedBy(child)),
    );
  }
}

/**
 * Whether making `parent` its parent would make a ring, as only a damaged trace has.
 * @param {SpanNode} node
 * @param {SpanNode} parent
 */
function isAbove(node, parent) {
  for (let at = /** @type {SpanNode | null} */ (parent); at !== null; at = at.parent) {
    if (at === node) {
      return true;
    }
  }
  return false;
}
