"""What a step of a workflow is known by: its key, and its number among those that are the same.

The key is the sidecar's (docs/protocol.md): whoever has the keys of finished steps can tell which
of them the program asks for. Where one cannot be made it is None, and the sidecar decides.
"""

from __future__ import annotations

import hashlib
import json
import struct
import threading
from typing import Any

__all__ = ["Occurrences", "step_key", "task_key"]

_EMPTY = ("[]", "{}")
_MAX_KEPT = 200
"""Characters of arguments that are kept; of more their hash is."""


class Occurrences:
    """Counts the steps of a workflow that are the same. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: dict[tuple[str, str, str | bytes], int] = {}

    def next(self, kind: str, name: str, *args: str) -> int:
        """How many steps of that kind, that name and those arguments came before.

        Arguments are JSON, and the same whatever the order of their objects' fields.
        """
        text = "\n".join(each if "{" not in each else _sorted(each) for each in args)
        told = text if len(text) <= _MAX_KEPT else hashlib.sha256(text.encode()).digest()
        with self._lock:
            number = self._numbers.get((kind, name, told), 0)
            self._numbers[kind, name, told] = number + 1
        return number


def _sorted(text: str) -> str:
    return json.dumps(json.loads(text), sort_keys=True)


def task_key(module: str, name: str, args: str, kwargs: str, number: int) -> str | None:
    """The key of a task's call; ``args`` and ``kwargs`` are JSON, or empty."""
    try:
        given = f'{{"4:args{_canonical(args or "[]")}"6:kwargs{_canonical(kwargs or "{}")}}}'
        return _key("task", name, _hash(module, _hash(given)), number)
    except (ValueError, RecursionError):  # UnicodeEncodeError is a ValueError
        return None


def step_key(kind: str, name: str, args: str | None, number: int) -> str | None:
    """The key of a step that this process does, or of a value; ``args`` are JSON."""
    try:
        return _key(kind, name, _hash(_canonical(args or "null")), number)
    except (ValueError, RecursionError):
        return None


def _key(kind: str, name: str, hashed: str, number: int) -> str:
    return _hash("", kind, name, hashed, str(number))


def _hash(*parts: str) -> str:
    data = [part.encode() for part in parts]
    return hashlib.sha256(b"".join([_LENGTH(len(each)) + each for each in data])).hexdigest()[:32]


_LENGTH = struct.Struct(">I").pack


class _Number(str):
    """A number as it is written: 1.0 is another argument than 1."""

    __slots__ = ()


_decode = json.JSONDecoder(parse_float=_Number, parse_int=_Number).decode


def _canonical(text: str) -> str:
    """The same for JSON texts that say the same."""
    if text in _EMPTY:
        return text
    parts: list[str] = []
    _append(parts, _decode(text))
    return "".join(parts)


def _append(parts: list[str], value: Any) -> None:
    kind = type(value)
    if kind is _Number:
        parts.append(value + ";")
    elif kind is str:
        parts.append(_counted(value))
    elif kind is list:
        parts.append("[")
        for item in value:
            _append(parts, item)
        parts.append("]")
    elif kind is dict:
        parts.append("{")
        for name in sorted(value, key=_utf16):
            parts.append(_counted(name))
            _append(parts, value[name])
        parts.append("}")
    else:
        parts.append("null;" if value is None else "true;" if value else "false;")


def _counted(text: str) -> str:
    """With its length in UTF-16 before it, so that no text can look like the end of one."""
    length = len(text) if text.isascii() else len(_utf16(text)) // 2
    return f'"{length}:{text}'


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be")
