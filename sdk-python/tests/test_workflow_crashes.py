"""Programs with workflows that end in the middle and are started again, all in real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conftest import eventually, is_running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[..., subprocess.Popen[str]]

SOURCE = Path(__file__).parent.parent / "src"
EXAMPLES = SOURCE.parent.parent / "examples" / "python"

PREAMBLE = """
import asyncio, os, sys, time
from capsule import context, step, task, tool, workflow

@tool
def note(text):
    with open("notes", "a") as notes:
        notes.write(text + "\\n")

@tool
def wait(text):
    note.function(text)
    while not os.path.exists("go"):
        time.sleep(0.01)

@task(tools=[note])
def work(name):
    note(name)
    return name.upper()

@task(tools=[wait])
def waiting(name):
    wait(f"{name} {context().step_id}")
    return name.upper()
"""


class Place:
    """A folder with a program, its journal and what its tools have noted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / ".capsule").mkdir()

    def notes(self) -> list[str]:
        file = self.folder / "notes"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def go(self) -> None:
        (self.folder / "go").touch()

    def write(self, main: str) -> None:
        body = textwrap.indent(textwrap.dedent(main), "    ")
        text = f"{PREAMBLE}\nif __name__ == '__main__':\n{body}"
        (self.folder / "host.py").write_text(text, encoding="utf-8")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def start(place: Place) -> Iterator[Start]:
    """Start the place's program."""
    hosts: list[subprocess.Popen[str]] = []

    def begin(*args: str, file: Path | None = None) -> subprocess.Popen[str]:
        host = subprocess.Popen(
            [sys.executable, "-W", "error", "-u", str(file or place.folder / "host.py"), *args],
            cwd=place.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
        )
        hosts.append(host)
        return host

    yield begin
    for host in hosts:
        host.kill()
        host.communicate()


def ended(host: subprocess.Popen[str], status: int = 0) -> list[str]:
    out, err = host.communicate(timeout=120)
    assert host.returncode == status, err
    return out.splitlines()


SEVERAL = """
with workflow("job") as flow:
    drawn = flow.random()
    found = work.map(["a", "b"])
    found += [step("own", lambda: note.function("own"))]
    print("resumed" if flow.resumed else "new", drawn, flush=True)
    print(found, waiting("c"), work("d"))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_program_that_is_ended_in_the_middle_goes_on(
    place: Place, start: Start, how: signal.Signals
) -> None:
    place.write(SEVERAL)
    first = start()
    eventually(lambda: len(place.notes()) == 4, "it is in the middle", 120)
    first.send_signal(how)
    out, err = first.communicate(timeout=60)
    assert first.returncode != 0
    if how is signal.SIGINT:
        assert err.rstrip().endswith("KeyboardInterrupt")
    assert out.startswith("new ")
    place.go()
    (told, result) = ended(start())
    assert told.split() == ["resumed", out.split()[1]], "the same number was drawn"
    assert result == "['A', 'B', None] C D"
    *notes, waited, again, last = place.notes()
    assert sorted(notes) == ["a", "b", "own"]
    assert waited == again, "it was under way, and has run again as the same step"
    assert waited.startswith("c job/")
    assert last == "d"
    before = place.notes()
    assert ended(start())[1] == result, "it has finished"
    assert place.notes() == before


def test_ctrl_c_in_an_event_loop_leaves_it_to_be_gone_on_with(place: Place, start: Start) -> None:
    place.write("""
        async def main():
            async with workflow("job"):
                print(await work("a"), *await asyncio.gather(waiting("b"), asyncio.sleep(0, "C")))

        asyncio.run(main())
    """)
    first = start()
    eventually(lambda: len(place.notes()) == 2, "the second step runs", 120)
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=60)
    place.go()
    assert ended(start()) == ["A B C"]
    assert [note.split()[0] for note in place.notes()] == ["a", "b", "b"]


def test_a_killed_sidecar_is_no_interruption(place: Place, start: Start) -> None:
    place.write("""
        from capsule import _client
        print(_client.connection().process.pid, flush=True)
        with workflow("job") as flow:
            print(work("a"), waiting("b"), work("a"), flow.random() < 1)
    """)
    host = start()
    assert host.stdout is not None
    pid = int(host.stdout.readline())
    eventually(lambda: len(place.notes()) == 2, "it is in the middle", 120)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: len(place.notes()) == 3, "what was under way runs again", 120)
    place.go()
    assert ended(host) == ["A B A True"]
    assert not is_running(pid)
    assert [note.split()[0] for note in place.notes()] == ["a", "b", "b", "a"]


def test_both_killed_at_once(place: Place, start: Start) -> None:
    place.write("""
        from capsule import _client
        print(_client.connection().process.pid, flush=True)
        with workflow("job"):
            print(work("a"), waiting("b"))
    """)
    host = start()
    assert host.stdout is not None
    pid = int(host.stdout.readline())
    eventually(lambda: len(place.notes()) == 2, "it is in the middle", 120)
    os.kill(pid, signal.SIGKILL)
    host.kill()
    place.go()
    assert ended(start())[-1] == "A B"
    assert [note.split()[0] for note in place.notes()] == ["a", "b", "b"]


def test_a_second_process_is_refused(place: Place, start: Start) -> None:
    place.write("""
        from capsule import WorkflowBusy
        try:
            with workflow("job"):
                print(waiting("a"))
        except WorkflowBusy as busy:
            print("busy:", busy)
    """)
    first = start()
    eventually(lambda: len(place.notes()) == 1, "it runs", 120)
    (told,) = ended(start())
    assert told.startswith("busy: ")
    assert "job" in told
    place.go()
    assert ended(first) == ["A"]
    assert len(place.notes()) == 1


def test_it_is_cancelled_from_another_process(place: Place, start: Start) -> None:
    place.write("""
        if len(sys.argv) > 1:
            from capsule import _client
            from capsule._json import encode_plain
            params = {"root": os.path.dirname(os.path.abspath(__file__)), "id": "job"}
            future = _client.connection().request("cancelWorkflow", encode_plain(params))
            print(future.result()["state"])
        else:
            with workflow("job"):
                waiting("a")
    """)
    running = start()
    eventually(lambda: len(place.notes()) == 1, "it runs", 120)
    assert ended(start("cancel")) == ["running"]
    _, err = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "capsule.WorkflowCancelled: " in err
    assert "was cancelled" in err


def test_an_edited_program(place: Place, start: Start) -> None:
    place.write(SEVERAL)
    first = start()
    eventually(lambda: len(place.notes()) == 4, "it is in the middle", 120)
    first.kill()
    place.go()
    place.write(SEVERAL.replace('["a", "b"]', '["a", "z"]'))
    mismatch = start()
    _, err = mismatch.communicate(timeout=60)
    assert mismatch.returncode == 1
    assert "capsule.ReplayMismatch: " in err
    assert '["b"]' in err
    assert '["z"]' in err
    assert "z" not in place.notes()
    place.write(SEVERAL)
    assert ended(start())[-1] == "['A', 'B', None] C D"


def test_the_example_goes_on_where_it_was(
    place: Place, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(place.folder))
    file = EXAMPLES / "workflow.py"
    first = start("ocean heat", file=file)
    assert first.stdout is not None
    lines = [first.stdout.readline().rstrip() for _ in range(4)]
    assert sorted(lines[:2]) == [
        "asking the search engine for 'heat'",
        "asking the search engine for 'ocean'",
    ]
    assert lines[2].startswith("asking the language model about")
    summary = lines[3]
    first.kill()
    second = start("ocean heat", file=file)
    out, err = second.communicate("5\n", timeout=120)
    assert second.returncode == 0, err
    assert out.splitlines() == [summary, "How good is that, 1 to 5? ocean heat: rated 5"]
    assert ended(start("ocean heat", file=file)) == ["ocean heat: rated 5"]
