from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import json
import pathlib
import sys
import types
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from capsule_guest import results


class Point(NamedTuple):
    x: int
    y: Any


@dataclasses.dataclass
class Order:
    id: int
    when: object


class Colour(enum.Enum):
    RED = "red"


def iter_nothing() -> Iterator[int]:
    yield from ()


class Level(enum.IntEnum):
    HIGH = 3


class Name(str):
    def __str__(self) -> str:
        return "not this"


@pytest.mark.parametrize(
    ("value", "json_value"),
    [
        (None, None),
        ({"a": [1, 2.5, True, None, "ü"]}, {"a": [1, 2.5, True, None, "ü"]}),
        ((1, (2, 3)), [1, [2, 3]]),
        ({3, 1, 2}, [1, 2, 3]),
        (frozenset(["b", "a"]), ["a", "b"]),
        (Order(1, datetime.datetime(2026, 1, 2, 3, 4, 5)), {"id": 1, "when": "2026-01-02T03:04:05"}),
        (Point(1, (2,)), {"x": 1, "y": [2]}),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (datetime.time(3, 4), "03:04:00"),
        (datetime.timedelta(minutes=1, milliseconds=500), 60.5),
        (decimal.Decimal("1.50"), "1.50"),
        (fractions.Fraction(1, 3), "1/3"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (pathlib.PurePosixPath("/a/b"), "/a/b"),
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (b"\x00\xff", "AP8="),
        (bytearray(b"a"), "YQ=="),
        (collections.deque([1, 2]), [1, 2]),
        (collections.OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (collections.Counter("aab"), {"a": 2, "b": 1}),
        (types.MappingProxyType({"a": (1,)}), {"a": [1]}),
        ({Colour.RED: 1}, {"red": 1}),
        (Name("this"), "this"),
        (10**300, 10**300),
        ({"error": {"type": "task_error"}}, {"error": {"type": "task_error"}}),
    ],
)
def test_every_documented_form(value: object, json_value: object) -> None:
    assert json.loads(results.encode(value)) == json_value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"items": [0, {"when": 1j}]}, "result.items[1].when has type complex"),
        ({"a b": object()}, "result['a b'] has type object"),
        ([float("nan")], "result[0] is nan, which JSON cannot hold"),
        ({"x": float("-inf")}, "result.x is -inf"),
        ({"a": {1: 2}}, "result.a has the key 1 of type int; keys must be strings"),
        ({None: 1}, "result has the key None of type NoneType"),
        ("a\udc80", "result has the lone surrogate U+DC80 at character 1"),
        ({"\ud800": 1}, "result has the lone surrogate"),
        (iter_nothing(), "result has type generator, which has no JSON form; make it a list first"),
        (Order, "result has type type"),
        (Order(1, {"x": len}), "result.when.x has type builtin_function_or_method"),
        (Point(0, [object()]), "result.y[0] has type object"),
    ],
)
def test_what_has_no_form_is_refused_with_its_path(value: object, message: str) -> None:
    with pytest.raises(results.InvalidValue) as caught:
        results.encode(value)
    assert str(caught.value).startswith(message)


def test_a_cycle_is_refused_and_a_shared_value_is_not() -> None:
    cycle: dict[str, Any] = {"children": []}
    cycle["children"].append(cycle)
    with pytest.raises(results.InvalidValue, match=r"result\.children\[0\] contains itself"):
        results.encode(cycle)
    shared = [1]
    assert results.encode({"a": shared, "b": shared, "c": {1}}) == '{"a":[1],"b":[1],"c":[1]}'


def test_nesting_ends_at_the_documented_depth() -> None:
    def nested(levels: int) -> list[Any]:
        value: list[Any] = []
        for _ in range(levels - 1):
            value = [value]
        return value

    assert results.encode(nested(200)).count("[") == 200
    with pytest.raises(results.InvalidValue, match="is nested deeper than 200 levels") as caught:
        results.encode(nested(100_000))
    assert len(str(caught.value)) < 400


@pytest.mark.skipif(not hasattr(sys, "get_int_max_str_digits"), reason="this Python has no limit of digits")
def test_an_int_that_json_readers_refuse_is_refused_here() -> None:
    with pytest.raises(results.InvalidValue, match=r"result\.n is an int of more than"):
        results.encode({"n": 10**5000})


def test_the_limit_counts_utf8_bytes() -> None:
    assert results.encode("üü", max_bytes=6) == '"üü"'
    with pytest.raises(results.InvalidValue, match="result is 6 bytes of JSON, more than its limit of 5"):
        results.encode("üü", max_bytes=5)


def test_the_root_of_the_path_is_the_callers() -> None:
    with pytest.raises(results.InvalidValue, match=r"^args\[1\]\.x has type"):
        results.encode((1, {"x": object()}), "args")


def test_a_large_plain_value_takes_the_fast_way() -> None:
    rows = [{"id": n, "name": "name"} for n in range(1000)]
    assert results._fast(rows) is not None
    assert results._fast([*rows, {"id": {1}}]) is None
