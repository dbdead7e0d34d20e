"""(j) A trivial JavaScript task from Node, each call in a fresh sandbox."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from capsule_bench import node
from capsule_bench.figures import OURS, AtLeast, AtMost, Figure
from capsule_bench.samples import percentile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capsule_bench.child import Child
    from capsule_bench.session import Session

TITLE = "(j) a trivial JavaScript task from Node, each call in a fresh sandbox (isolate, runtime, process)"
ROUNDS = 10
WARM_UP = {OURS: 2000, node.ISOLATED: 50, node.EMSCRIPTEN: 100, node.PROCESS: 3}
CALLS = {OURS: 400, node.ISOLATED: 100, node.EMSCRIPTEN: 200, node.PROCESS: 10}
IN_FLIGHT = (16, 64)
HELLO: dict[str, Any] = {"expected": "Hello, bench!"}
SLEEPS = 4
MILLISECONDS = 50


def measure(session: Session) -> Iterator[Figure]:
    """The part's figures."""
    with ExitStack() as stack:
        contestants = node.contestants(session, stack, *node.SCRIPTS)
        session.say("(j) warming up")
        for name, contestant in contestants.items():
            contestant.ask("hello", "bench", count=session.few(WARM_UP[name]), **HELLO)
        yield from _in_turn(session, contestants)
        for in_flight in IN_FLIGHT:
            yield _at_once(session, contestants, in_flight)
        yield _sleeps(session, contestants[OURS])


def _in_turn(session: Session, contestants: dict[str, Child]) -> Iterator[Figure]:
    samples: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in session.rounds(ROUNDS, "(j) one call after the other"):
        for name, contestant in contestants.items():
            samples[name] += contestant.ask("hello", "bench", count=CALLS[name], **HELLO)["each"]
    notes = {"calls": {name: len(each) for name, each in samples.items()}}
    for title, percent, target in (("fastest", 0, None), ("p50", 50, AtMost(0.5)), ("p99", 99, None)):
        values = {name: percentile(each, percent) * 1000 for name, each in samples.items()}
        yield Figure("j", f"one after the other: {title}", "ms", values, target, notes)
    rates = {name: len(each) / sum(each) for name, each in samples.items()}
    yield Figure("j", "one after the other", "calls/s", rates, notes=notes)


def _at_once(session: Session, contestants: dict[str, Child], in_flight: int) -> Figure:
    calls = dict.fromkeys(contestants, 0)
    seconds = dict.fromkeys(contestants, 0.0)
    for _ in session.rounds(ROUNDS, f"(j) {in_flight} calls in flight"):
        for name, contestant in contestants.items():
            count = max(2 * CALLS[name], in_flight)
            seconds[name] += contestant.ask("hello", "bench", count=count, in_flight=in_flight, **HELLO)["total"]
            calls[name] += count
    rates = {name: calls[name] / seconds[name] for name in contestants}
    target = AtLeast(2000) if in_flight == IN_FLIGHT[0] else None
    return Figure("j", f"{in_flight} in flight", "calls/s", rates, target, {"calls": calls})


def _sleeps(session: Session, ours: Child) -> Figure:
    each: list[float] = []
    for number in session.rounds(2 * ROUNDS + 2, "(j) nested sleeps"):
        reply = ours.ask("sleeps", SLEEPS, MILLISECONDS, expected=SLEEPS * MILLISECONDS)
        if number > 1 or session.quick:  # two to warm up
            each += reply["each"]
    title = f"{SLEEPS} nested sleeps of {MILLISECONDS} ms by Promise.all: p50"
    return Figure("j", title, "ms", {OURS: percentile(each, 50) * 1000}, AtMost(80), {"longest": max(each) * 1000})
