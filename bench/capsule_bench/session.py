"""One run of the benchmarks: how thorough it is, whether there is a peer, and what is said meanwhile."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capsule_bench import layout
from capsule_bench.child import Child, child
from capsule_bench.figures import BARE, OURS, PEER
from capsule_bench.peer import Peer, PeerUnavailableError, install

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack


@dataclass(eq=False)
class Session:
    """What the parts share."""

    quick: bool = False
    """A tenth of the calls: shows that the benchmarks work, not what they measure."""

    with_peer: bool = True

    def few(self, count: int) -> int:
        """So many, or a tenth of it in a quick run."""
        return max(1, count // 10) if self.quick else count

    def say(self, text: str) -> None:
        """Tells the user what takes so long."""
        print(f"bench: {text}", file=sys.stderr, flush=True)

    @functools.cached_property
    def peer(self) -> Peer | None:
        """The peer; None if it cannot be had, which is then said once."""
        if not self.with_peer:
            return None
        self.say(f"{PEER}: installing, if need be")
        try:
            return install()
        except PeerUnavailableError as error:
            self.say(f"{PEER} is left out, because it cannot be installed: {error}")
            return None

    def built_peer(self, *programs: str) -> Peer | None:
        """The peer with its programs built; None if that fails."""
        peer = self.peer
        if peer is None:
            return None
        try:
            for program in programs:
                self.say(f"{PEER}: building {program}, if need be")
                peer.build(program)
        except PeerUnavailableError as error:
            self.say(f"{PEER} is left out, because it cannot build its program: {error}")
            return None
        return peer

    def contestants(self, stack: ExitStack, *programs: str, bare: bool = False) -> dict[str, Child]:
        """The processes that make calls, by name; they end with the stack."""
        found = {OURS: stack.enter_context(child(OURS, "ours.py", layout.PROGRAMS, sdk=True))}
        peer = self.built_peer(*programs) if programs else None
        if peer is not None:
            worker = child(PEER, "peer.py", peer.command, peer.programs, python=peer.python)
            found[PEER] = stack.enter_context(worker)
        if bare:
            found[BARE] = stack.enter_context(child(BARE, "bare.py", layout.PROGRAMS))
        return found

    def rounds(self, count: int, what: str) -> Iterator[int]:
        """Numbers of rounds. All contestants have their turn in each, so that noise hits all alike."""
        self.say(what)
        yield from range(self.few(count))
