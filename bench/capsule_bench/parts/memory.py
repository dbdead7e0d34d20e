"""(d) What a live sandbox adds to the sidecar's memory."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from capsule_bench import layout, machine, node
from capsule_bench.child import Child, child
from capsule_bench.figures import OURS, AtMost, Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capsule_bench.session import Session

TITLE = "(d) memory that a live sandbox adds: 100 sleeping tasks, the whole growth divided by 100"
COUNT = 100
LONG = 600.0
SETTLED = 2.0  # seconds until the pool has made its spare sandboxes again, so that they are in both figures
MB = 1e6
# What the machine has less of is what a sandbox costs. RSS is not: it counts a page of the guest's image, which is
# in memory once, again for each sandbox that has looked at it or at a page beside it.
EXPLAINED = {
    "machine": "memory that the machine has less of",
    "RSS": "RSS of the sidecar (the image's pages count each time)",
    "PSS": "PSS of the sidecar (they are shared out)",
    "private": "private pages of the sidecar",
}


def measure(session: Session) -> Iterator[Figure]:
    """The part's figures."""
    if not machine.HAS_PROC:
        session.say("(d) is left out: it reads /proc, which only Linux has")
        return
    with child(OURS, "crowd.py", layout.PROGRAMS, str(COUNT), str(LONG), sdk=True) as crowd:
        yield from _growth(session, crowd, "Python", 6.0)
    with child(OURS, node.FOLDER / "crowd.mjs", str(COUNT), str(LONG), python=node.install()) as crowd:
        yield from _growth(session, crowd, "JavaScript", 1.0)


def _growth(session: Session, crowd: Child, language: str, target: float) -> Iterator[Figure]:
    session.say(f"(d) {COUNT} sleeping tasks in {language}")
    crowd.hear()
    sidecar = sidecar_of(crowd)
    time.sleep(SETTLED)
    before = machine.memory(sidecar)
    crowd.tell({})
    if crowd.hear()["asleep"] != COUNT:
        raise ValueError("not all tasks fell asleep")
    time.sleep(SETTLED)
    after = machine.memory(sidecar)
    notes = {"before": before, "after": after, "sandboxes": COUNT}
    for kind, explained in EXPLAINED.items():
        each = (after[kind] - before[kind]) / COUNT
        limit = AtMost(target) if kind == "machine" else None
        yield Figure("d", f"{language}: {explained}", "MB", {OURS: each / MB}, limit, notes)
    yield Figure("d", f"{language}: the sidecar without them, RSS", "MB", {OURS: before["RSS"] / MB})


def sidecar_of(crowd: Child) -> int:
    """The only process that the crowd's process has started."""
    (sidecar,) = machine.children(crowd.process.pid)
    return sidecar
