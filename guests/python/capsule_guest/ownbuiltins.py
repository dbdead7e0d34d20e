"""The builtins that this package needs, and what the code of a session has made of them."""

from __future__ import annotations

import builtins
from operator import is_
from typing import Any

_OWN = dict(vars(builtins))
_NAMES, _VALUES = tuple(_OWN), tuple(_OWN.values())
_present = vars(builtins)
_all, _map = all, map
_theirs: dict[str, Any] = {}


def recover() -> None:
    """Undoes what the code may have done to builtins."""
    _present.update(_OWN)


def give() -> None:
    """Puts back what the last cell has made of them."""
    _present.update(_theirs)


def take_back() -> None:
    """As `recover`, but `give` undoes it. What was deleted comes back for good."""
    unchanged = _all(_map(is_, _map(_present.get, _NAMES), _VALUES))
    if unchanged and not _theirs:
        return
    found = _present.copy()
    recover()
    _theirs.clear()
    _theirs.update((name, found[name]) for name, own in _OWN.items() if found.get(name, own) is not own)


def forget() -> None:
    """The state before the first cell, for the snapshot."""
    recover()
    _theirs.clear()
