"""What a workflow's journal tells people and ``capsule resume`` of the program that runs it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capsule._program import place_of

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["calling_module", "whereabouts"]


def calling_module() -> dict[str, Any]:
    """The globals of the module whose code has called this package."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - what `inspect.currentframe` is
    while frame is not None and frame.f_globals.get("__package__") == __package__:
        frame = frame.f_back
    return frame.f_globals if frame is not None else {}


def whereabouts(module: dict[str, Any]) -> dict[str, Any]:
    """``root``, ``file``, ``folder`` and ``command`` of ``openWorkflow``.

    The program is the main module; where that is a tool's (pytest, uvicorn) it is ``module``, and
    where that has no file (the prompt, a notebook) it is the current folder.
    """
    main = vars(sys.modules["__main__"]) if "__main__" in sys.modules else {}
    found = _own_file(main) or _own_file(module)
    folder = str(Path.cwd())
    command = [sys.executable, *sys.orig_argv[1:]] if sys.executable and found else None
    if command is not None and not all(_is_text(word) for word in command):
        command = None
    root, file = found or (folder, None)
    return {"root": root, "file": file, "folder": folder, "command": command}


def _own_file(module: dict[str, Any]) -> tuple[str, str] | None:
    place = place_of(module)
    if place is None:
        return None
    import sysconfig  # noqa: PLC0415 - only workflows need it

    installed = ("stdlib", "purelib", "platlib", "scripts")
    folders = {os.path.realpath(sysconfig.get_path(name)) for name in installed}
    parents = {str(parent) for parent in Path(os.path.realpath(place[1])).parents}
    return None if folders & parents else place


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True
