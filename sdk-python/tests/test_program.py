"""How a task's program is identified, and how declarations that cannot work are refused."""

from __future__ import annotations

import importlib
import os
import runpy
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from capsule import ProgramError, Task, task
from capsule._program import Program

SOURCE = Path(__file__).parent.parent / "src"

TASK = "from capsule import task\n\n@task\ndef one():\n    return 1\n"


def make(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("module", "file", "expected_root", "expected_module"),
    [
        ("alone_x", "alone_x.py", "", "alone_x"),
        ("packed_x.inner.tasks", "packed_x/inner/tasks.py", "", "packed_x.inner.tasks"),
        ("packed_y", "packed_y/__init__.py", "", "packed_y"),
        ("packed_z.inner", "packed_z/inner/__init__.py", "", "packed_z.inner"),
        ("namespace_x.tasks", "namespace_x/tasks.py", "", "namespace_x.tasks"),
    ],
)
def test_an_imported_module(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    file: str,
    expected_root: str,
    expected_module: str,
) -> None:
    make(tmp_path, {file: TASK})
    if file.startswith("packed") and file.count("/") > 1:
        make(tmp_path, {file.split("/", maxsplit=1)[0] + "/__init__.py": ""})
    monkeypatch.syspath_prepend(str(tmp_path))
    declared = importlib.import_module(module).one
    assert isinstance(declared, Task)
    program = declared.program
    assert program == Program(
        str(tmp_path / expected_root), expected_module, str(tmp_path / file), TASK
    )


def test_a_script(tmp_path: Path) -> None:
    make(tmp_path, {"my-script.py": TASK})
    declared = runpy.run_path(str(tmp_path / "my-script.py"), run_name="__main__")["one"]
    assert (declared.program.root, declared.program.module) == (str(tmp_path), "my-script")


@pytest.mark.parametrize(
    ("target", "module", "file"),
    [
        ("parcel.tool", "parcel.tool", "parcel/tool.py"),
        ("parcel", "parcel.__main__", "parcel/__main__.py"),
        ("single", "single", "single.py"),
    ],
)
def test_python_dash_m(tmp_path: Path, target: str, module: str, file: str) -> None:
    shown = TASK + "print(one.program.root, one.program.module, one.program.file)\n"
    make(tmp_path, {"parcel/__init__.py": "", file: shown})
    printed = subprocess.run(
        [sys.executable, "-m", target],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    root = os.path.realpath(tmp_path)
    assert printed.split() == [root, module, f"{root}/{file}"]


def test_the_source_is_what_was_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, {"edited_x.py": TASK})
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("edited_x")
    edited = TASK.replace("return 1", "return 2") + "\n@task\ndef two():\n    return 2\n"
    make(tmp_path, {"edited_x.py": edited})
    assert module.one.program.source == TASK
    importlib.reload(module)
    assert module.one.program.source == edited
    assert module.two.program is module.one.program


def test_an_encoding_line_is_heeded(tmp_path: Path) -> None:
    text = "# coding: latin-1\n" + TASK + "NAME = 'ü'\n"
    (tmp_path / "old.py").write_bytes(text.encode("latin-1"))
    declared = runpy.run_path(str(tmp_path / "old.py"))["one"]
    assert declared.program.source == text


def test_two_tasks_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = TASK + "\n@task(name='one')\ndef other():\n    pass\n"
    make(tmp_path, {"twice.py": twice})
    with pytest.raises(ProgramError, match=r"twice\.py:7: .*'one' is taken.*twice\.py:3.*name="):
        runpy.run_path(str(tmp_path / "twice.py"))


def test_a_task_without_a_file_is_refused() -> None:
    with pytest.raises(ProgramError, match=r"not in a file.*notebooks"):
        exec(TASK, {"__name__": "__main__"})  # noqa: S102


def test_a_task_at_the_prompt_is_refused() -> None:
    told = subprocess.run(
        [sys.executable, "-i", "-q"],
        input=textwrap.dedent(TASK) + "\n",
        env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONSTARTUP": ""},
        capture_output=True,
        text=True,
        check=False,
    ).stderr
    assert "Save it in a .py file" in told


@pytest.mark.parametrize("wrong", [1, "main", str, len])
def test_only_functions_can_be_tasks(wrong: object) -> None:
    with pytest.raises(TypeError, match="for functions"):
        task(wrong)  # type: ignore[call-overload]


@pytest.mark.parametrize("name", ["", 1, None])
def test_names_are_strings(name: object) -> None:
    with pytest.raises(TypeError, match="name is a string"):
        task(name=name)(lambda: None)  # type: ignore[call-overload]


def test_a_task_is_no_method() -> None:
    @task
    def standing_alone() -> None: ...

    class Holder:
        member = standing_alone

    assert Holder.member is standing_alone
    with pytest.raises(TypeError, match="is a method"):
        _ = Holder().member


def test_a_function_and_options_at_once_are_refused() -> None:
    with pytest.raises(TypeError, match="use @task or @task"):
        task(len, name="x")  # type: ignore[call-overload]
