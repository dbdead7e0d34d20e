// Dragging: over the bars it moves the time, in the ruler it chooses the time to zoom to.

/**
 * @typedef {{from: number | null, moved: boolean}} Drag where it began; whether it went far enough to be no click
 */

const CLICK_PX = 4;

/**
 * @param {Timeline} timeline
 * @returns {Drag} as it goes
 */
function listenToDrags(timeline) {
  /** @type {Drag} */
  const drag = { from: null, moved: false };
  const band = element("div", "band");
  const { scroller, ruler } = timeline;
  let shownFrom = 0;
  let shownTo = 0;
  const shownAt = (/** @type {number} */ clientX) =>
    shownFrom +
    ((clientX - ruler.getBoundingClientRect().left) / timeline.laneWidth) * (shownTo - shownFrom);

  /** @param {PointerEvent} event */
  function begin(event) {
    drag.moved = false;
    const inLane =
      event.currentTarget === ruler || event.clientX > ruler.getBoundingClientRect().left;
    if (
      event.button === 0 &&
      event.pointerType !== "touch" &&
      inLane &&
      event.offsetX < scroller.clientWidth
    ) {
      drag.from = event.clientX;
      shownFrom = timeline.from;
      shownTo = timeline.to;
    }
  }

  /** @param {PointerEvent} event */
  function move(event) {
    if (drag.from === null) {
      return;
    }
    if (!drag.moved && Math.abs(event.clientX - drag.from) > CLICK_PX) {
      drag.moved = true;
      // only now: captured, a click would no longer be one on the row
      /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
    }
    if (!drag.moved) {
      return;
    }
    if (event.currentTarget === ruler) {
      const { left } = ruler.getBoundingClientRect();
      band.style.left = `${Math.min(drag.from, event.clientX) - left}px`;
      band.style.width = `${Math.abs(event.clientX - drag.from)}px`;
      timeline.grid.append(band);
    } else {
      const by = shownAt(drag.from) - shownAt(event.clientX);
      timeline.show(shownFrom + by, shownTo + by);
    }
  }

  /** @param {PointerEvent} event */
  function end(event) {
    if (drag.from !== null && drag.moved && event.currentTarget === ruler) {
      band.remove();
      const [a, b] = [shownAt(drag.from), shownAt(event.clientX)];
      timeline.show(Math.min(a, b), Math.max(a, b));
    }
    drag.from = null;
  }

  for (const area of [scroller, ruler]) {
    area.addEventListener("pointerdown", begin);
    area.addEventListener("pointermove", move);
    area.addEventListener("pointerup", end);
    area.addEventListener("pointercancel", end);
  }
  return drag;
}
