"""The command line in a real terminal, as people sit before it."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import time
from pathlib import Path
from typing import TYPE_CHECKING

from conftest import eventually, is_running

if TYPE_CHECKING:
    from collections.abc import Iterator

LAUNCHER = Path(__file__).parent.parent.parent / "capsule"
DEADLINE = 60.0

SPIN = """\
from capsule import task

@task(compute="HIGH")
def main():
    print("spinning")
    while True:
        pass
"""
HOSTILE = r"""
def main():
    print("\x1b]0;owned\x07\x1b[2J\x1b[1;1Hroot# ", end="")
    return "\x1b[8m\u202egnp"
"""


class Terminal:
    """A command whose standard streams, all three, are a pseudo-terminal."""

    def __init__(self, folder: Path, *args: str) -> None:
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ["TERM"] = "xterm"
            os.environ.pop("NO_COLOR", None)
            os.execv(LAUNCHER, [str(LAUNCHER), *args])  # noqa: S606 - no shell is wanted
        self.shown = b""
        self._status: int | None = None

    def wait_for(self, text: bytes) -> None:
        """Wait until the terminal has been sent a text."""
        deadline = time.monotonic() + DEADLINE
        while text not in self.shown:
            assert self._read(deadline), f"it ended without {text!r}: {self.shown!r}"

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._master, keys)

    def end(self) -> int:
        """Wait for the end of the command; return its exit status."""
        deadline = time.monotonic() + DEADLINE
        while self._read(deadline):
            pass
        self._status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._status

    def children(self) -> list[int]:
        """All processes that it has started, directly or not."""
        found: list[int] = []
        parents = [self.pid]
        while parents:
            listed = Path(f"/proc/{parents.pop()}/task").glob("*/children")
            children = [int(pid) for file in listed for pid in file.read_text("ascii").split()]
            found += children
            parents += children
        return found

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"not within {DEADLINE} s; it showed {self.shown!r}"
        try:
            data = os.read(self._master, 4096)
        except OSError:  # how Linux says that nobody has the terminal open any more
            return False
        self.shown += data
        return bool(data)

    def close(self) -> None:
        """End what is still running."""
        if self._status is None:
            for pid in (*self.children(), self.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, 9)
            os.waitpid(self.pid, 0)
        os.close(self._master)


@contextlib.contextmanager
def terminal(folder: Path, *args: str) -> Iterator[Terminal]:
    running = Terminal(folder, *args)
    try:
        yield running
    finally:
        running.close()


def test_ctrl_c_stops_the_task_and_leaves_nothing(tmp_path: Path) -> None:
    """The terminal sends SIGINT to all processes of the command at once, the sidecar included."""
    (tmp_path / "spin.py").write_text(SPIN, encoding="utf-8")
    with terminal(tmp_path, "run", "spin.py") as command:
        command.wait_for(b"spinning")
        children = command.children()
        assert children
        command.type(b"\x03")
        assert command.end() == 130
        assert command.shown.endswith(b"capsule: interrupted\r\n")
    eventually(lambda: not any(map(is_running, children)), f"the end of {children}")


def test_ctrl_c_twice_is_as_good_as_once(tmp_path: Path) -> None:
    (tmp_path / "spin.py").write_text(SPIN, encoding="utf-8")
    with terminal(tmp_path, "run", "spin.py") as command:
        command.wait_for(b"spinning")
        children = command.children()
        command.type(b"\x03\x03")
        assert command.end() == 130
    eventually(lambda: not any(map(is_running, children)), f"the end of {children}")


def test_a_task_cannot_play_with_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "hostile.py").write_text(HOSTILE, encoding="utf-8")
    with terminal(tmp_path, "run", "hostile.py") as command:
        assert command.end() == 0
        assert rb"\x1b]0;owned\x07\x1b[2J\x1b[1;1Hroot# " in command.shown
        assert rb"\x1b[8m\u202egnp" in command.shown
        # Nothing but our own progress line, if it took long, may use escape sequences.
        assert set(command.shown.replace(b"\x1b[K", b"")).isdisjoint(b"\x1b\x07")


def test_stats_are_dimmed_and_the_table_is_not(tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text("def main():\n    return 1\n", encoding="utf-8")
    with terminal(tmp_path, "run", "hello.py", "--stats") as command:
        assert command.end() == 0
        assert b"1\r\n\x1b[2mmain: " in command.shown
    with terminal(tmp_path, "config", "hello.py") as command:
        assert command.end() == 0
        assert b"\x1b" not in command.shown.replace(b"\x1b[K", b"")


def test_a_terminal_that_is_closed_ends_the_command(tmp_path: Path) -> None:
    (tmp_path / "spin.py").write_text(SPIN, encoding="utf-8")
    with terminal(tmp_path, "run", "spin.py") as command:
        command.wait_for(b"spinning")
        children = command.children()
        os.close(command._master)
        command._master = os.open(os.devnull, os.O_RDONLY)
        eventually(lambda: not any(map(is_running, children)), f"the end of {children}")
        eventually(lambda: not is_running(command.pid), "the end of the command")


WORKFLOW = """\
import os
from capsule import task

@task
def step(n):
    return n

@task(compute="HIGH")
def main():
    print("got", step(1), flush=True)
    while not os.path.exists("gate/open"):
        pass
    return "finished at last"
"""


def test_a_workflow_that_ctrl_c_stopped_is_resumed(tmp_path: Path) -> None:
    """The terminal tells Ctrl-C to all that runs: the second time, to two command lines."""
    (tmp_path / "main.py").write_text(WORKFLOW, encoding="utf-8")
    (tmp_path / ".capsule").mkdir(0o700)
    (tmp_path / "gate").mkdir()
    with terminal(tmp_path, "run", "main.py", "--id", "job", "--mount", "gate:ro") as command:
        command.wait_for(b"got 1")
        command.type(b"\x03")
        assert command.end() == 130
        assert b"Go on with it: capsule resume job" in command.shown
    with terminal(tmp_path, "resume", "job") as command:
        command.wait_for(b"got 1")
        assert b"resuming job: 1 step done before" in command.shown
        children = command.children()
        command.type(b"\x03")
        assert command.end() == 130
        assert b"Go on with it: capsule resume job" in command.shown
    eventually(lambda: not any(map(is_running, children)), f"the end of {children}")
    (tmp_path / "gate" / "open").touch()
    with terminal(tmp_path, "resume", "job") as command:
        assert command.end() == 0
        assert b"finished at last" in command.shown
    with terminal(tmp_path, "runs") as command:
        assert command.end() == 0
        assert b"\x1b[32mfinished" in command.shown
