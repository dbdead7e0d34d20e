"""(i) HTTP requests from inside the sandbox, beside the same function natively."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capsule_bench.child import child
from capsule_bench.figures import BARE, OURS, AtLeastShare, Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capsule_bench.child import Child
    from capsule_bench.session import Session

TITLE = "(i) HTTP requests by urllib to a server on this machine (bare Python: natively, in one process)"
ROUNDS = 10


@dataclass(frozen=True)
class Load:
    """Requests that are alike."""

    name: str
    size: int
    """Bytes of an answer."""
    count: int
    """Requests a call."""
    target: AtLeastShare | None = None


LOADS = (Load("1 KB answers", 1_000, 300, AtLeastShare(0.5, BARE)), Load("1 MB answers", 1_000_000, 20))


def measure(session: Session) -> Iterator[Figure]:
    """The part's figures."""
    with ExitStack() as stack:
        server = stack.enter_context(child("the web server", "web.py"))
        host = f"127.0.0.1:{server.hear()['port']}"
        contestants = session.contestants(stack, bare=True)
        for load in LOADS:
            yield _rates(session, contestants, host, load)


def _rates(session: Session, contestants: dict[str, Child], host: str, load: Load) -> Figure:
    seconds = dict.fromkeys(contestants, 0.0)
    requests = dict.fromkeys(contestants, 0)
    count = session.few(load.count)
    for number in session.rounds(ROUNDS + 1, f"(i) {load.name}"):
        for who, contestant in contestants.items():
            options = {"allowed_hosts": [host]} if who == OURS else {}
            reply = contestant.ask("fetch", f"http://{host}/{load.size}", count, load.size, options=options)
            if number or session.quick:  # one to warm up
                seconds[who] += reply["last"]
                requests[who] += count
    rates = {who: requests[who] / seconds[who] for who in contestants}
    return Figure("i", load.name, "requests/s", rates, load.target, {"bytes": load.size, "requests": requests})
