"""What every guest is made with."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from builder.stamp import replace_atomically, write_atomically
from builder.tool import run_tool

if TYPE_CHECKING:
    from pathlib import Path

    from builder.jdk import Jdk
    from builder.layout import Layout


def flatten(layout: Layout, jdk: Jdk, linked: Path, guest: Path, step: str) -> None:
    """Merges the core modules of a component into one, and notes the result's hash."""
    output = temporary(guest)
    tool = ["-cp", str(layout.flatten_jar), "dev.capsule.flatten.Flatten"]
    run_tool([jdk.java, *tool, str(linked), str(output)], log=layout.log(step), cwd=layout.root)
    # Removed first: the hash of another guest must never stand beside this one. It counts only if it
    # is not older than the guest.
    layout.hash_of(guest).unlink(missing_ok=True)
    replace_atomically(output, guest)
    write_atomically(layout.hash_of(guest), hashlib.sha256(guest.read_bytes()).hexdigest() + "\n")


def temporary(target: Path) -> Path:
    """A name beside a file that is to be replaced."""
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.with_name(f"{target.stem}.new{target.suffix}")
