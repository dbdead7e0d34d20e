// The ruler above the rows.

/** A mark nearer to the right end would be cut off. */
const MARK_MARGIN = 24;

/** The ruler's marks, the lines under them, and the pauses that were left out. @param {Timeline} timeline */
function drawRuler(timeline) {
  const { from, to, trace } = timeline;
  const step = niceStep(((to - from) / timeline.laneWidth) * 110);
  /** @type {HTMLElement[]} */
  const marks = [];
  /** @type {HTMLElement[]} */
  const lines = [];
  for (const part of trace.clock.parts) {
    const partEnd = part.at + part.to - part.from;
    const first = Math.max(0, Math.ceil((from - part.at) / step));
    for (let i = first; part.at + i * step <= Math.min(to, partEnd); i++) {
      const x = timeline.x(part.at + i * step);
      if (x <= timeline.laneWidth - MARK_MARGIN) {
        const mark = element("span", "mark", i === 0 ? "0" : duration(i * step));
        mark.style.left = `${x}px`;
        marks.push(mark);
      }
      const line = element("div", "line");
      line.style.left = `${x}px`;
      lines.push(line);
    }
  }
  for (const pause of trace.clock.pauses) {
    const left = timeline.x(pause.from);
    const width = timeline.x(pause.to) - left;
    const band = element("div", "pause");
    band.style.left = `${left}px`;
    band.style.width = `${width}px`;
    lines.push(band);
    const mark = element("span", "mark pause-mark", `${duration(pause.lasted)} pause`);
    mark.style.left = `${left + width / 2}px`;
    marks.push(mark);
  }
  timeline.ruler.replaceChildren(...marks);
  timeline.grid.replaceChildren(...lines);
}

/** The next larger of 1, 2 and 5 times a power of ten; from a minute on, of what clocks divide by. @param {number} ns */
function niceStep(ns) {
  const clockSteps = [
    60e9, 120e9, 300e9, 600e9, 1800e9, 3600e9, 7200e9, 21_600e9, 43_200e9, 86_400e9,
  ];
  if (ns > 30e9) {
    return clockSteps.find((step) => step >= ns) ?? Math.ceil(ns / 86_400e9) * 86_400e9;
  }
  const power = 10 ** Math.floor(Math.log10(Math.max(ns, 1)));
  return ([1, 2, 5, 10].find((factor) => factor * power >= ns) ?? 10) * power;
}
