"""What several test modules need."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import capsule
from capsule import _client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TESTS = Path(__file__).parent

# What a shell without job control starts in the background ignores Ctrl-C, and so would all that
# tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def eventually(condition: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    """Wait until the condition holds; fail the test if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)


async def eventually_async(condition: Callable[[], bool], what: str) -> None:
    """As `eventually`, while the event loop goes on."""
    await asyncio.to_thread(eventually, condition, what)


def is_running(pid: int) -> bool:
    """Whether the process exists and is not a zombie that only waits to be collected."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):  # the second: it ended while this was read
        return False
    except OSError:
        os.kill(pid, 0)
        return True
    return state not in {"Z", "X"}


def sidecar_pid() -> int:
    """The process id of this process's sidecar."""
    return _client.connection().process.pid


def in_flight() -> int:
    """How many requests of this process wait for their reply."""
    connection = _client.connection_if_ready()
    return len(connection._pending) if connection else 0


class FakeLog:
    """What the scripted peer has noted."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def lines(self) -> list[str]:
        return self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []

    def count(self, line: str) -> int:
        return self.lines().count(line)

    def pids(self) -> list[int]:
        return [int(line.split()[1]) for line in self.lines() if line.startswith("started ")]


@pytest.fixture(scope="session", autouse=True)
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the workflows of the tests out of the user's own data folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield
        capsule.close()  # its sidecar has journals open in there


@pytest.fixture
def use_fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], FakeLog]]:
    """Put the scripted peer in the sidecar's place for one test."""
    capsule.close()
    log = FakeLog(tmp_path / "fake.log")

    def use(mode: str = "") -> FakeLog:
        command = [sys.executable, str(TESTS / "fake_sidecar.py"), *([mode] if mode else [])]
        monkeypatch.setenv("CAPSULE_SIDECAR", shlex.join(command))
        monkeypatch.setenv("FAKE_LOG", str(log.path))
        return log

    yield use
    capsule.close()
