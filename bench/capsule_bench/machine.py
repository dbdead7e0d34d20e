"""The machine: what it is, and what its processes use. Memory is read from Linux's /proc."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

from capsule_bench import layout

PROC = Path("/proc")
HAS_PROC = (PROC / "self" / "smaps_rollup").exists()
MEMORY_KINDS = {"RSS": ("Rss",), "PSS": ("Pss",), "private": ("Private_Clean", "Private_Dirty")}


def describe() -> dict[str, object]:
    """What figures depend on."""
    return {
        "commit": _commit(),
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
    }


def _commit() -> str:
    def git(*args: str) -> str:
        done = subprocess.run(["git", *args], cwd=layout.ROOT, capture_output=True, text=True, check=False)  # noqa: S607
        return done.stdout.strip()

    return (git("rev-parse", "--short", "HEAD") or "unknown") + (" and changes" if git("status", "--porcelain") else "")


def _processor() -> str:
    try:
        lines = (PROC / "cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def children(pid: int) -> list[int]:
    """The processes that this one has started and that still run."""
    found = []
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            # the name, in parentheses, may hold spaces
            parent = int(stat.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            found.append(int(stat.parent.name))
    return found


def memory(pid: int) -> dict[str, int]:
    """What a process occupies, in bytes: RSS, PSS and private pages; and what the whole machine has in use."""
    rollup = _fields(PROC / str(pid) / "smaps_rollup")
    whole = _fields(PROC / "meminfo")
    used = {kind: sum(rollup[name] for name in names) for kind, names in MEMORY_KINDS.items()}
    return used | {"machine": whole["MemTotal"] - whole["MemAvailable"]}


def peak_rss(pid: int) -> int:
    """The highest RSS that a process has had, in bytes."""
    return _fields(PROC / str(pid) / "status")["VmHWM"]


def _fields(file: Path) -> dict[str, int]:
    fields = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if value.endswith(" kB"):
            fields[name] = int(value.split()[0]) * 1024
    return fields


def python_version() -> str:
    """The native interpreter that compute is compared with."""
    return f"{sys.implementation.name} {platform.python_version()}"
