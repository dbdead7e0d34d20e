"""(e) Pure Python in the sandbox against native CPython: the same functions, each timed by itself."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from capsule_bench.figures import BARE, OURS, Figure
from capsule_bench.machine import python_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capsule_bench.session import Session

TITLE = "(e) pure-Python compute (ratio: sandbox to native; fastest of the rounds)"
KERNELS = {"nbody": 20_000, "loop": 1_000_000, "json_round_trip": 20_000, "regex": 20_000}
NATIVE = f"native {python_version()}"
ROUNDS = 7


def measure(session: Session) -> Iterator[Figure]:
    """The part's figures."""
    fastest: dict[tuple[str, str], float] = {}
    with ExitStack() as stack:
        contestants = session.contestants(stack, bare=True)
        for _ in session.rounds(ROUNDS, "(e) compute"):
            for kernel, size in KERNELS.items():
                for name, contestant in contestants.items():
                    seconds = contestant.ask("compute", size, task=kernel)["last"]
                    fastest[kernel, name] = min(seconds, fastest.get((kernel, name), seconds))
    for kernel, size in KERNELS.items():
        ours, native = fastest[kernel, OURS], fastest[kernel, BARE]
        notes = {"size": size, "ratio": round(ours / native, 3)}
        values = {OURS: ours * 1000, NATIVE: native * 1000, "ratio": ours / native}
        yield Figure("e", kernel, "ms", values, notes=notes)
