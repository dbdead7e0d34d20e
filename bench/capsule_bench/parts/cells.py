"""(m) Snippets and cells of a session, beside a trivial task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsule_bench import layout
from capsule_bench.child import child
from capsule_bench.figures import OURS, AtMost, Figure
from capsule_bench.samples import percentile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capsule_bench.session import Session

TITLE = "(m) `run_python('1 + 1')` and the cell `x += 1; x`, beside a trivial task"
ROUNDS = 10
COUNT = 100
WARM_UP = 300
MOST = 1.2
"""Times a trivial task."""


def measure(session: Session) -> Iterator[Figure]:
    """The part's figures."""
    samples: dict[str, list[float]] = {"task": [], "snippet": [], "cell": []}
    with child(OURS, layout.CHILDREN / "cells.py", sdk=True) as contestant:
        session.say("(m) warming up")
        contestant.tell_line(str(session.few(WARM_UP)))
        contestant.hear()
        for _ in session.rounds(ROUNDS, "(m) by turns"):
            contestant.tell_line(str(COUNT))
            for name, each in contestant.hear().items():
                samples[name] += each
    middle = {name: percentile(each, 50) * 1000 for name, each in samples.items()}
    fastest = {name: round(min(each) * 1000, 3) for name, each in samples.items()}
    notes = {"fastest": fastest}
    yield Figure("m", "a trivial task: p50", "ms", {OURS: middle["task"]}, notes=notes)
    yield Figure("m", "a snippet: p50", "ms", {OURS: middle["snippet"]}, AtMost(MOST * middle["task"]), notes)
    yield Figure("m", "a cell: p50", "ms", {OURS: middle["cell"]}, AtMost(0.3), notes)
