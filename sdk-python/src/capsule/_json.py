"""Task arguments to JSON by strict rules: what has no faithful form is refused, with its path.

The rules are those of a task's result, and must stay in agreement with those of the guest in
``guests/python/capsule_guest/results.py``. The two do not share code, because one runs in the
user's interpreter and the other in the sandbox's.

    None, bool, int, float, str     as they are; NaN and infinities are refused
    mapping                         object; keys must be strings, or enums of strings
    list, tuple, deque              array
    set, frozenset                  array, sorted if its members can be
    dataclass, named tuple          object of its fields
    enum                            its value
    datetime, date, time            ISO 8601
    timedelta                       seconds
    Decimal, Fraction, UUID, path   string
    bytes, bytearray, memoryview    base64 string
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import decimal
import enum
import fractions
import json
import math
import pathlib
import sys
import types
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

__all__ = ["MAX_DEPTH", "InvalidValueError", "encode", "encode_plain"]

MAX_DEPTH = 200
"""Levels of nesting; the protocol's own limit for a message is 255."""

_MAX_PATH = 160
_MAX_SHOWN = 40
_SCALARS = frozenset((str, int, float, bool, type(None)))
_GENERATORS = (types.GeneratorType, types.AsyncGeneratorType, map, filter, zip, range)

encode_plain = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
"""JSON of a value that is known to be plain."""


class InvalidValueError(Exception):
    """A value has no JSON form; the message starts with the path to it, as ``args[1].when``."""


class _Refused(Exception):
    """What is wrong and, gathered on the way up, where."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.steps: list[str] = []


def encode(value: object, root: str) -> str:
    """JSON of a value. Raises ``InvalidValueError``, whose path starts with ``root``."""
    try:
        text = _fast(value)
        return encode_plain(_convert(value, 0, set())) if text is None else text
    except _Refused as refused:
        path = root + "".join(reversed(refused.steps))
        if len(path) > _MAX_PATH:
            path = f"{path[: _MAX_PATH // 2]}…{path[-_MAX_PATH // 2 :]}"
        raise InvalidValueError(f"{path} {refused.reason}") from None


def _fast(value: object) -> str | None:
    """The C encoder's text; None if the value is to be converted, or to be refused in words."""
    if not _is_plain(value, MAX_DEPTH):
        return None
    try:
        text = encode_plain(value)
        if not text.isascii():
            text.encode()  # lone surrogates
    except ValueError:  # NaN, an int of too many digits, UnicodeEncodeError
        return None
    return text


def _is_plain(value: Any, depth: int) -> bool:
    """True for exact dicts with string keys, lists, tuples and scalars, nested up to ``depth``.

    Types are gathered by ``set(map(type, …))``, in C: a million numbers cost no Python loop.
    """
    kind = type(value)
    if kind is dict:
        if value and set(map(type, value)) != {str}:
            return False
        items: Iterable[Any] = value.values()
    elif kind is list or kind is tuple:
        items = value
    else:
        return kind in _SCALARS
    if depth <= 0:
        return False
    if set(map(type, items)) <= _SCALARS:
        return True
    return all(type(item) in _SCALARS or _is_plain(item, depth - 1) for item in items)


def _convert(value: Any, depth: int, outer: set[int]) -> Any:
    """A copy made of plain types; ``outer`` has the ids of the containers around it."""
    kind = type(value)
    if kind in _SCALARS:
        return _scalar(value)
    for base, form in _FORMS:
        if isinstance(value, base):
            return form(value)
    if isinstance(value, enum.Enum):
        return _convert(value.value, depth, outer)
    if isinstance(value, (str, int, float)):  # subclasses; the plain value is what others can read
        return _scalar(_base_value(value))
    steps, is_object = _members(value)
    if id(value) in outer:
        raise _Refused("contains itself; JSON cannot hold cycles")
    if depth >= MAX_DEPTH:
        raise _Refused(f"is nested deeper than {MAX_DEPTH} levels")
    outer.add(id(value))
    converted = [_convert_at(step, item, depth + 1, outer) for step, item in steps]
    outer.discard(id(value))
    if is_object:
        return dict(zip((step for step, _ in steps), converted, strict=True))
    return converted


def _convert_at(step: Any, item: Any, depth: int, outer: set[int]) -> Any:
    try:
        return _convert(item, depth, outer)
    except _Refused as refused:
        refused.steps.append(_step(step))
        raise


def _members(value: Any) -> tuple[list[tuple[Any, Any]], bool]:
    """The (key or index, item) pairs of a container, and whether it becomes an object."""
    if isinstance(value, Mapping):
        return [(_key(key), item) for key, item in value.items()], True
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return [(field.name, getattr(value, field.name)) for field in fields], True
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return list(zip(value._fields, value, strict=True)), True
    if isinstance(value, (list, tuple, deque)):
        return list(enumerate(value)), False
    if isinstance(value, (set, frozenset)):
        return list(enumerate(_ordered(value))), False
    raise _Refused(_no_form(value))


def _scalar(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise _Refused(f"is {value!r}, which JSON cannot hold; pass None or a string instead")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, int) and _too_long(value):
        raise _Refused("is an int of too many digits; pass it as a string, for example by hex()")
    return value


def _too_long(value: int) -> bool:
    limit = sys.get_int_max_str_digits() if hasattr(sys, "get_int_max_str_digits") else 0
    if not limit or abs(value).bit_length() <= limit * 3:
        return False
    try:
        str(value)
    except ValueError:
        return True
    return False


def _base_value(value: Any) -> Any:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__index__(value)
    return float.__float__(value)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _Refused(
            f"has the lone surrogate U+{ord(text[error.start]):04X} at character {error.start}, "
            "which is not text; pass bytes, or the string encoded with errors='replace'"
        ) from None


def _key(key: Any) -> str:
    if isinstance(key, enum.Enum):
        key = key.value
    if not isinstance(key, str):
        raise _Refused(
            f"has the key {_short(key)} of type {type(key).__name__}; "
            "keys must be strings: use str(key)"
        )
    text: str = str.__str__(key)
    _check_text(text)
    return text


def _ordered(items: Iterable[Any]) -> list[Any]:
    """Sorted where the items can be compared, so that the same set gives the same JSON."""
    try:
        return sorted(items)
    except TypeError:
        return list(items)


def _step(step: Any) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if step.isidentifier() else f"[{_short(step)}]"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"


def _no_form(value: object) -> str:
    kind = type(value)
    name = kind.__name__
    if kind.__module__ != "builtins":
        name = f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(value, types.CoroutineType):
        advice = "await it first"
    elif isinstance(value, _GENERATORS):
        advice = "make it a list first: list(...)"
    elif isinstance(value, complex):
        advice = "pass [value.real, value.imag] or a string instead"
    else:
        advice = "make it a dict, a list, a string or a number first"
    return f"has type {name}, which has no JSON form; {advice}"


def _base64(value: Any) -> str:
    encoded: bytes = base64.b64encode(value)
    return encoded.decode("ascii")


def _checked(value: object) -> str:
    text = str(value)
    _check_text(text)
    return text


# The first that fits is taken: a datetime is a date too.
_FORMS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    ((datetime.datetime, datetime.date, datetime.time), lambda value: value.isoformat()),
    (datetime.timedelta, lambda value: value.total_seconds()),
    ((decimal.Decimal, fractions.Fraction, uuid.UUID), str),
    (pathlib.PurePath, _checked),
    ((bytes, bytearray, memoryview), _base64),
)
