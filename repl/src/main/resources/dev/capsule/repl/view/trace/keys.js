// What keys do; the same is written in the page under "Keys".

function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const typing = event.target === query;
    const act = typing
      ? keyInSearch(event)
      : keyAnywhere(event) || (event.target === timeline.scroller && keyInRows(event));
    if (act) {
      event.preventDefault();
    }
  });
}

/** Each of these returns whether it knows the key. @param {KeyboardEvent} event */
function keyInSearch(event) {
  if (event.key === "Enter") {
    nextMatch(event.shiftKey ? -1 : 1);
  } else if (event.key === "Escape") {
    query.value = "";
    search();
    timeline.scroller.focus();
  } else {
    return false;
  }
  return true;
}

/** @param {KeyboardEvent} event */
function keyAnywhere(event) {
  /** @type {Record<string, () => void>} */
  const keys = {
    "/": () => query.select(),
    n: () => nextMatch(1),
    N: () => nextMatch(-1),
    f: nextFailure,
    "+": () => timeline.zoomHere(2),
    "=": () => timeline.zoomHere(2),
    "-": () => timeline.zoomHere(0.5),
    0: () => timeline.fit(),
    z: () => timeline.chosen !== null && timeline.zoomTo(timeline.chosen),
    Escape: hideDetails,
  };
  const act = keys[event.key];
  act?.();
  return act !== undefined;
}

/** @param {KeyboardEvent} event */
function keyInRows(event) {
  const node = timeline.chosen;
  const page = Math.max(1, Math.floor(timeline.scroller.clientHeight / ROW_HEIGHT) - 1);
  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowDown: () => timeline.step(1),
    ArrowUp: () => timeline.step(-1),
    PageDown: () => timeline.step(page),
    PageUp: () => timeline.step(-page),
    Home: () => timeline.step(-timeline.rows.length),
    End: () => timeline.step(timeline.rows.length),
    ArrowRight: () => (event.shiftKey ? timeline.pan(0.2) : node !== null && openOrEnter(node)),
    ArrowLeft: () => (event.shiftKey ? timeline.pan(-0.2) : node !== null && closeOrLeave(node)),
    Enter: () => node !== null && showDetails(node),
    " ": () => node !== null && showDetails(node),
  };
  const act = keys[event.key];
  act?.();
  return act !== undefined;
}

/** @param {SpanNode} node */
function openOrEnter(node) {
  if (node.expanded) {
    timeline.choose(node.children[0] ?? node);
  } else {
    timeline.expand(node, true);
  }
}

/** @param {SpanNode} node */
function closeOrLeave(node) {
  if (node.expanded) {
    timeline.expand(node, false);
  } else if (node.parent !== null) {
    timeline.choose(node.parent);
  }
}
