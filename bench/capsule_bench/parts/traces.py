"""(l) What traces cost: a trivial task with traces off, kept in the store, and told to the client."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from capsule_bench import layout
from capsule_bench.child import child
from capsule_bench.figures import OURS, AtLeastShare, Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capsule_bench.child import Child
    from capsule_bench.session import Session

TITLE = f"(l) a trivial task with traces ({OURS}: kept in the store)"
OFF = "traces off"
TOLD = "notifications"
ROUNDS = 20
WARM_UP = 400
CALLS = 400
IN_FLIGHT = (1, 8)
HELLO: dict[str, Any] = {"expected": "Hello, bench!"}


def measure(session: Session) -> Iterator[Figure]:
    """The part's figures."""
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        ways = {OFF: ("off", []), OURS: ("store", []), TOLD: ("off", ["messages"])}
        contestants: dict[str, Child] = {}
        for name, (store, told) in ways.items():
            env = {"CAPSULE_TRACE": store, "XDG_DATA_HOME": data}
            process = child(name, "ours.py", layout.PROGRAMS, *told, sdk=True, env=env)
            contestants[name] = stack.enter_context(process)
        session.say("(l) warming up")
        for contestant in contestants.values():
            contestant.ask("hello", "bench", count=session.few(WARM_UP), **HELLO)
        for in_flight in IN_FLIGHT:
            yield _rates(session, contestants, in_flight)


def _rates(session: Session, contestants: dict[str, Child], in_flight: int) -> Figure:
    seconds = dict.fromkeys(contestants, 0.0)
    calls = 0
    for _ in session.rounds(ROUNDS, f"(l) {in_flight} in flight"):
        calls += CALLS
        for name, contestant in contestants.items():
            reply = contestant.ask("hello", "bench", count=CALLS, in_flight=in_flight, **HELLO)
            seconds[name] += reply["total"]
    rates = {name: calls / taken for name, taken in seconds.items()}
    notes = {"in_flight": in_flight, "share": {name: round(rate / rates[OFF], 3) for name, rate in rates.items()}}
    return Figure("l", f"{in_flight} in flight", "calls/s", rates, AtLeastShare(0.9, OFF), notes)
