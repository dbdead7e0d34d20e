"""Figures: what was measured, for whom, and what it was to reach; as a table and as lines of JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

OURS = "Capsule"
PEER = "capsule-run 0.8.10"
BARE = "python3 -I -S -c"


@dataclass(frozen=True)
class AtMost:
    """A target that a figure must not exceed."""

    value: float

    def met(self, values: dict[str, float]) -> bool | None:
        """Whether it is reached; None if there is nothing to judge."""
        return values[OURS] <= self.value if OURS in values else None

    def __str__(self) -> str:
        """As the table shows it."""
        return f"at most {show(self.value)}"


@dataclass(frozen=True)
class AtLeast:
    """A target that a figure must reach."""

    value: float

    def met(self, values: dict[str, float]) -> bool | None:
        """Whether it is reached; None if there is nothing to judge."""
        return values[OURS] >= self.value if OURS in values else None

    def __str__(self) -> str:
        """As the table shows it."""
        return f"at least {show(self.value)}"


@dataclass(frozen=True)
class MoreThan:
    """A target that is another's figure in the same run."""

    other: str

    def met(self, values: dict[str, float]) -> bool | None:
        """Whether it is reached; None if there is nothing to judge."""
        return values[OURS] > values[self.other] if {OURS, self.other} <= values.keys() else None

    def __str__(self) -> str:
        """As the table shows it."""
        return f"more than {self.other}"


@dataclass(frozen=True)
class AtLeastShare:
    """A target that is a part of another's figure in the same run."""

    share: float
    other: str

    def met(self, values: dict[str, float]) -> bool | None:
        """Whether it is reached; None if there is nothing to judge."""
        if not {OURS, self.other} <= values.keys():
            return None
        return values[OURS] >= self.share * values[self.other]

    def __str__(self) -> str:
        """As the table shows it."""
        return f"at least {show(self.share)} of {self.other}"


@dataclass(frozen=True)
class Figure:
    """One row: a value for each of those that were measured."""

    part: str
    name: str
    unit: str
    values: dict[str, float]
    target: AtMost | AtLeast | MoreThan | AtLeastShare | None = None
    notes: dict[str, Any] = field(default_factory=dict)
    """What else a reader of the JSON may want to know."""

    @property
    def verdict(self) -> str:
        """``met``, ``MISSED``, or nothing where there is no target or no value."""
        met = self.target.met(self.values) if self.target else None
        return "" if met is None else "met" if met else "MISSED"

    def json_line(self) -> str:
        """One object on one line."""
        return json.dumps(
            {
                "part": self.part,
                "figure": self.name,
                "unit": self.unit,
                "values": {name: round(value, 6) for name, value in self.values.items()},
                "target": str(self.target) if self.target else None,
                "met": self.target.met(self.values) if self.target else None,
                **self.notes,
            }
        )


def show(value: float) -> str:
    """A number with three digits that matter."""
    if value == int(value) or abs(value) >= 1000:  # noqa: PLR2004 - from there on fractions do not matter
        return f"{value:,.0f}"
    return f"{value:#.3g}".rstrip(".")


def table(title: str, figures: list[Figure]) -> str:
    """The figures of a part, aligned; a column only for those that have a value."""
    columns = [name for name in (OURS, PEER, BARE) if any(name in figure.values for figure in figures)]
    columns += sorted({name for figure in figures for name in figure.values} - {OURS, PEER, BARE})
    rows = [["", "", *columns, "target", ""]]
    rows += [
        [
            figure.name,
            figure.unit,
            *(show(figure.values[name]) if name in figure.values else "-" for name in columns),
            str(figure.target or ""),
            figure.verdict,
        ]
        for figure in figures
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    numbers = range(2, 2 + len(columns))
    lines = [
        "  ".join(
            cell.rjust(width) if i in numbers else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([title, *(f"  {line}" for line in lines)])
