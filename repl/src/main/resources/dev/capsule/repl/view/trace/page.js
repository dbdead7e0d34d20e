// What the page's parts do together: the summary, search, details, mouse and keys.

const trace = new Trace(JSON.parse(byId("trace").textContent ?? ""));
openUsefully(trace);
const timeline = new Timeline(trace, chosen);
const query = /** @type {HTMLInputElement} */ (byId("query"));
const details = byId("details");
const hint = byId("hint");
/** @type {SpanNode[]} */
let matches = [];
/** Where in the matches we are; -1: nowhere yet. */
let match = -1;

summarize(trace, (node) => {
  timeline.reveal(node);
  showDetails(node);
  timeline.scroller.focus();
});
listenToMouse();
listenToKeys();

/** @param {SpanNode | null} node */
function chosen(node) {
  hideHint();
  if (node !== null && !details.hidden) {
    showDetails(node);
  } else if (node !== null && timeline.scroller.matches(":focus-visible")) {
    requestAnimationFrame(() => hintBelow(node));
  }
}

/** @param {SpanNode} node */
function showDetails(node) {
  hideHint();
  const close = element("button", "close", "×");
  close.ariaLabel = "Close the details";
  close.addEventListener("click", hideDetails);
  details.replaceChildren(close, ...detailsOf(node, (other) => timeline.reveal(other)));
  details.hidden = false;
  details.scrollTop = 0;
}

function hideDetails() {
  details.hidden = true;
  timeline.scroller.focus();
}

/** @param {SpanNode} node */
function hintBelow(node) {
  const row = timeline.drawn.get(node);
  if (row !== undefined && node === timeline.chosen) {
    const { left, bottom, width } = row.getBoundingClientRect();
    showHint(node, left + width / 3, bottom);
  }
}

/** @param {SpanNode} node @param {number} x @param {number} y */
function showHint(node, x, y) {
  hint.replaceChildren(...hintOf(node));
  hint.hidden = false;
  const { width, height } = hint.getBoundingClientRect();
  const below = y + 16 + height < innerHeight;
  hint.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - width - 8))}px`;
  hint.style.top = `${Math.max(4, below ? y + 16 : y - height - ROW_HEIGHT)}px`;
}

function hideHint() {
  hint.hidden = true;
}

function search() {
  const wanted = query.value.trim().toLowerCase();
  matches = wanted === "" ? [] : trace.nodes.filter((node) => node.text.includes(wanted));
  match = -1;
  timeline.found = wanted === "" ? null : new Set(matches);
  timeline.draw();
  tellMatches();
}

function tellMatches() {
  const count = matches.length.toLocaleString("en");
  byId("matches").textContent =
    timeline.found === null
      ? ""
      : matches.length === 0
        ? "no match"
        : match < 0
          ? counted(matches.length, "match", "matches")
          : `${match + 1} of ${count}`;
}

/** @param {number} by */
function nextMatch(by) {
  if (matches.length > 0) {
    match =
      match < 0
        ? by > 0
          ? 0
          : matches.length - 1
        : (match + by + matches.length) % matches.length;
    timeline.reveal(/** @type {SpanNode} */ (matches[match]));
    tellMatches();
  }
}

function nextFailure() {
  const { causes } = trace;
  const at = timeline.chosen === null ? -1 : trace.nodes.indexOf(timeline.chosen);
  const next = causes.find((node) => trace.nodes.indexOf(node) > at) ?? causes[0];
  if (next !== undefined) {
    timeline.reveal(next);
  }
}

/** @param {boolean} expanded */
function expandAll(expanded) {
  for (const node of trace.nodes) {
    node.expanded = expanded && node.children.length > 0;
  }
  timeline.layOut();
}

/** The span whose row an event is in. @param {Event} event */
function spanOf(event) {
  const row = event.target instanceof Element ? event.target.closest(".row") : null;
  return [...timeline.drawn].find(([, drawn]) => drawn === row)?.[0];
}

function listenToMouse() {
  const { scroller } = timeline;
  scroller.addEventListener("click", (event) => {
    const node = spanOf(event);
    if (node === undefined || drag.moved) {
      return;
    }
    if (event.target instanceof Element && event.target.closest(".twisty, .more") !== null) {
      timeline.expand(node, !node.expanded);
      timeline.choose(node);
    } else {
      timeline.choose(node);
      showDetails(node);
    }
  });
  scroller.addEventListener("dblclick", (event) => {
    const node = spanOf(event);
    if (node !== undefined) {
      timeline.zoomTo(node);
    }
  });
  scroller.addEventListener("mousemove", (event) => {
    const node = spanOf(event);
    if (node === undefined || drag.from !== null) {
      hideHint();
    } else {
      showHint(node, event.clientX, event.clientY);
    }
  });
  scroller.addEventListener("mouseleave", hideHint);
  scroller.addEventListener("scroll", hideHint);
  for (const area of [scroller, timeline.ruler]) {
    area.addEventListener("wheel", wheel, { passive: false });
  }
  const drag = listenToDrags(timeline);
  query.addEventListener("input", search);
  const buttons = {
    next: () => nextMatch(1),
    previous: () => nextMatch(-1),
    "zoom-in": () => timeline.zoomHere(2),
    "zoom-out": () => timeline.zoomHere(0.5),
    "zoom-span": () => timeline.chosen !== null && timeline.zoomTo(timeline.chosen),
    fit: () => timeline.fit(),
    expand: () => expandAll(true),
    collapse: () => expandAll(false),
  };
  for (const [id, act] of Object.entries(buttons)) {
    byId(id).addEventListener("click", act);
  }
}

/** @param {WheelEvent} event */
function wheel(event) {
  const { left, width } = timeline.ruler.getBoundingClientRect();
  const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    const anchor = Math.min(1, Math.max(0, (event.clientX - left) / width));
    timeline.zoom(Math.exp(-event.deltaY / 300), anchor);
  } else if (sideways !== 0 && Math.abs(sideways) >= Math.abs(event.deltaY)) {
    event.preventDefault();
    timeline.pan(sideways / width);
  } else if (event.currentTarget === timeline.ruler) {
    event.preventDefault();
    timeline.zoom(
      Math.exp(-event.deltaY / 300),
      Math.min(1, Math.max(0, (event.clientX - left) / width)),
    );
  }
}
