// What is told of a span. Text of the trace only ever becomes text nodes.

/**
 * Makes an element.
 * @param {string} tag
 * @param {string} className empty: none
 * @param {...(Node | string)} content
 */
function element(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className !== "") {
    made.className = className;
  }
  made.append(...content);
  return made;
}

/** The element of the page that has an id. @param {string} id */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

const LIMIT = "capsule.limit.";
const ORIGIN = "capsule.origin.";
const PHASES = [
  "capsule.queue_ns",
  "capsule.instantiate_ns",
  "capsule.run_ns",
  "capsule.serialize_ns",
];

/** Told in other words already, or of no use to people. */
const TOLD = new Set([
  "error.type",
  "error.message",
  "capsule.origin",
  "code.file.path",
  "code.line.number",
]);

/** @param {SpanNode} node */
function place(node) {
  const file = node.data.attributes["code.file.path"];
  const line = node.data.attributes["code.line.number"];
  return file === undefined ? "" : `${file}${line === undefined ? "" : `:${line}`}`;
}

/**
 * What is told of a span beside its limits, names already for people.
 * @param {SpanNode} node
 * @returns {[string, string, string][]} label, value, and the attribute's own name
 */
function plainAttributes(node) {
  /** @type {[string, string, string][]} */
  const found = [];
  const where = place(node);
  if (where !== "") {
    found.push(["declared", where, "code.file.path"]);
  }
  for (const [name, value] of Object.entries(node.data.attributes)) {
    if (!TOLD.has(name) && !name.startsWith(LIMIT) && !name.startsWith(ORIGIN)) {
      found.push([attributeLabel(name), attributeValue(name, value), name]);
    }
  }
  return found;
}

/**
 * What the span was held to.
 * @param {SpanNode} node
 * @returns {{name: string, value: string, origin: string}[]}
 */
function limits(node) {
  const { attributes } = node.data;
  return Object.entries(attributes)
    .filter(([name]) => name.startsWith(LIMIT))
    .map(([name, value]) => {
      const option = name.slice(LIMIT.length);
      return {
        name: option,
        value: attributeValue("", value),
        origin: String(attributes[ORIGIN + option] ?? "default"),
      };
    });
}

/** @param {SpanNode} node */
function statusText(node) {
  return (
    { ok: "ok", error: "failed", cancelled: "cancelled" }[node.data.status] ?? node.data.status
  );
}
