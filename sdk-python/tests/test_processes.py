"""The sidecar's life beside the host's: kills, forks, interrupts, exits. All of it real."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from capsule import SidecarLost
from conftest import eventually, eventually_async, in_flight, is_running, sidecar_pid
from programs import basics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    StartHost = Callable[..., subprocess.Popen[str]]

SOURCE = Path(__file__).parent.parent / "src"

PREAMBLE = """
import sys, time
from capsule import task

@task
def double(n):
    return 2 * n

@task(timeout="120s")
def sleep():
    print("sleeping", flush=True)
    time.sleep(100)

def pid():
    from capsule import _client
    return _client.connection().process.pid
"""


@pytest.fixture
def start_host(tmp_path: Path) -> Iterator[StartHost]:
    """Start a host program: the preamble and a main part."""
    hosts: list[subprocess.Popen[str]] = []

    def start(main: str) -> subprocess.Popen[str]:
        script = tmp_path / "host.py"
        body = textwrap.indent(textwrap.dedent(main), "    ")
        script.write_text(f"{PREAMBLE}\nif __name__ == '__main__':\n{body}", encoding="utf-8")
        host = subprocess.Popen(
            [sys.executable, "-W", "error", str(script)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
        )
        hosts.append(host)
        return host

    yield start
    for host in hosts:
        host.kill()
        host.communicate()


def finish(host: subprocess.Popen[str]) -> tuple[str, str]:
    """Wait for a host that is to end well; its output."""
    out, err = host.communicate(timeout=120)
    assert host.returncode == 0, err
    return out, err


def first_line(host: subprocess.Popen[str]) -> str:
    assert host.stdout is not None
    return host.stdout.readline().strip()


def test_kill_9_of_the_sidecar_fails_what_is_in_flight_and_the_next_call_works() -> None:
    pid = sidecar_pid()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(basics.sleep.call, 50)
        eventually(lambda: in_flight() == 1, "the call is in flight")
        assert basics.add(1, 1) == 2
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(SidecarLost, match=f"process {pid}.*killed by signal 9"):
            waiting.result(20)
    assert basics.add(2, 2) == 4
    assert sidecar_pid() != pid


def test_kill_9_of_the_sidecar_under_an_event_loop() -> None:
    async def main() -> None:
        pid = sidecar_pid()
        calls = [asyncio.ensure_future(basics.sleep.aio(50)) for _ in range(20)]
        await eventually_async(lambda: in_flight() == len(calls), "the calls are in flight")
        assert await basics.add(1, 1) == 2
        os.kill(pid, signal.SIGKILL)
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(result) for result in results} == {SidecarLost}
        assert await basics.add(2, 2) == 4

    asyncio.run(asyncio.wait_for(main(), 60))


def test_kill_9_of_the_host_leaves_no_sidecar(start_host: StartHost) -> None:
    host = start_host("print(pid(), flush=True); sleep()")
    sidecar = int(first_line(host))
    assert is_running(sidecar)
    assert first_line(host) == "sleeping"
    host.kill()
    eventually(lambda: not is_running(sidecar), "the sidecar has ended")


def test_the_exit_of_the_host_ends_the_sidecar(start_host: StartHost) -> None:
    out, err = finish(start_host("print(pid(), double(4))"))
    sidecar, result = out.split()
    assert result == "8"
    assert err == ""
    assert not is_running(int(sidecar))


def test_a_host_that_is_left_with_calls_in_flight_ends(start_host: StartHost) -> None:
    out, _ = finish(
        start_host(
            """
            import threading
            threading.Thread(target=sleep.call, daemon=True).start()
            while double(1) != 2:
                pass
            print(f"sidecar {pid()}")
            """
        )
    )
    found = re.search(r"sidecar (\d+)", out)
    assert found
    assert not is_running(int(found[1]))


def test_ctrl_c_stops_the_task_and_not_the_sidecar(start_host: StartHost) -> None:
    host = start_host(
        """
        before = pid()
        try:
            sleep()
        except KeyboardInterrupt:
            print("interrupted", double(5), pid() == before)
        """
    )
    assert first_line(host) == "sleeping"
    host.send_signal(signal.SIGINT)
    out, _ = finish(host)
    assert out.split() == ["interrupted", "10", "True"]


def test_ctrl_c_under_asyncio(start_host: StartHost) -> None:
    host = start_host(
        """
        import asyncio
        async def main():
            await sleep()
        try:
            asyncio.run(main())
        except KeyboardInterrupt:
            print("interrupted", double(5))
        """
    )
    assert first_line(host) == "sleeping"
    host.send_signal(signal.SIGINT)
    out, _ = finish(host)
    assert out.split() == ["interrupted", "10"]


def test_a_forked_child_starts_its_own(start_host: StartHost) -> None:
    out, _ = finish(
        start_host(
            """
            import os
            mine = pid()
            child = os.fork()
            if child == 0:
                ok = double(1) == 2 and pid() != mine
                sys.exit(0 if ok else 1)
            _, status = os.waitpid(child, 0)
            print(os.waitstatus_to_exitcode(status), double(3), pid() == mine)
            """
        )
    )
    assert out.split() == ["0", "6", "True"]


def test_multiprocessing_by_fork(start_host: StartHost) -> None:
    out, _ = finish(
        start_host(
            """
            import multiprocessing
            double(1)
            with multiprocessing.get_context("fork").Pool(2) as pool:
                print(pool.map(double.call, range(6)))
            """
        )
    )
    assert out.strip() == "[0, 2, 4, 6, 8, 10]"


def test_a_call_while_the_interpreter_exits_is_told(start_host: StartHost) -> None:
    out, _ = finish(
        start_host(
            """
            import atexit
            from capsule import SidecarError, _client
            double(1)
            def late():
                try:
                    double(2)
                except SidecarError as error:
                    print(error)
            # before the package's own handler in the order of registration, so run after it
            atexit.unregister(_client._close_at_exit)
            atexit.register(late)
            atexit.register(_client._close_at_exit)
            """
        )
    )
    assert "interpreter is exiting" in out


def test_cancelling_a_coroutine_stops_the_task() -> None:
    async def main() -> None:
        pid = sidecar_pid()
        runs = [asyncio.ensure_future(basics.sleep.aio(50)) for _ in range(4)]
        await eventually_async(lambda: in_flight() == len(runs), "the calls are in flight")
        for run in runs:
            run.cancel()
        results = await asyncio.gather(*runs, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(basics.sleep.aio(50), 0.05)
        await eventually_async(lambda: in_flight() == 0, "all are answered")
        assert await basics.add(1) == 1
        assert sidecar_pid() == pid

    asyncio.run(main())
