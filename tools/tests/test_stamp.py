from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from builder.stamp import digest, replace_atomically, write_atomically

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "inner" / "b.txt").write_text("b")
    return folder


def test_the_same_content_has_the_same_digest_wherever_it_lies(sources: Path, tmp_path: Path) -> None:
    before = digest(tmp_path, [sources])
    os.utime(sources / "a.txt", (1, 1))
    assert digest(tmp_path, [sources]) == before


@pytest.mark.parametrize("change", ["edit", "add", "remove", "rename", "swap"])
def test_every_change_of_a_file_changes_the_digest(sources: Path, tmp_path: Path, change: str) -> None:
    before = digest(tmp_path, [sources])
    first, second = sources / "a.txt", sources / "inner" / "b.txt"
    if change == "edit":
        first.write_text("A")
    elif change == "add":
        (sources / "c.txt").touch()
    elif change == "remove":
        second.unlink()
    elif change == "rename":
        first.rename(sources / "z.txt")
    else:
        first.write_text("b")
        second.write_text("a")
    assert digest(tmp_path, [sources]) != before


def test_what_tools_leave_behind_does_not_count(sources: Path, tmp_path: Path) -> None:
    before = digest(tmp_path, [sources])
    for name in ("target", "__pycache__", ".mypy_cache"):
        (sources / name).mkdir()
        (sources / name / "file").write_text("x")
    assert digest(tmp_path, [sources]) == before


def test_extra_texts_count_and_do_not_run_together(tmp_path: Path) -> None:
    assert digest(tmp_path, [], ["ab", "c"]) != digest(tmp_path, [], ["a", "bc"])


def test_an_equal_file_is_not_replaced(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("same")
    os.utime(old, (1, 1))
    new.write_text("same")
    replace_atomically(new, old)
    assert old.stat().st_mtime == 1
    assert not new.exists()


def test_another_file_is_replaced(tmp_path: Path) -> None:
    old, new = tmp_path / "folder" / "old", tmp_path / "new"
    new.write_text("new")
    replace_atomically(new, old)
    assert old.read_text() == "new"
    assert not new.exists()


def test_writing_leaves_no_temporary_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "stamp", "text")
    assert [file.name for file in tmp_path.iterdir()] == ["stamp"]
