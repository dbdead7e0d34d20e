"""(d) What a live sandbox adds to the sidecar's memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsule_bench import layout, machine
from capsule_bench.child import Child, child
from capsule_bench.figures import OURS, AtMost, Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capsule_bench.session import Session

TITLE = "(d) memory that a live sandbox adds: 100 sleeping tasks, the sidecar's whole growth divided by 100"
COUNT = 100
LONG = 600.0
MB = 1e6
EXPLAINED = {
    "RSS": "RSS (shared pages count each time)",
    "PSS": "PSS (shared pages are shared out)",
    "private": "private pages",
}


def measure(session: Session) -> Iterator[Figure]:
    """The part's figures."""
    if not machine.HAS_PROC:
        session.say("(d) is left out: it reads /proc, which only Linux has")
        return
    session.say(f"(d) {COUNT} sleeping tasks")
    with child(OURS, "crowd.py", layout.PROGRAMS, str(COUNT), str(LONG), sdk=True) as crowd:
        crowd.hear()
        sidecar = sidecar_of(crowd)
        before = machine.memory(sidecar)
        crowd.tell({})
        if crowd.hear()["asleep"] != COUNT:
            raise ValueError("not all tasks fell asleep")
        after = machine.memory(sidecar)
    notes = {"before": before, "after": after, "sandboxes": COUNT}
    for kind, explained in EXPLAINED.items():
        each = (after[kind] - before[kind]) / COUNT
        yield Figure("d", explained, "MB", {OURS: each / MB}, AtMost(6.0) if kind == "RSS" else None, notes)
    yield Figure("d", "the sidecar without them, RSS", "MB", {OURS: before["RSS"] / MB})


def sidecar_of(crowd: Child) -> int:
    """The only process that the crowd's process has started."""
    (sidecar,) = machine.children(crowd.process.pid)
    return sidecar
