from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from builder.lock import build_lock

TOOLS = Path(__file__).resolve().parent.parent

# Takes the lock, says so, and keeps it until its standard input ends or it is killed.
HOLDER = """
import sys
from pathlib import Path
from builder.lock import build_lock
with build_lock(Path(sys.argv[1]), lambda: None):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(file: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)],
        cwd=TOOLS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_second_build_waits_for_the_first(tmp_path: Path) -> None:
    file = tmp_path / "build" / "lock"
    waiting, entered = threading.Event(), threading.Event()

    def second() -> None:
        with build_lock(file, waiting.set):
            entered.set()

    with hold(file) as holder:
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(30)
        assert not entered.is_set()
        assert holder.stdin is not None
        holder.stdin.close()
        assert entered.wait(30)
        thread.join()


def test_a_killed_build_leaves_no_lock(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with hold(file) as holder:
        holder.kill()
        holder.wait()
        waited: list[bool] = []
        with build_lock(file, lambda: waited.append(True)):
            assert not waited
