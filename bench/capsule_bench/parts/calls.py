"""(a) A trivial task, each call in a fresh sandbox: one after the other, and several in flight."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from capsule_bench.figures import BARE, OURS, PEER, AtMost, Figure, MoreThan
from capsule_bench.samples import percentile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capsule_bench.child import Child
    from capsule_bench.session import Session

TITLE = "(a) a trivial task, each call in a fresh sandbox (bare Python: in a fresh process)"
IN_FLIGHT = (2, 8, 64)
ROUNDS = 10
WARM_UP = {OURS: 400, PEER: 50, BARE: 3}
CALLS = {OURS: 200, PEER: 100, BARE: 10}
CALLS_IN_FLIGHT = {OURS: 400, PEER: 200, BARE: 64}
HELLO: dict[str, Any] = {"expected": "Hello, bench!"}


def measure(session: Session) -> Iterator[Figure]:
    """The part's figures."""
    with ExitStack() as stack:
        contestants = session.contestants(stack, "hello", bare=True)
        session.say("(a) warming up")
        for name, contestant in contestants.items():
            contestant.ask("hello", "bench", how=_way(name), count=session.few(WARM_UP[name]), **HELLO)
        yield from _in_turn(session, contestants)
        for in_flight in IN_FLIGHT:
            yield _at_once(session, contestants, in_flight)


def _way(name: str) -> str:
    return "asyncio" if name == PEER else "threads"


def _in_turn(session: Session, contestants: dict[str, Child]) -> Iterator[Figure]:
    samples: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in session.rounds(ROUNDS, "(a) one call after the other"):
        for name, contestant in contestants.items():
            reply = contestant.ask("hello", "bench", how=_way(name), count=CALLS[name], **HELLO)
            samples[name] += reply["each"]

    def milliseconds(percent: float) -> dict[str, float]:
        return {name: percentile(each, percent) * 1000 for name, each in samples.items()}

    calls = {"calls": {name: len(each) for name, each in samples.items()}}
    yield Figure("a", "one after the other: fastest", "ms", milliseconds(0), notes=calls)
    yield Figure("a", "one after the other: p50", "ms", milliseconds(50), AtMost(1.0), notes=calls)
    yield Figure("a", "one after the other: p99", "ms", milliseconds(99), notes=calls)
    rates = {name: len(each) / sum(each) for name, each in samples.items()}
    yield Figure("a", "one after the other", "calls/s", rates, MoreThan(PEER), notes=calls)


def _at_once(session: Session, contestants: dict[str, Child], in_flight: int) -> Figure:
    calls: dict[tuple[str, str], int] = {}
    seconds: dict[tuple[str, str], float] = {}
    for _ in session.rounds(ROUNDS, f"(a) {in_flight} calls in flight"):
        for name, contestant in contestants.items():
            for how in ("threads", "asyncio") if name == OURS else (_way(name),):
                count = max(CALLS_IN_FLIGHT[name], in_flight)
                reply = contestant.ask("hello", "bench", how=how, count=count, in_flight=in_flight, **HELLO)
                calls[name, how] = calls.get((name, how), 0) + count
                seconds[name, how] = seconds.get((name, how), 0.0) + reply["total"]
    rates = {way: calls[way] / seconds[way] for way in calls}
    better = max(("threads", "asyncio"), key=lambda how: rates[OURS, how])
    values = {name: rates[name, better if name == OURS else _way(name)] for name in contestants}
    notes = {"in_flight": in_flight, "capsule_by": {how: round(rates[OURS, how], 1) for how in ("threads", "asyncio")}}
    return Figure("a", f"{in_flight} in flight (Capsule: {better})", "calls/s", values, MoreThan(PEER), notes)
