from __future__ import annotations

import json

import pytest

from capsule_bench.figures import BARE, OURS, PEER, AtLeast, AtMost, Figure, MoreThan, show, table
from capsule_bench.samples import most_at_once, percentile


def test_percentile_is_a_sample() -> None:
    samples = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert percentile(samples, 0) == 1.0
    assert percentile(samples, 50) == 3.0
    assert percentile(samples, 99) == 5.0
    assert percentile([7.0], 50) == 7.0
    with pytest.raises(ValueError, match="no samples"):
        percentile([], 50)


def test_most_at_once() -> None:
    assert most_at_once([]) == 0
    assert most_at_once([(0, 1), (1, 2)]) == 1  # one begins as the other ends
    assert most_at_once([(0, 3), (1, 2), (1.5, 4)]) == 3


@pytest.mark.parametrize(
    ("target", "values", "verdict"),
    [
        (AtMost(1.0), {OURS: 1.0}, "met"),
        (AtMost(1.0), {OURS: 1.01}, "MISSED"),
        (AtMost(1.0), {PEER: 0.5}, ""),
        (AtLeast(2.0), {OURS: 2.0}, "met"),
        (AtLeast(2.0), {OURS: 1.99}, "MISSED"),
        (AtLeast(2.0), {PEER: 3.0}, ""),
        (MoreThan(PEER), {OURS: 2.0, PEER: 1.0}, "met"),
        (MoreThan(PEER), {OURS: 1.0, PEER: 1.0}, "MISSED"),
        (MoreThan(PEER), {OURS: 1.0}, ""),
        (None, {OURS: 1.0}, ""),
    ],
)
def test_verdict(target: AtMost | AtLeast | MoreThan | None, values: dict[str, float], verdict: str) -> None:
    assert Figure("a", "calls", "ms", values, target).verdict == verdict


def test_json_line() -> None:
    line = Figure("a", "calls", "ms", {OURS: 0.1 + 0.2}, AtMost(1.0), {"count": 3}).json_line()
    assert json.loads(line) == {
        "part": "a",
        "figure": "calls",
        "unit": "ms",
        "values": {OURS: 0.3},
        "target": "at most 1",
        "met": True,
        "count": 3,
    }


def test_show() -> None:
    assert [show(value) for value in (0.0712, 1.0, 12.345, 1234.5, 100000)] == [
        "0.0712",
        "1",
        "12.3",
        "1,234",
        "100,000",
    ]


def test_table_has_a_column_for_each_that_was_measured() -> None:
    text = table("title", [Figure("a", "calls", "ms", {OURS: 1.0, BARE: 2.0}), Figure("a", "rate", "1/s", {OURS: 3.0})])
    head, calls, rate = text.splitlines()[1:]
    assert OURS in head
    assert BARE in head
    assert PEER not in head
    assert calls.split() == ["calls", "ms", "1", "2"]
    assert rate.split() == ["rate", "1/s", "3", "-"]
