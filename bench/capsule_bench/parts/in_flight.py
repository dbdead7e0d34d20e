"""(f) A thousand tasks in flight."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from capsule_bench import layout, machine
from capsule_bench.child import child
from capsule_bench.figures import OURS, AtMost, Figure
from capsule_bench.parts.memory import sidecar_of
from capsule_bench.samples import most_at_once

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capsule_bench.session import Session

TITLE = "(f) 1,000 tasks in flight, each of which sleeps for 5 seconds"
COUNT = 1000
SECONDS = 5.0
GIB = float(1 << 30)


def measure(session: Session) -> Iterator[Figure]:
    """The part's figures; a task that fails ends it with that task's error."""
    if not machine.HAS_PROC:
        session.say("(f) is left out: it reads /proc, which only Linux has")
        return
    count = session.few(COUNT)
    session.say(f"(f) {count} tasks in flight")
    with child(OURS, "crowd.py", layout.PROGRAMS, str(count), str(SECONDS), sdk=True) as crowd:
        crowd.hear()
        sidecar = sidecar_of(crowd)
        began = time.perf_counter()
        crowd.tell({})
        crowd.hear()
        naps = crowd.hear()["naps"]
        seconds = time.perf_counter() - began
        peak = machine.peak_rss(sidecar)
    yield Figure("f", "tasks that failed", "", {OURS: count - len(naps)}, AtMost(0))
    yield Figure("f", "asleep in their sandboxes at the same moment", "", {OURS: most_at_once(naps)})
    yield Figure("f", "until all had ended", "s", {OURS: seconds})
    yield Figure("f", "the sidecar's highest RSS", "GiB", {OURS: peak / GIB}, AtMost(24))
