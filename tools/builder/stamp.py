"""Decides by content whether a step is up to date."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# Tests, and what tools leave beside sources: their content never changes what is built.
IGNORED_FOLDERS = frozenset(
    {"tests", "target", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".venv", "node_modules"},
)


def files_of(path: Path) -> Iterator[Path]:
    """Every file at or below ``path``, in a fixed order. A missing path has none."""
    if path.is_file():
        yield path
    elif path.is_dir():
        for entry in sorted(path.iterdir()):
            if entry.is_dir() and entry.name in IGNORED_FOLDERS:
                continue
            yield from files_of(entry)


def digest(root: Path, inputs: Iterable[Path], extra: Iterable[str] = ()) -> str:
    """SHA-256 over names (relative to ``root``) and contents of all files of ``inputs``, and over ``extra``."""
    total = hashlib.sha256()
    for text in extra:
        total.update(f"extra {len(text)} {text}\n".encode())
    for path in inputs:
        for file in files_of(path):
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            total.update(f"{os.path.relpath(file, root)} {content}\n".encode())
    return total.hexdigest()


def replace_atomically(source: Path, target: Path) -> None:
    """Moves ``source`` over ``target``, unless that already holds the same bytes.

    Keeping the old file keeps its time stamp, which an AOT cache records for its jar.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_file() and source.read_bytes() == target.read_bytes():
        source.unlink()
    else:
        os.replace(source, target)


def write_atomically(target: Path, text: str) -> None:
    """Writes a small file so that readers see all of it or none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, target)
