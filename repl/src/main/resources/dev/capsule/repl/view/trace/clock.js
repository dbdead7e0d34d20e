// Time as it is shown.

/** Share of the time in which something ran that a pause must last to be left out. */
const LONG_PAUSE = 0.5;

/** Time as it is shown: pauses in which nothing ran, between the runs of a workflow, are cut out. */
class Clock {
  /** @param {SpanNode[]} nodes */
  constructor(nodes) {
    /** @type {{from: number, to: number, at: number}[]} */
    this.parts = [];
    for (const { data } of [...nodes].sort((a, b) => a.data.start - b.data.start)) {
      const last = this.parts.at(-1);
      if (last !== undefined && data.start <= last.to) {
        last.to = Math.max(last.to, data.start + data.duration);
      } else {
        this.parts.push({ from: data.start, to: data.start + data.duration, at: 0 });
      }
    }
    const busy = this.parts.reduce((sum, part) => sum + part.to - part.from, 0);
    const merged = this.parts.splice(0);
    for (const part of merged) {
      const last = this.parts.at(-1);
      if (last !== undefined && part.from - last.to <= Math.max(1e9, busy * LONG_PAUSE)) {
        last.to = part.to;
      } else {
        this.parts.push(part);
      }
    }
    const gap = busy * 0.02;
    let at = 0;
    for (const part of this.parts) {
      part.at = at;
      at += part.to - part.from + gap;
    }
    /** How much is shown in all. */
    this.total = Math.max(1, at - gap);
    this.busy = busy;
  }

  /**
   * Where a moment is shown.
   * @param {number} time
   */
  shown(time) {
    const part = this.parts.findLast((candidate) => candidate.from <= time) ?? this.parts[0];
    return part === undefined ? 0 : part.at + Math.min(time, part.to) - part.from;
  }

  /** The pauses that were cut out: where they are shown, and how long they were. */
  get pauses() {
    return this.parts.slice(1).map((part, i) => {
      const before = /** @type {{from: number, to: number, at: number}} */ (this.parts[i]);
      return {
        from: before.at + before.to - before.from,
        to: part.at,
        lasted: part.from - before.to,
      };
    });
  }
}
