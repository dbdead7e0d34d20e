// What stands above the timeline, and which rows are open at first.

/** So many rows fit on a screen, about. */
const USEFUL_ROWS = 60;
const MOST_FAILURES = 3;

/**
 * Opens as many levels as fit on a screen, and all that leads to where failures began.
 * @param {Trace} trace
 */
function openUsefully(trace) {
  const deepest = trace.nodes.reduce((depth, node) => Math.max(depth, node.depth), 0);
  let open = 0;
  for (let depth = 1; depth <= deepest; depth++) {
    if (trace.nodes.filter((node) => node.depth <= depth).length > USEFUL_ROWS && depth > 1) {
      break;
    }
    open = depth;
  }
  for (const node of trace.nodes) {
    node.expanded = node.children.length > 0 && node.depth < open;
  }
  if (trace.roots.length === 1 && trace.roots[0] !== undefined) {
    trace.roots[0].expanded = trace.roots[0].children.length > 0;
  }
  for (const cause of trace.causes.slice(0, MOST_FAILURES)) {
    for (let above = cause.parent; above !== null; above = above.parent) {
      above.expanded = true;
    }
  }
}

/**
 * Says what ran, when, for how long and how it ended.
 * @param {Trace} trace
 * @param {(node: SpanNode) => void} reveal
 */
function summarize(trace, reveal) {
  const root =
    trace.roots.find((node) => "capsule.spans" in node.data.attributes) ?? trace.roots[0];
  if (root === undefined) {
    byId("title").textContent = "An empty trace";
    return;
  }
  const workflow = root.data.attributes["capsule.workflow_id"];
  const name =
    root.data.kind === "task" && typeof workflow === "string"
      ? `${workflow}: ${root.label}`
      : root.label;
  byId("title").textContent = name;
  document.title = `${name} – trace`;
  tellOutcome(trace, trace.roots);
  tellFacts(trace);
  tellFailures(trace, reveal);
  tellKinds(trace);
}

/** @param {Trace} trace @param {SpanNode[]} roots */
function tellOutcome(trace, roots) {
  const last = roots.at(-1);
  const [state, text] = !trace.ended
    ? ["unfinished", "unfinished"]
    : last?.failed
      ? ["failed", "failed"]
      : last?.data.status === "cancelled"
        ? ["cancelled", "cancelled"]
        : ["ok", "succeeded"];
  const outcome = byId("outcome");
  outcome.textContent = text;
  outcome.classList.add(state);
}

/** @param {Trace} trace */
function tellFacts(trace) {
  const count = (/** @type {string} */ kind) =>
    trace.nodes.filter((node) => node.data.kind === kind).length;
  const sum = (/** @type {string[]} */ kinds, /** @type {string} */ name) =>
    trace.nodes.reduce(
      (all, node) =>
        all + (kinds.includes(node.data.kind) ? Number(node.data.attributes[name] ?? 0) : 0),
      0,
    );
  const began = new Date(trace.began);
  const retries = sum(["task"], "capsule.retries");
  const usedFuel = sum(["task", "cell"], "capsule.fuel.used");
  const peak = trace.nodes.reduce(
    (most, node) => Math.max(most, Number(node.data.attributes["capsule.memory.peak"] ?? 0)),
    0,
  );
  /** @type {[string, string][]} */
  const facts = [
    ["began", began.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" })],
    ["took", duration(trace.clock.busy)],
  ];
  for (const [kind, one] of [
    ["task", "tasks"],
    ["tool", "tool calls"],
    ["http", "HTTP requests"],
    ["file", "files opened"],
    ["step", "steps"],
  ]) {
    if (count(String(kind)) > 0) {
      facts.push([String(one), count(String(kind)).toLocaleString("en")]);
    }
  }
  if (retries > 0) {
    facts.push(["retries", String(retries)]);
  }
  if (usedFuel > 0) {
    facts.push(["fuel", fuel(usedFuel)]);
  }
  if (peak > 0) {
    facts.push(["peak memory", bytes(peak)]);
  }
  if (trace.leftOut > 0) {
    facts.push(["spans not in this page", trace.leftOut.toLocaleString("en")]);
  }
  const list = byId("facts");
  list.replaceChildren(
    ...facts.map(([label, value]) =>
      element("div", "", element("dt", "", label), element("dd", "", value)),
    ),
  );
  const when = list.querySelector("dd");
  if (when !== null) {
    when.title = began.toISOString();
  }
}

/**
 * How far a failure went: how many above it failed by it; most of all if nothing above did not.
 * @param {SpanNode} node
 */
function reach(node) {
  let count = 0;
  let above = node.parent;
  for (; above?.failed && above.failedBy(node); above = above.parent) {
    count++;
  }
  return above === null ? Number.POSITIVE_INFINITY : count;
}

/** Whether no later attempt of the same task failed, too. @param {SpanNode} node */
function isLast(node) {
  const { kind } = node.data;
  return (
    kind !== "attempt" ||
    node.parent === null ||
    node === node.parent.children.findLast((each) => each.data.kind === kind && each.failed)
  );
}

/** @param {Trace} trace @param {(node: SpanNode) => void} reveal */
function tellFailures(trace, reveal) {
  const causes = trace.causes.filter(isLast).sort((a, b) => reach(b) - reach(a));
  const items = causes.slice(0, MOST_FAILURES).map((node) => {
    const task = node.data.kind === "attempt" ? node.parent : null;
    const tries = task === null ? "" : ` (${node.label})`;
    const what = `${(task ?? node).label}: ${node.error.split("\n")[0] || "failed"}${tries}`;
    const link = element("button", "link bad", what);
    link.addEventListener("click", () => reveal(node));
    return element("li", "", link);
  });
  if (causes.length > MOST_FAILURES) {
    items.push(
      element(
        "li",
        "note",
        `and ${counted(causes.length - MOST_FAILURES, "more failure")}; the key f goes through them`,
      ),
    );
  }
  byId("failures").replaceChildren(...items);
}

/** The kinds that there are, with their colours. @param {Trace} trace */
function tellKinds(trace) {
  const kinds = KINDS.filter((kind) => trace.nodes.some((node) => node.data.kind === kind));
  const items = kinds.map((kind) =>
    element("li", "", element("span", `dot kind-${kind}`), kind === "http" ? "HTTP" : kind),
  );
  if (trace.nodes.some((node) => node.failed)) {
    items.push(element("li", "", element("span", "dot failed"), "failed"));
  }
  byId("legend").replaceChildren(...items);
}
