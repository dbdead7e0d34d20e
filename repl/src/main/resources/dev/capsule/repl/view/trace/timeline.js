// The rows and their bars. Only the rows that are in sight are in the document.

const ROW_HEIGHT = 26;
const AHEAD = 8;
const NARROWEST_NS = 100;
const LABEL_WIDTH = 90;

/** The timeline: which rows there are, which time is shown, which row is chosen. */
class Timeline {
  /**
   * @param {Trace} trace
   * @param {(node: SpanNode | null) => void} onChosen told of each row that is chosen
   */
  constructor(trace, onChosen) {
    this.trace = trace;
    this.onChosen = onChosen;
    this.scroller = byId("rows");
    this.holder = byId("all-rows");
    this.ruler = byId("ruler");
    this.grid = byId("grid");
    /** @type {SpanNode[]} */
    this.rows = [];
    /** @type {Map<SpanNode, HTMLElement>} */
    this.drawn = new Map();
    /** @type {SpanNode | null} */
    this.chosen = trace.roots[0] ?? null;
    /** @type {Set<SpanNode> | null} */
    this.found = null;
    this.from = 0;
    this.to = trace.clock.total;
    this.awaited = false;
    this.scroller.addEventListener("scroll", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.scroller);
    this.layOut();
  }

  /** Finds out which rows there are; call it after rows were opened or closed. */
  layOut() {
    this.rows = [];
    const rest = [...this.trace.roots].reverse();
    for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
      this.rows.push(node);
      if (node.expanded) {
        rest.push(...[...node.children].reverse());
      }
    }
    if (this.chosen !== null && !this.rows.includes(this.chosen)) {
      this.chosen = nearestShown(this.chosen);
    }
    this.holder.style.height = `${this.rows.length * ROW_HEIGHT}px`;
    this.scroller.setAttribute("aria-rowcount", String(this.rows.length));
    for (const row of this.drawn.values()) {
      row.remove();
    }
    this.drawn.clear();
    this.draw();
  }

  /** Draws before the next frame, however often it is called. */
  draw() {
    if (!this.awaited) {
      this.awaited = true;
      requestAnimationFrame(() => {
        this.awaited = false;
        this.drawNow();
      });
    }
  }

  drawNow() {
    const top = this.scroller.scrollTop;
    const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - AHEAD);
    const last = Math.ceil((top + this.scroller.clientHeight) / ROW_HEIGHT) + AHEAD;
    const wanted = this.rows.slice(first, last);
    const kept = new Set(wanted);
    for (const [node, row] of this.drawn) {
      if (!kept.has(node)) {
        row.remove();
        this.drawn.delete(node);
      }
    }
    const width = this.laneWidth;
    wanted.forEach((node, i) => {
      let row = this.drawn.get(node);
      if (row === undefined) {
        row = makeRow(node);
        this.drawn.set(node, row);
        this.holder.append(row);
      }
      row.style.top = `${(first + i) * ROW_HEIGHT}px`;
      row.id = `row-${first + i}`;
      row.ariaRowIndex = String(first + i + 1);
      row.ariaSelected = String(node === this.chosen);
      row.classList.toggle("found", this.found?.has(node) ?? false);
      row.classList.toggle("passed-over", this.found !== null && !this.found.has(node));
      this.placeBar(node, row, width);
    });
    const index = this.chosen === null ? -1 : this.rows.indexOf(this.chosen);
    if (index >= first && index < last) {
      this.scroller.setAttribute("aria-activedescendant", `row-${index}`);
    } else {
      this.scroller.removeAttribute("aria-activedescendant");
    }
    drawRuler(this);
  }

  get laneWidth() {
    return Math.max(1, this.ruler.clientWidth);
  }

  /** Where a shown time is, in pixels from the lane's left. @param {number} shown */
  x(shown) {
    return ((shown - this.from) / (this.to - this.from)) * this.laneWidth;
  }

  /** @param {SpanNode} node @param {HTMLElement} row @param {number} width */
  placeBar(node, row, width) {
    const bar = /** @type {HTMLElement} */ (row.querySelector(".bar"));
    const label = /** @type {HTMLElement} */ (row.querySelector(".took"));
    const start = this.x(this.trace.clock.shown(node.data.start));
    const end = Math.max(this.x(this.trace.clock.shown(node.end)), start + 2);
    const before = end < 0;
    const after = start > width;
    row.classList.toggle("before", before);
    row.classList.toggle("after", after);
    const left = Math.max(start, -4);
    bar.hidden = before || after;
    bar.style.left = `${left}px`;
    bar.style.width = `${Math.min(end, width + 4) - left}px`;
    const room = width - end > LABEL_WIDTH;
    const inside = !room && end - Math.max(start, 0) > LABEL_WIDTH;
    label.hidden = before || after;
    label.classList.toggle("inside", inside);
    const beside = room ? end + 6 : inside ? Math.min(end, width) - 6 : Math.max(start, 0) - 6;
    label.style.left = `${beside}px`;
    label.style.transform = room ? "" : "translateX(-100%)";
    label.style.maxWidth = `${room ? width - beside : inside ? beside - Math.max(start, 0) - 6 : beside}px`;
    const waited = bar.firstElementChild;
    if (waited instanceof HTMLElement) {
      waited.style.width = `${Math.max(0, this.x(this.trace.clock.shown(node.data.start + node.waited)) - left)}px`;
    }
  }

  /** Shows this part of the time, as far as there is any. @param {number} from @param {number} to */
  show(from, to) {
    const { total } = this.trace.clock;
    const length = Math.min(total, Math.max(NARROWEST_NS, to - from));
    const middle = (from + to) / 2;
    this.from = Math.min(Math.max(0, middle - length / 2), total - length);
    this.to = this.from + length;
    this.draw();
  }

  /** Zooms about a point of the lane, 0 to 1. @param {number} factor @param {number} anchor */
  zoom(factor, anchor) {
    const { total } = this.trace.clock;
    const old = this.to - this.from;
    const length = Math.min(total, Math.max(NARROWEST_NS, old / factor));
    const from = this.from + (old - length) * anchor;
    this.show(from, from + length);
  }

  /** Zooms about the chosen row's bar, or the middle. @param {number} factor */
  zoomHere(factor) {
    let anchor = 0.5;
    if (this.chosen !== null) {
      const { clock } = this.trace;
      const middle = (clock.shown(this.chosen.data.start) + clock.shown(this.chosen.end)) / 2;
      const at = (middle - this.from) / (this.to - this.from);
      anchor = at > 0 && at < 1 ? at : 0.5;
    }
    this.zoom(factor, anchor);
  }

  /** Moves by a share of what is shown. @param {number} share */
  pan(share) {
    const by = (this.to - this.from) * share;
    this.show(this.from + by, this.to + by);
  }

  fit() {
    this.show(0, this.trace.clock.total);
  }

  /** @param {SpanNode} node */
  zoomTo(node) {
    const { clock } = this.trace;
    const from = clock.shown(node.data.start);
    const to = clock.shown(node.end);
    const margin = Math.max(NARROWEST_NS, (to - from) * 0.08);
    this.show(from - margin, to + margin);
  }

  /** Chooses a row that is there and brings it into sight. @param {SpanNode | null} node */
  choose(node) {
    this.chosen = node;
    const index = node === null ? -1 : this.rows.indexOf(node);
    if (index >= 0) {
      const top = index * ROW_HEIGHT;
      const height = this.scroller.clientHeight;
      if (top < this.scroller.scrollTop) {
        this.scroller.scrollTop = top;
      } else if (top + ROW_HEIGHT > this.scroller.scrollTop + height) {
        this.scroller.scrollTop = top + ROW_HEIGHT - height;
      }
    }
    this.draw();
    this.onChosen(node);
  }

  /** Opens all above a span, chooses it, and shows its time if that is out of sight. @param {SpanNode} node */
  reveal(node) {
    for (let above = node.parent; above !== null; above = above.parent) {
      above.expanded = true;
    }
    this.layOut();
    const { clock } = this.trace;
    const [start, end] = [clock.shown(node.data.start), clock.shown(node.end)];
    if (end < this.from || start > this.to) {
      this.zoomTo(node);
    }
    const row = this.rows.indexOf(node);
    const shown = this.scroller.clientHeight / ROW_HEIGHT;
    if (Math.abs(row - this.scroller.scrollTop / ROW_HEIGHT - shown / 2) > shown / 2 - 1) {
      this.scroller.scrollTop = (row - shown / 3) * ROW_HEIGHT;
    }
    this.choose(node);
  }

  /** @param {SpanNode} node @param {boolean} expanded */
  expand(node, expanded) {
    if (node.children.length > 0 && node.expanded !== expanded) {
      node.expanded = expanded;
      this.layOut();
    }
  }

  /** Moves the choice by so many rows. @param {number} by */
  step(by) {
    const index = this.chosen === null ? -1 : this.rows.indexOf(this.chosen);
    const next = Math.min(Math.max(0, index + by), this.rows.length - 1);
    this.choose(this.rows[next] ?? null);
  }
}

/** The innermost span above it of which all that is above is open. @param {SpanNode} node */
function nearestShown(node) {
  let shown = node;
  for (let above = node.parent; above !== null; above = above.parent) {
    if (!above.expanded) {
      shown = above;
    }
  }
  return shown;
}
