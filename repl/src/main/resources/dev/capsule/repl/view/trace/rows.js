// A row of the tree: what its span is called, and its bar.

/** @param {SpanNode} node */
function makeRow(node) {
  const twisty = element("span", node.children.length === 0 ? "twisty none" : "twisty");
  twisty.ariaHidden = "true";
  const name = element(
    "div",
    "name",
    twisty,
    element("span", `dot ${kindClass(node)}`),
    element("span", "label", node.label),
  );
  name.setAttribute("role", "gridcell");
  name.style.paddingLeft = `${8 + Math.min(node.depth, 24) * 16}px`;
  if (!node.expanded && node.descendants > 0) {
    name.append(
      element(
        "span",
        node.failedInside ? "more bad" : "more",
        `+${node.descendants.toLocaleString("en")}`,
      ),
    );
  }
  if (node.failed) {
    name.append(element("span", "mark bad", "×"));
  } else if (node.data.attributes["capsule.replayed"] === true) {
    name.append(element("span", "mark", "journal"));
  }
  const bar = element("div", `bar ${kindClass(node)}`);
  if (node.waited > 0) {
    bar.append(element("div", "waited"));
  }
  const took = element(
    "span",
    "took",
    `${duration(node.data.duration)}${node.failed ? ` · ${node.error.split("\n")[0]?.slice(0, 90)}` : ""}`,
  );
  const lane = element("div", "lane", bar, took);
  lane.setAttribute("role", "gridcell");
  const row = element("div", node.failed ? "row bad-row" : "row", name, lane);
  row.setAttribute("role", "row");
  row.ariaLevel = String(node.depth + 1);
  row.ariaLabel = `${node.data.kind} ${node.label}, ${statusText(node)}, ${duration(node.data.duration)}`;
  if (node.children.length > 0) {
    row.ariaExpanded = String(node.expanded);
  }
  return row;
}
