"""(g) A short task beside tasks that only compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsule_bench import layout
from capsule_bench.child import Child, child
from capsule_bench.figures import OURS, AtMost, Figure
from capsule_bench.samples import percentile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capsule_bench.session import Session

TITLE = "(g) a short task, called again and again beside tasks that only compute (one client; on 2 cores)"
CALLS = 300
BESIDE = (
    ("one spinning task", {"spinners": 1, "nested": 0}, 50.0),
    ("two spinning tasks", {"spinners": 2, "nested": 0}, 200.0),
    ("a workflow of 200 spinning tasks", {"spinners": 0, "nested": 200}, 200.0),
)


def measure(session: Session) -> Iterator[Figure]:
    """The part's figures."""
    with child(OURS, "beside.py", layout.PROGRAMS, sdk=True) as beside:
        alone = _ask(session, beside, {"spinners": 0, "nested": 0})
        yield Figure("g", "nobody beside it: p50", "ms", {OURS: percentile(alone["each"], 50)})
        for name, spinners, target in BESIDE:
            reply = _ask(session, beside, spinners)
            notes = {"calls": len(reply["each"])}
            yield Figure("g", f"{name}: p50", "ms", {OURS: percentile(reply["each"], 50)}, notes=notes)
            yield Figure("g", f"{name}: p99", "ms", {OURS: percentile(reply["each"], 99)}, notes=notes)
            yield Figure("g", f"{name}: longest", "ms", {OURS: max(reply["each"])}, AtMost(target), notes)
            yield Figure("g", f"{name}: all cancelled within", "ms", {OURS: reply["cancelled"][0]}, AtMost(100.0))


def _ask(session: Session, beside: Child, spinners: dict[str, int]) -> dict[str, list[float]]:
    session.say(f"(g) {spinners}")
    beside.tell({"calls": session.few(CALLS), **spinners})
    reply = beside.hear()
    return {"each": [each * 1000 for each in reply["each"]], "cancelled": [reply["cancelled"] * 1000]}
