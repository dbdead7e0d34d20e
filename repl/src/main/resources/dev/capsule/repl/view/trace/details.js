// The details of one span, and the short form of them that hovers.

/** @param {SpanNode} node */
function title(node) {
  return element(
    "h2",
    "",
    element("span", `kind ${kindClass(node)}`, node.data.kind),
    element("span", "span-name", node.label),
  );
}

const KINDS = ["workflow", "task", "attempt", "call", "tool", "http", "file", "cell", "step"];

/** The class of its colour. @param {SpanNode} node */
function kindClass(node) {
  const kind = KINDS.includes(node.data.kind) ? node.data.kind : "other";
  return `kind-${kind}${node.failed ? " failed" : ""}${node.data.status === "cancelled" ? " cancelled" : ""}`;
}

/** @param {SpanNode} node */
function timing(node) {
  return element(
    "p",
    `timing ${node.failed ? "bad" : ""}`,
    `${statusText(node)} · ${duration(node.data.duration)} · began at +${duration(node.data.start)}`,
  );
}

/**
 * A section with a heading.
 * @param {string} heading
 * @param {...(Node | string)} content
 */
function section(heading, ...content) {
  return element("section", "", element("h3", "", heading), ...content);
}

/** @param {[string, string, string][]} rows */
function attributeList(rows) {
  const list = element("dl", "attributes");
  for (const [label, value, name] of rows) {
    const term = element("dt", "", label);
    term.title = name;
    list.append(term, element("dd", "", value));
  }
  return list;
}

/** @param {SpanNode} node */
function phases(node) {
  const { attributes } = node.data;
  const parts = PHASES.map((name) => ({ name, ns: Number(attributes[name] ?? 0) })).filter(
    ({ ns }) => ns > 0,
  );
  const sum = parts.reduce((total, { ns }) => total + ns, 0);
  if (sum === 0) {
    return [];
  }
  const bar = element("div", "phases");
  const list = element("dl", "attributes");
  for (const { name, ns } of parts) {
    const part = element("span", `phase phase-${name.slice("capsule.".length)}`);
    part.style.flexGrow = String(ns / sum);
    part.title = `${attributeLabel(name)}: ${duration(ns)}`;
    bar.append(part);
    const swatch = element("span", `swatch phase-${name.slice("capsule.".length)}`);
    list.append(element("dt", "", swatch, attributeLabel(name)), element("dd", "", duration(ns)));
  }
  return [section("Where the time went", bar, list)];
}

/** @param {SpanNode} node */
function errors(node) {
  const exceptions = node.data.events.filter((event) => event.name === "exception");
  if (node.error === "" && exceptions.length === 0) {
    return [];
  }
  const parts = node.error === "" ? [] : [element("p", "bad message", node.error)];
  for (const { attributes } of exceptions) {
    const stack = attributes["exception.stacktrace"];
    if (typeof stack === "string" && stack !== "") {
      parts.push(element("pre", "", stack));
    }
  }
  return [section("Error", ...parts)];
}

/** @param {SpanNode} node */
function output(node) {
  const pieces = node.data.events.filter((event) => event.name === "capsule.output");
  const left = node.data.attributes["capsule.output.left_out_bytes"];
  if (pieces.length === 0 && left === undefined) {
    return [];
  }
  const text = element("pre", "output");
  for (const { time, attributes } of [...pieces].sort((a, b) => a.time - b.time)) {
    const stream = attributes["capsule.output.stream"] === "stderr" ? "stderr" : "stdout";
    const piece = element("span", stream, String(attributes["capsule.output.text"] ?? ""));
    piece.title = `${stream} at +${duration(time)}, from byte ${attributes["capsule.output.offset"] ?? 0}`;
    text.append(piece);
  }
  const note =
    left === undefined ? [] : [element("p", "note", `${bytes(Number(left))} more were not kept.`)];
  const colours = pieces.some(({ attributes }) => attributes["capsule.output.stream"] === "stderr")
    ? [element("p", "note", "Standard error is set off by a line at its left.")]
    : [];
  return [section("What it printed", text, ...colours, ...note)];
}

/** @param {SpanNode} node */
function otherEvents(node) {
  const events = node.data.events.filter(
    ({ name }) => name !== "exception" && name !== "capsule.output",
  );
  return events.map((event) =>
    section(
      `${event.name} at +${duration(event.time)}`,
      attributeList(
        Object.entries(event.attributes).map(([name, value]) => [
          attributeLabel(name),
          attributeValue(name, value),
          name,
        ]),
      ),
    ),
  );
}

/** @param {SpanNode} node */
function limitTable(node) {
  const rows = limits(node);
  if (rows.length === 0) {
    return [];
  }
  const head = element(
    "tr",
    "",
    ...["limit", "value", "said by"].map((text) => element("th", "", text)),
  );
  const body = rows.map(({ name, value, origin }) =>
    element("tr", "", element("th", "", name), element("td", "", value), element("td", "", origin)),
  );
  return [
    section(
      "What it was held to",
      element("table", "", element("thead", "", head), element("tbody", "", ...body)),
    ),
  ];
}

/**
 * All there is to tell of a span.
 * @param {SpanNode} node
 * @param {(node: SpanNode) => void} reveal shows another span
 */
function detailsOf(node, reveal) {
  const path = element("p", "path");
  for (let above = node.parent; above !== null; above = above.parent) {
    const target = above;
    const link = element("button", "link", target.label);
    link.addEventListener("click", () => reveal(target));
    path.prepend(link, " › ");
  }
  const shown = plainAttributes(node).filter(([, , name]) => !PHASES.includes(name));
  return [
    path,
    title(node),
    timing(node),
    ...errors(node),
    ...phases(node),
    ...output(node),
    ...limitTable(node),
    ...(shown.length === 0 ? [] : [section("Attributes", attributeList(shown))]),
    ...otherEvents(node),
    element(
      "p",
      "note",
      `span ${node.data.id}${node.attemptId === "" ? "" : `, its only attempt ${node.attemptId}`}`,
    ),
  ];
}

const LONGEST_HINT = 160;

/**
 * The short form: every attribute, long ones cut.
 * @param {SpanNode} node
 */
function hintOf(node) {
  /** @type {[string, string, string][]} */
  const rows = [
    ...plainAttributes(node),
    ...limits(node).map(
      ({ name, value, origin }) =>
        /** @type {[string, string, string]} */ ([
          name,
          origin === "default" ? value : `${value}  (${origin})`,
          name,
        ]),
    ),
  ];
  const cut = rows.map(
    ([label, value, name]) =>
      /** @type {[string, string, string]} */ ([
        label,
        value.length > LONGEST_HINT ? `${value.slice(0, LONGEST_HINT)}…` : value,
        name,
      ]),
  );
  const error =
    node.error === "" ? [] : [element("p", "bad message", node.error.slice(0, 4 * LONGEST_HINT))];
  return [title(node), timing(node), ...error, attributeList(cut)];
}
