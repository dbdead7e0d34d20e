from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import json
import pathlib
import uuid
from collections import OrderedDict, deque
from typing import Any, NamedTuple

import pytest

from capsule._json import MAX_DEPTH, InvalidValueError, encode


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


class Point(NamedTuple):
    x: int
    y: int


@dataclasses.dataclass
class Order:
    id: int
    tags: tuple[str, ...]
    due: object = None


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "something else"


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (-7, -7),
        (2**100, 2**100),
        (1.5, 1.5),
        ("é\n\0🙂", "é\n\0🙂"),
        ({"a": [1, {"b": ()}]}, {"a": [1, {"b": []}]}),
        ((1, 2), [1, 2]),
        ({3, 1, 2}, [1, 2, 3]),
        (frozenset(["b", "a"]), ["a", "b"]),
        (deque([1, 2]), [1, 2]),
        (OrderedDict(z=1, a=2), {"z": 1, "a": 2}),
        (Order(1, ("x",)), {"id": 1, "tags": ["x"], "due": None}),
        ([Order(1, ()), Point(1, 2)], [{"id": 1, "tags": [], "due": None}, {"x": 1, "y": 2}]),
        (Colour.RED, "red"),
        ({Colour.RED: Level.LOW}, {"red": 1}),
        (Text("as stored"), "as stored"),
        (dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.timezone.utc), "2026-01-02T03:04:00+00:00"),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (dt.time(3, 4), "03:04:00"),
        (dt.timedelta(minutes=1.5), 90.0),
        (decimal.Decimal("1.10"), "1.10"),
        (fractions.Fraction(1, 3), "1/3"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (pathlib.PurePosixPath("/a/b"), "/a/b"),
        (b"\xff\x00", "/wA="),
        (bytearray(b"a"), "YQ=="),
        (nested(MAX_DEPTH), nested(MAX_DEPTH)),
    ],
)
def test_what_has_a_form(value: object, expected: object) -> None:
    text = encode(value, "args")
    assert json.loads(text) == expected
    text.encode()


CYCLE: list[Any] = []
CYCLE.append({"again": CYCLE})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1, {"x": float("nan")}], r"args\[1\]\.x is nan"),
        ([float("-inf")], r"args\[0\] is -inf"),
        ([{"a b": object()}], r"args\[0\]\['a b'\] has type object"),
        ([1j], r"args\[0\] has type complex.*value\.real"),
        ([{1: 2}], r"args\[0\] has the key 1 of type int; keys must be strings"),
        ([{None: 2}], r"args\[0\] has the key None"),
        ([Order(1, (), due=print)], r"args\[0\]\.due has type builtin_function_or_method"),
        ([Point(1, set)], r"args\[0\]\.y has type type"),  # type: ignore[arg-type]
        (["ok", "\ud800"], r"args\[1\] has the lone surrogate U\+D800 at character 0"),
        ([{"\ud800": 1}], r"args\[0\] has the lone surrogate"),
        ([iter([])], r"args\[0\] has type list_iterator"),
        ([(x for x in "ab")], r"args\[0\] has type generator.*list\(\.\.\.\)"),
        ([10**5000], r"args\[0\] is an int of too many digits"),
        (CYCLE, r"args\[0\]\.again contains itself"),
        (nested(MAX_DEPTH + 1), r"is nested deeper than 200 levels"),
    ],
)
def test_what_has_none_is_refused_with_its_path(value: object, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        encode(value, "args")


def test_the_same_object_twice_is_no_cycle() -> None:
    shared = Order(1, ())
    assert len(json.loads(encode([shared, shared], "args"))) == 2


def test_a_path_is_cut_to_a_readable_length() -> None:
    with pytest.raises(InvalidValueError) as caught:
        encode(nested(MAX_DEPTH + 1), "args")
    assert len(str(caught.value)) < 300
