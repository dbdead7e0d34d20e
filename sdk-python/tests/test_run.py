"""`run`: a task of a file, with mounts and options."""

from __future__ import annotations

import asyncio
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from capsule import OptionError, run, run_sync

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a program into the current folder."""
    monkeypatch.chdir(tmp_path)

    def write(source: str) -> Path:
        file = tmp_path / "program.py"
        file.write_text(textwrap.dedent(source), encoding="utf-8")
        return file

    return write


ECHO = """
    from capsule import task

    @task
    def main(*args, **kwargs):
        return [list(args), kwargs]

    @task
    def other():
        return "the other"
    """


def test_the_entry_task_with_arguments(write: Write) -> None:
    file = write(ECHO)
    envelope = asyncio.run(run(file=str(file), args=["a", 1], kwargs={"k": None}))
    assert envelope["success"] is True
    assert envelope["result"] == [["a", 1], {"k": None}]
    assert envelope["error"] is None
    assert envelope["execution"]["task_name"] == "main"


def test_a_relative_file_a_path_object_and_another_task(write: Write, tmp_path: Path) -> None:
    file = write(ECHO)
    assert run_sync(file="./program.py")["result"] == [[], {}]
    assert run_sync(file=file, task="other")["result"] == "the other"
    assert run_sync(file="program.py", cwd=tmp_path)["result"] == [[], {}]


def test_an_edited_file_runs_as_it_is_now(write: Write) -> None:
    for number in range(3):
        file = write(f"def main():\n    return {number}\n")
        assert run_sync(file=file)["result"] == number


def test_code_written_for_the_public_api_runs_unchanged(write: Write) -> None:
    write(
        '''
        from capsule import task

        @task(name="main", compute="LOW", ram="64MB", timeout="30s", max_retries=1)
        def main(code: str) -> dict:
            """Runs code that came from somewhere else."""
            scope = {}
            exec(code, scope)
            return {"status": "ok", "value": scope["value"]}
        '''
    )

    async def host() -> Any:
        result = await run(file="./program.py", args=["value = sum(range(10))"])
        return result["result"] if result["success"] else result["error"]

    assert asyncio.run(host()) == {"status": "ok", "value": 45}


def test_mounts(write: Write, tmp_path: Path) -> None:
    write(
        """
        from pathlib import Path
        from capsule import task

        @task
        def main(source, target):
            text = Path(source).read_text()
            Path(target).write_text(text.upper())

        @task
        def deface():
            Path("/in/a.txt").write_text("defaced")
        """
    )
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "in" / "a.txt").write_text("text", encoding="utf-8")
    for mounts, args in [
        (["./in:ro", "./out"], ["/in/a.txt", "/out/1.txt"]),
        (["in::/data/source:ro", "out::/data/target:rw"], ["/data/source/a.txt", "/data/target/2"]),
        ([f"{tmp_path}/in:ro", f"{tmp_path}/out::/out"], [f"{tmp_path}/in/a.txt", "out/3"]),
    ]:
        envelope = run_sync(file="program.py", mounts=mounts, args=args)
        assert envelope["error"] is None
    assert sorted(file.read_text() for file in (tmp_path / "out").iterdir()) == ["TEXT"] * 3
    denied = run_sync(file="program.py", mounts=["./in:ro"], task="deface")
    assert denied["success"] is False
    assert (tmp_path / "in" / "a.txt").read_text(encoding="utf-8") == "text"


def test_mounts_relative_to_cwd_from_elsewhere(
    write: Write, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    write("import os\n\ndef main(path):\n    return sorted(os.listdir(path))\n")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "shared").mkdir()
    (elsewhere / "shared" / "x").touch()
    (elsewhere / "sub").mkdir()
    for cwd, mount in [(elsewhere, "./shared:ro"), (elsewhere / "sub", "../shared:ro")]:
        envelope = run_sync(file=tmp_path / "program.py", mounts=[mount], args=["/shared"], cwd=cwd)
        assert envelope["error"] is None
        assert envelope["result"] == ["x"]
    grant = run_sync(
        file=tmp_path / "program.py",
        mounts=[{"path": "shared", "mode": "read-only"}],
        args=["shared"],
        cwd=elsewhere,
    )
    assert grant["result"] == ["x"]


def test_the_callers_options_win(write: Write) -> None:
    write(
        """
        from capsule import task

        @task(timeout="60s", compute="HIGH")
        def main():
            while True:
                pass
        """
    )
    timeout = run_sync(file="program.py", timeout="200ms")
    assert timeout["error"] is not None
    assert timeout["error"]["type"] == "timeout"
    fuel = run_sync(file="program.py", compute=5_000_000)
    assert fuel["error"] is not None
    assert fuel["error"]["type"] == "out_of_fuel"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("ram", "abc"),
        ("timeout", "-1"),
        ("compute", "HUGE"),
        ("max_retries", -1),
        ("no_such_option", 1),
        ("mounts", ["./missing"]),
    ],
)
def test_a_wrong_option_of_the_caller(write: Write, option: str, value: Any) -> None:
    write(ECHO)
    with pytest.raises(OptionError) as caught:
        run_sync(file="program.py", **{option: value})
    assert option in str(caught.value.field)
    assert caught.value.allowed
    assert caught.value.where is None
    assert run_sync(file="program.py")["success"] is True


def test_a_wrong_option_of_a_decorator_names_its_line(write: Write) -> None:
    write(
        """
        from capsule import task

        @task(ram="abc")
        def main():
            pass
        """
    )
    with pytest.raises(OptionError) as caught:
        run_sync(file="program.py")
    error = caught.value
    assert "ram" in str(error.field)
    assert error.value == "abc"
    assert str(error.where).split(":")[0].endswith("program.py")
    assert str(error.where).split(":")[-1] in {"4", "5"}
    assert isinstance(error, ValueError)


def test_what_is_wrong_with_the_source_is_in_the_envelope(write: Write) -> None:
    write("def main(:\n    pass\n")
    envelope = run_sync(file="program.py")
    assert envelope["success"] is False
    assert envelope["error"] is not None
    assert envelope["error"]["type"] == "source_error"
    assert "program.py" in str(envelope["error"])
    assert envelope["execution"]["retries"] == 0
    write("x = 1\n")
    nothing = run_sync(file="program.py")
    assert nothing["success"] is False


def test_an_unknown_task_is_told_with_those_there_are(write: Write) -> None:
    write(ECHO)
    envelope = run_sync(file="program.py", task="othr")
    assert envelope["error"] is not None
    assert envelope["error"]["type"] == "task_not_found"
    assert "other" in envelope["error"]["message"]


def test_misuse_is_told_at_once(write: Write) -> None:
    write(ECHO)
    with pytest.raises(FileNotFoundError, match=r"no such file: .*missing\.py"):
        run_sync(file="missing.py")
    with pytest.raises(TypeError, match="is a list"):
        run_sync(file="program.py", args="one")
