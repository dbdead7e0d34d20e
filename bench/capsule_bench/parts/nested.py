"""(c) A main task that calls a hundred others, each in a sandbox of its own."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from capsule_bench.figures import PEER, AtMost, Figure
from capsule_bench.samples import percentile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capsule_bench.session import Session

TITLE = "(c) a main task and 100 nested ones"
NESTED = 100
EXPECTED = sum(number * number for number in range(NESTED))
ROUNDS = 20
REST = 0.3  # seconds before a sample, for all contestants alike: a program is mostly run now and then

SAMPLES = {"at once": ("nested", REST), "in turn": ("nested_in_turn", REST), "again": ("nested_in_turn", 0.0)}


def measure(session: Session) -> Iterator[Figure]:
    """The part's figures."""
    with ExitStack() as stack:
        contestants = session.contestants(stack, "nested_in_turn")
        samples: dict[tuple[str, str], list[float]] = {}
        for number in session.rounds(ROUNDS + 2, "(c) nested calls"):
            for name, contestant in contestants.items():
                for what, (program, rest) in SAMPLES.items():
                    # capsule-run's calls of tasks block, so it can make them in turn only.
                    if name == PEER and program == "nested":
                        continue
                    time.sleep(rest)
                    how = "asyncio" if name == PEER else "threads"
                    reply = contestant.ask(program, str(NESTED), how=how, expected=EXPECTED)
                    if number > 1 or session.quick:  # two to warm up
                        samples.setdefault((what, name), []).extend(reply["each"])
    yield _figure("at once (asyncio.gather): p50", "at once", samples, AtMost(100))
    yield _figure("one after the other, same source: p50", "in turn", samples, AtMost(100))
    yield _figure("the same without a rest before it: p50", "again", samples, None)


def _figure(title: str, what: str, samples: dict[tuple[str, str], list[float]], target: AtMost | None) -> Figure:
    mine = {name: each for (which, name), each in samples.items() if which == what}
    values = {name: percentile(each, 50) * 1000 for name, each in mine.items()}
    fastest = {name: round(min(each) * 1000, 3) for name, each in mine.items()}
    return Figure("c", title, "ms", values, target, {"nested": NESTED, "fastest": fastest})
