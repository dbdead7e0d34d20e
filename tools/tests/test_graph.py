from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from builder.errors import BuildError
from builder.graph import Graph, Step
from builder.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Workshop:
    """Two steps: `copy` reads source.txt, `shout` what `copy` made. Records what ran."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ran: list[str] = []
        self.stream = io.StringIO()
        self.source = root / "source.txt"
        self.copied = root / "copied.txt"
        self.shouted = root / "shouted.txt"
        self.source.write_text("hello")

    def graph(self, extra: str = "", shout: Callable[[], None] | None = None) -> Graph:
        return Graph(
            self.root,
            self.root / "stamps",
            [
                Step("copy", "copying", self.copy, outputs=[self.copied], inputs=[self.source], extra=[extra]),
                Step(
                    "shout",
                    "shouting",
                    shout or self.shout,
                    outputs=[self.shouted],
                    inputs=[self.copied],
                    after=["copy"],
                ),
            ],
        )

    def run(self, graph: Graph | None = None, wanted: list[str] | None = None) -> list[str]:
        self.ran.clear()
        graph = graph or self.graph()
        graph.run(wanted or graph.names, Progress(self.stream))
        return list(self.ran)

    def copy(self) -> None:
        self.ran.append("copy")
        self.copied.write_text(self.source.read_text())

    def shout(self) -> None:
        self.ran.append("shout")
        self.shouted.write_text(self.copied.read_text().upper())


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_steps_run_in_order_once(workshop: Workshop) -> None:
    assert workshop.run() == ["copy", "shout"]
    assert workshop.shouted.read_text() == "HELLO"
    assert workshop.run() == []


def test_a_changed_input_runs_what_depends_on_it(workshop: Workshop) -> None:
    workshop.run()
    workshop.source.write_text("bye")
    assert workshop.run() == ["copy", "shout"]
    assert workshop.shouted.read_text() == "BYE"


def test_a_step_whose_result_is_the_same_stops_there(workshop: Workshop) -> None:
    workshop.run()
    assert workshop.run(workshop.graph(extra="another compiler")) == ["copy"]


def test_a_missing_output_is_made_again(workshop: Workshop) -> None:
    workshop.run()
    workshop.shouted.unlink()
    assert workshop.run() == ["shout"]


def test_only_what_is_wanted_and_needed_runs(workshop: Workshop) -> None:
    assert workshop.run(wanted=["copy"]) == ["copy"]
    assert not workshop.shouted.exists()


def test_a_failed_step_is_tried_again_and_is_not_reported_as_done(workshop: Workshop) -> None:
    def fail() -> None:
        raise BuildError("no voice")

    with pytest.raises(BuildError, match="no voice"):
        workshop.run(workshop.graph(shout=fail))
    assert "shouting" not in workshop.stream.getvalue()
    assert workshop.run() == ["shout"]


def test_a_step_that_fails_after_a_success_loses_its_stamp(workshop: Workshop) -> None:
    workshop.run()
    workshop.source.write_text("bye")

    def fail_half_way() -> None:
        workshop.shouted.write_text("half")
        raise BuildError("no voice")

    with pytest.raises(BuildError):
        workshop.run(workshop.graph(shout=fail_half_way))
    workshop.source.write_text("hello")
    assert workshop.run() == ["copy", "shout"]
    assert workshop.shouted.read_text() == "HELLO"


def test_an_edit_during_a_step_makes_it_stale(workshop: Workshop) -> None:
    def edit_meanwhile() -> None:
        workshop.shout()
        workshop.copied.write_text("edited")

    workshop.run(workshop.graph(shout=edit_meanwhile))
    assert workshop.run() == ["shout"]


def test_a_missing_input_is_named(workshop: Workshop) -> None:
    workshop.source.unlink()
    with pytest.raises(BuildError, match=r"lacks .*source\.txt"):
        workshop.run()
