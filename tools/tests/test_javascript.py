from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from builder.errors import BuildError
from builder.javascript import find_npm
from builder.jdk import Jdk
from builder.layout import Layout
from builder.progress import Progress
from builder.steps import Steps

if TYPE_CHECKING:
    from pathlib import Path


def fake(folder: Path, name: str, output: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho {output}\n")
    program.chmod(0o755)


def test_a_machine_without_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match=r"^the JavaScript half needs Node 20 or newer; install it and run "):
        find_npm()
    stream = io.StringIO()
    steps = Steps(Layout(tmp_path), Jdk(tmp_path, "25.0.1"), Progress(stream)).all()
    assert "aot" in [step.name for step in steps]
    assert not [step.name for step in steps if "javascript" in step.name or step.name == "node"]
    assert stream.getvalue().count("the JavaScript half needs Node") == 1


@pytest.mark.parametrize(
    ("version", "problem"), [("v18.19.0", "is v18.19.0"), ("nonsense", "does not tell its version")]
)
def test_a_node_that_will_not_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, problem: str) -> None:
    fake(tmp_path, "node", version)
    fake(tmp_path, "npm", "10")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match=problem):
        find_npm()


def test_a_node_that_is_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, "node", "v22.1.0")
    fake(tmp_path, "npm", "10")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_npm() == str(tmp_path / "npm")
