from __future__ import annotations

from typing import TYPE_CHECKING

from builder.cli import remember_jdk
from builder.jdk import Jdk
from builder.layout import Layout

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_jdk_of_each_setting_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = Layout(tmp_path)
    monkeypatch.delenv("CAPSULE_JAVA", raising=False)
    monkeypatch.setenv("JAVA_HOME", "/old")
    remember_jdk(layout, Jdk(tmp_path / "first", "25"))
    monkeypatch.setenv("JAVA_HOME", "/other")
    remember_jdk(layout, Jdk(tmp_path / "second", "25"))
    monkeypatch.setenv("JAVA_HOME", "/old")
    remember_jdk(layout, Jdk(tmp_path / "third", "25"))
    assert (layout.build / "jdk").read_text().splitlines() == [
        "|/old",
        str(tmp_path / "third" / "bin" / "java"),
        "|/other",
        str(tmp_path / "second" / "bin" / "java"),
    ]
