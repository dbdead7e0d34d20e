"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import TYPE_CHECKING

from capsule_bench import machine
from capsule_bench.child import ChildFailedError
from capsule_bench.figures import Figure, table
from capsule_bench.parts import (
    calls,
    cells,
    compute,
    fairness,
    front_ends,
    in_flight,
    journal,
    launch,
    memory,
    nested,
    node_calls,
    requests,
    sleepers,
    traces,
)
from capsule_bench.session import Session

if TYPE_CHECKING:
    from types import ModuleType

PARTS: dict[str, ModuleType] = {
    "a": calls,
    "b": launch,
    "c": nested,
    "d": memory,
    "e": compute,
    "f": in_flight,
    "g": fairness,
    "h": sleepers,
    "i": requests,
    "j": node_calls,
    "k": journal,
    "l": traces,
    "m": cells,
    "n": front_ends,
}


def main() -> int:
    """Returns 0; 1 if something could not be measured, or with --check if a target was missed."""
    options = _parser().parse_args()
    session = Session(quick=options.quick, with_peer=not options.no_peer)
    print(json.dumps({"machine": machine.describe(), "quick": session.quick}), flush=True)
    missed = failed = False
    for letter in options.parts or PARTS:
        part = PARTS[letter]
        figures: list[Figure] = []
        try:
            figures += part.measure(session)
        except (ChildFailedError, subprocess.CalledProcessError, ValueError) as error:
            failed = True
            session.say(f"({letter}) failed: {error}")
        if figures:
            print(f"\n{table(part.TITLE, figures)}\n")
            print("\n".join(figure.json_line() for figure in figures), flush=True)
        missed |= any(figure.verdict == "MISSED" for figure in figures)
    return 1 if failed or (missed and options.check) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench/run", description="Measures Capsule beside capsule-run and bare Python."
    )
    titles = "; ".join(part.TITLE for part in PARTS.values())
    parser.add_argument("parts", nargs="*", metavar="PART", type=_part, help=f"which parts; all. {titles}")
    parser.add_argument("--quick", action="store_true", help="a tenth of the calls, to see that it works")
    parser.add_argument("--no-peer", action="store_true", help="without capsule-run, which is installed on demand")
    parser.add_argument("--check", action="store_true", help="end with status 1 if a target is missed")
    return parser


def _part(letter: str) -> str:
    if letter not in PARTS:
        raise argparse.ArgumentTypeError(f"{letter!r} is none of {', '.join(PARTS)}")
    return letter


if __name__ == "__main__":
    sys.exit(main())
