"""Programs in other languages, and tasks of other files by their names."""

from __future__ import annotations

import asyncio
import importlib
import pickle
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from capsule import ProgramError, SourceError, TaskNotFound, TaskRef, run_sync, task_ref

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

GUEST = Path(__file__).parents[2] / "build" / "guests" / "javascript.wasm"

pytestmark = pytest.mark.skipif(
    not GUEST.is_file(),
    reason="JavaScript is not built: it needs Node 20 or newer and ./capsule build",
)

CONFIG = """
[tasks.double]
file = "math.ts"
[tasks.half]
file = "lib/half.py"
[tasks.missing]
file = "wrong.ts"
"""
TYPESCRIPT = """
import { task, taskRef } from "@capsule/sdk";
const half = taskRef<[number], number>("half");
export const double = task({ name: "double" }, (n: number) => n * 2);
export const main = task({ name: "main" }, async (n: number, options = {}) =>
  [await half(n), options]);
"""
PYTHON = """
from capsule import task, task_ref

double = task_ref("double")
missing = task_ref("missing")
unknown = task_ref("unknown")

@task
def main(n):
    return double(n) + 1

class Holder:
    double = double
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with programs in two languages."""
    (tmp_path / "lib").mkdir()
    for name, text in {
        "capsule.toml": CONFIG,
        "math.ts": TYPESCRIPT,
        "other_files.py": PYTHON,
        "lib/half.py": "from capsule import task\n@task\ndef half(n): return n / 2\n",
        "wrong.ts": "export const x = ;\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def module(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The Python program, imported here as well."""
    monkeypatch.syspath_prepend(str(project))
    yield importlib.import_module("other_files")
    sys.modules.pop("other_files", None)


def test_run_takes_typescript(project: Path) -> None:
    envelope = run_sync(file=project / "math.ts", args=[4], kwargs={"k": 1})
    assert envelope["error"] is None
    assert envelope["result"] == [2, {"k": 1}]
    assert run_sync(file=project / "math.ts", task="double", args=[4])["result"] == 8


def test_a_mistake_in_typescript_is_told(project: Path) -> None:
    error = run_sync(file=project / "wrong.ts")["error"]
    assert error is not None
    assert error["type"] == "source_error"
    assert "wrong.ts:1:18: Unexpected" in error["message"]


def test_references_are_called_outside(module: ModuleType) -> None:
    assert module.double(4) == 8
    assert module.double.map([1, 2, 3]) == [2, 4, 6]
    assert asyncio.run(module.double.aio(5)) == 10
    assert module.double.using(timeout="30s").envelope(1)["execution"]["task_name"] == "double"
    assert module.Holder().double is module.double


def test_references_are_called_inside(module: ModuleType) -> None:
    assert module.main(4) == 9


def test_names_that_lead_nowhere(module: ModuleType) -> None:
    with pytest.raises(TaskNotFound, match="there is no task"):
        module.unknown()
    with pytest.raises(SourceError, match=r"wrong\.ts"):
        module.missing()


def test_a_reference_can_be_pickled(module: ModuleType) -> None:
    again = pickle.loads(pickle.dumps(module.double))  # noqa: S301 - made just now
    assert isinstance(again, TaskRef)
    assert again(1) == 2
    assert "double" in repr(again)


def test_what_is_no_reference() -> None:
    with pytest.raises(ValueError, match="not empty"):
        task_ref("")
    namespace: dict[str, object] = {"task_ref": task_ref}
    with pytest.raises(ProgramError, match="not in a file"):
        exec("task_ref('x')", namespace)  # noqa: S102 - the point of the test
