"""Other people's packages: folders that are searched after the program's own modules."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from capsule_guest import tracebacks


def add(folders: Sequence[str]) -> None:
    """Makes what is in the folders importable."""
    sys.path.extend(folders)
    tracebacks.packages = tuple(folder.rstrip("/") + "/" for folder in folders)


def reset() -> None:
    """Takes the folders out again; what was imported from them is forgotten."""
    folders = tracebacks.packages
    if not folders:
        return
    tracebacks.packages = ()
    sys.path[:] = [path for path in sys.path if path.rstrip("/") + "/" not in folders]
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(folders):
            del sys.modules[name]
