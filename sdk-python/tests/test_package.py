"""What the package offers: names, errors, types, and where it looks for its sidecar."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import capsule
from capsule import _errors, _workflow_errors
from capsule._errors import task_error
from capsule._process import find_command

if TYPE_CHECKING:
    from capsule import Envelope

ROOT = Path(__file__).parent.parent
ERRORS = (_errors, _workflow_errors)

ERROR_TYPES = {
    "timeout": "TaskTimeout",
    "out_of_fuel": "OutOfFuel",
    "out_of_memory": "OutOfMemory",
    "stack_overflow": "StackOverflow",
    "exit": "TaskExit",
    "task_error": "TaskError",
    "invalid_arguments": "InvalidArguments",
    "invalid_result": "InvalidResult",
    "policy_denied": "PolicyDenied",
    "task_not_found": "TaskNotFound",
    "source_error": "SourceError",
    "cancelled": "Cancelled",
    "overloaded": "Overloaded",
    "worker_lost": "WorkerLost",
    "internal": "InternalError",
}


def failed(**error: Any) -> Envelope:
    whole = {"type": "task_error", "message": "", "class": None, "traceback": None, **error}
    execution = {"task_name": "t", "duration_ms": 1, "retries": 0, "fuel_consumed": None}
    return {
        "success": False,
        "result": None,
        "error": whole,  # type: ignore[typeddict-item]
        "execution": execution,  # type: ignore[typeddict-item]
    }


def test_the_exported_names() -> None:
    assert set(capsule.__all__) == {
        *ERROR_TYPES.values(),
        "CapsuleError",
        "CellResult",
        "Ceiling",
        "Context",
        "Envelope",
        "FileInfo",
        "JournalError",
        "OptionError",
        "Part",
        "ProgramError",
        "ReplayMismatch",
        "Session",
        "SessionError",
        "SidecarError",
        "SidecarLost",
        "StepError",
        "Task",
        "TaskRef",
        "Tool",
        "ToolError",
        "Workflow",
        "WorkflowBusy",
        "WorkflowCancelled",
        "WorkflowError",
        "__version__",
        "close",
        "context",
        "run",
        "run_javascript",
        "run_python",
        "run_sync",
        "step",
        "task",
        "task_ref",
        "tool",
        "workflow",
    }
    assert all(hasattr(capsule, name) for name in capsule.__all__)


def test_the_documented_error_types_are_all_there() -> None:
    protocol = (ROOT.parent / "docs" / "protocol.md").read_text(encoding="utf-8")
    table = protocol.split("| `error.type` | meaning |")[1].split("\n\n")[0]
    documented = {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")}
    assert documented == set(ERROR_TYPES)


@pytest.mark.parametrize(("error_type", "name"), ERROR_TYPES.items())
def test_each_error_type_has_a_class(error_type: str, name: str) -> None:
    error = task_error(failed(type=error_type, message="what happened"))
    assert type(error) is getattr(capsule, name)
    assert isinstance(error, capsule.TaskError)
    assert error.type == error_type
    assert str(error) == "t: what happened"
    assert f"{type(error).__module__}.{type(error).__name__}" == f"capsule.{name}"


def test_an_unknown_error_type_is_a_task_error() -> None:
    error = task_error(failed(type="new_in_the_future", message="x"))
    assert type(error) is capsule.TaskError
    assert error.type == "new_in_the_future"


def test_the_text_of_an_error() -> None:
    traceback = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nValueError: no\n'
    error = task_error(failed(message="no", **{"class": "ValueError", "traceback": traceback}))
    assert str(error).splitlines() == [
        "t: ValueError: no",
        "",
        "Inside the sandbox:",
        "  Traceback (most recent call last):",
        '    File "a.py", line 1, in f',
        "  ValueError: no",
    ]
    assert repr(error) == "TaskError(task='t', message='no')"
    assert str(task_error(failed(**{"class": "KeyError"}))) == "t: KeyError"
    assert str(task_error(failed(type="cancelled"))) == "t: cancelled"


def test_every_error_is_a_capsule_error() -> None:
    for module, name in [(each, name) for each in ERRORS for name in each.__all__]:
        value = getattr(module, name)
        assert not isinstance(value, type) or issubclass(value, capsule.CapsuleError)


@pytest.mark.parametrize(
    "error",
    [
        capsule.JournalError("the disk is full", "full", "/p/.capsule/journal.db"),
        capsule.ReplayMismatch("another task", "wf", {"name": "a"}, {"name": "b"}),
        capsule.StepError("fetch", {"class": "KeyError", "message": "x", "traceback": "T"}, "wf/1"),
        capsule.WorkflowBusy("it runs"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_the_errors_of_workflows_are_pickled_whole(error: Exception) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
    assert type(error).__module__ == "capsule"


def test_the_text_of_a_step_s_error() -> None:
    told = {
        "class": "KeyError",
        "message": "'x'",
        "traceback": "Traceback:\n  a.py\nKeyError: 'x'\n",
    }
    error = capsule.StepError("fetch", told)
    assert str(error).splitlines() == [
        "the step 'fetch': KeyError: 'x'",
        "",
        "In the run that recorded it:",
        "  Traceback:",
        "    a.py",
        "  KeyError: 'x'",
    ]
    error.__cause__ = KeyError("x")  # which Python shows itself
    assert str(error) == "the step 'fetch': KeyError: 'x'"


def test_a_setting_wins() -> None:
    environ = {"CAPSULE_SIDECAR": "/opt/my\\ capsule/run 'two words' -x", "PATH": ""}
    assert find_command(environ) == ["/opt/my capsule/run", "two words", "-x"]
    with pytest.raises(capsule.SidecarError, match="not a command line"):
        find_command({"CAPSULE_SIDECAR": "unclosed 'quote"})


def test_the_checkout_comes_before_what_is_installed(tmp_path: Path) -> None:
    here = tmp_path / "checkout" / "sdk-python" / "src" / "capsule" / "_process.py"
    here.parent.mkdir(parents=True)
    installed = tmp_path / "bin" / "capsule"
    installed.parent.mkdir()
    for file in (installed, tmp_path / "checkout" / "capsule"):
        file.write_text("#!/bin/sh\n", encoding="utf-8")
        file.chmod(0o755)
    environ = {"PATH": str(installed.parent)}
    assert find_command(environ, here) == [str(tmp_path / "checkout" / "capsule"), "sidecar"]
    elsewhere = tmp_path / "site-packages" / "capsule" / "_process.py"
    assert find_command(environ, elsewhere) == [str(installed), "sidecar"]
    with pytest.raises(capsule.SidecarError, match="CAPSULE_SIDECAR"):
        find_command({"PATH": ""}, elsewhere)


def test_the_types_that_users_see() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "tests/typed_usage.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_importing_the_package_starts_nothing() -> None:
    code = (
        "import threading, capsule; from capsule import _client; "
        "assert _client.connection_if_ready() is None; assert threading.active_count() == 1"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT / "src", check=True)
