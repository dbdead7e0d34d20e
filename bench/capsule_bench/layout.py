"""Where things lie."""

from __future__ import annotations

from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
LAUNCHER = ROOT / "capsule"
SDK = ROOT / "sdk-python" / "src"
PROGRAMS = BENCH / "programs"
CHILDREN = BENCH / "capsule_bench" / "children"
WORK = ROOT / "build" / "bench"
"""What the benchmarks make."""
