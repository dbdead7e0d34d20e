"""(h) Waiting costs no core: many tasks that sleep for a second."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from capsule_bench import layout
from capsule_bench.child import child
from capsule_bench.figures import OURS, AtMost, Figure
from capsule_bench.samples import most_at_once

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capsule_bench.session import Session

TITLE = "(h) 500 tasks that each sleep for 1 second, called at once"
COUNT = 500
SECONDS = 1.0


def measure(session: Session) -> Iterator[Figure]:
    """The part's figures; a task that fails ends it with that task's error."""
    count = session.few(COUNT)
    session.say(f"(h) {count} sleeping tasks")
    with child(OURS, "crowd.py", layout.PROGRAMS, str(count), str(SECONDS), sdk=True) as crowd:
        crowd.hear()
        began = time.perf_counter()
        crowd.tell({})
        crowd.hear()
        naps = crowd.hear()["naps"]
        seconds = time.perf_counter() - began
    yield Figure("h", "until all had ended", "s", {OURS: seconds}, AtMost(3.0), {"tasks": count})
    yield Figure("h", "asleep in their sandboxes at the same moment", "", {OURS: most_at_once(naps)})
