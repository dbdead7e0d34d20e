from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from capsule_bench.child import ChildFailedError
from capsule_bench.terminal import terminal

if TYPE_CHECKING:
    from pathlib import Path

ECHO = """\
import sys
assert sys.stdin.isatty() and sys.stdout.isatty()
print("\\x1b[31mre\\x1b[0mady", flush=True)
for line in sys.stdin:
    print("heard", line.strip(), flush=True)
"""


def test_waits_for_what_is_shown_between_control_sequences(tmp_path: Path) -> None:
    began = time.perf_counter()
    with terminal("echo", [sys.executable, "-c", ECHO], tmp_path, dict(os.environ)) as opened:
        ready = opened.wait(b"ready")
        opened.type(b"one\n")
        heard = opened.wait(b"heard one")
        opened.type(b"two\n")
        assert opened.wait(b"heard two") > heard
    assert began <= opened.began < ready < heard


def test_tells_what_was_shown_by_a_program_that_ended(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('too short')"]
    with (
        pytest.raises(ChildFailedError, match="short ended; it showed b'too short"),
        terminal("short", command, tmp_path, dict(os.environ)) as opened,
    ):
        opened.wait(b"a prompt")


def test_a_program_that_failed_at_its_end_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; print('> ', flush=True); input(); sys.exit(3)"]
    with (
        pytest.raises(ChildFailedError, match="ended with status"),
        terminal("failing", command, tmp_path, dict(os.environ)) as opened,
    ):
        opened.wait(b"> ")


def test_what_cannot_be_started_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(ChildFailedError, match="nothing ended"),
        terminal("nothing", ["/no/such/program"], tmp_path, dict(os.environ)) as opened,
    ):
        opened.wait(b"> ")
