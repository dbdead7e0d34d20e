"""How the client behaves when its peer misbehaves: with a scripted peer in the sidecar's place."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

import capsule
from capsule import (
    InternalError,
    InvalidArguments,
    InvalidResult,
    OptionError,
    SidecarError,
    SidecarLost,
    _client,
)
from conftest import TESTS, eventually, eventually_async, is_running, sidecar_pid
from programs import scripted

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import FakeLog

    UseFake = Callable[..., FakeLog]

SOURCE = TESTS.parent / "src"


def test_it_starts_one_peer_and_loads_a_program_once(use_fake: UseFake) -> None:
    log = use_fake()
    assert [scripted.echo.call(number) for number in range(3)] == [[0], [1], [2]]
    assert len(log.pids()) == 1
    assert log.count("initialize") == 1
    assert log.count("loadProgram") == 1


def test_many_threads_start_one_peer(use_fake: UseFake) -> None:
    log = use_fake()
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(scripted.echo.call, range(200)))
    assert results == [[number] for number in range(200)]
    assert len(log.pids()) == 1


def test_many_coroutines_start_one_peer_and_load_once(use_fake: UseFake) -> None:
    log = use_fake()

    async def main() -> list[list[int]]:
        return list(await asyncio.gather(*(scripted.echo(number) for number in range(200))))

    assert asyncio.run(main()) == [[number] for number in range(200)]
    assert len(log.pids()) == 1
    assert log.count("loadProgram") == 1


@pytest.mark.parametrize("call", ["scripted.echo.call()", "asyncio.run(scripted.echo.aio())"])
def test_ctrl_c_while_the_peer_starts_ends_the_program(use_fake: UseFake, call: str) -> None:
    log = use_fake("mute")
    host = subprocess.Popen(
        [sys.executable, "-c", f"import asyncio; from programs import scripted; {call}"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCE), str(TESTS)])},
        stderr=subprocess.PIPE,
        text=True,
    )
    eventually(lambda: log.count("initialize") == 1, "the peer was asked to start")
    host.send_signal(signal.SIGINT)
    _, told = host.communicate(timeout=20)
    assert told.rstrip().endswith("KeyboardInterrupt")
    eventually(lambda: not is_running(log.pids()[0]), "the peer has ended")
    assert len(log.pids()) == 1


def test_a_program_that_the_peer_forgot_is_loaded_again(use_fake: UseFake) -> None:
    use_fake()
    scripted.forget.call()
    assert scripted.echo.call(1) == [1]
    scripted.forget.call()
    assert scripted.echo.map([1, 2]) == [[1], [2]]
    scripted.forget.call()
    assert asyncio.run(scripted.echo.aio(3)) == [3]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (scripted.die, "exited with 7"),
        (scripted.garbage, "Content-Length"),
        (scripted.too_long, "exceeds"),
        (scripted.truncated, "99 bytes before"),
        (scripted.not_json, "not JSON"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_lost_peer_fails_all_in_flight_and_is_replaced(
    use_fake: UseFake, broken: capsule.Task[[], None], reason: str
) -> None:
    log = use_fake()
    pid = sidecar_pid()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(scripted.hang.call)
        eventually(lambda: log.count("hanging") == 1, "the call is in flight")
        with pytest.raises(SidecarLost, match=reason):
            broken.call()
        with pytest.raises(SidecarLost, match=reason):
            waiting.result(5)
    assert not is_running(pid)
    assert log.count("runTask") == 2, "nothing was run twice"
    assert scripted.echo.call("again") == ["again"]
    assert len(log.pids()) == 2


def test_a_peer_that_died_while_idle_is_replaced_unnoticed(use_fake: UseFake) -> None:
    log = use_fake()
    for _ in range(5):
        scripted.echo.call(1)
        pid = sidecar_pid()
        os.kill(pid, signal.SIGKILL)
        eventually(lambda pid=pid: not is_running(pid), "it is dead")  # type: ignore[misc]
        assert scripted.echo.call(2) == [2]
    assert len(log.pids()) == 6


def test_what_cannot_be_sent_is_told_as_lost(use_fake: UseFake) -> None:
    use_fake()
    connection = _client.connection()
    os.kill(sidecar_pid(), signal.SIGKILL)
    eventually(lambda: not connection.alive, "it is seen to be dead")
    with pytest.raises(SidecarLost, match="killed by signal 9") as told:
        connection.request("runTask", "{}")
    assert type(told.value) is SidecarLost
    assert not told.value.sent


def test_a_peer_that_dies_at_start_is_not_started_for_ever(use_fake: UseFake) -> None:
    log = use_fake("die")
    with pytest.raises(
        SidecarError, match=r"(?s)died 3 times while starting.*no engine found"
    ) as told:
        scripted.echo.call(1)
    assert not isinstance(told.value, SidecarLost)
    assert len(log.pids()) == 3


def test_another_protocol_is_refused(use_fake: UseFake) -> None:
    log = use_fake("future")
    with pytest.raises(SidecarError, match=r"speaks protocol 9\.9, this package 0\.1"):
        scripted.echo.call(1)
    eventually(lambda: not is_running(log.pids()[0]), "it is ended")


def test_a_reply_that_python_cannot_hold_fails_its_call_only(use_fake: UseFake) -> None:
    log = use_fake()
    with pytest.raises(InvalidResult, match="integer"):
        scripted.huge_integer.call()
    assert scripted.echo.call(1) == [1]
    assert len(log.pids()) == 1


def test_json_rpc_errors_have_their_classes(use_fake: UseFake) -> None:
    use_fake()
    with pytest.raises(InternalError, match="internal error"):
        scripted.internal.call()
    with pytest.raises(OptionError) as caught:
        scripted.option.call()
    error = caught.value
    assert (error.field, error.value, error.allowed, error.where) == (
        "options.ram",
        "abc",
        "a size",
        "p.py:3",
    )
    assert str(error) == "p.py:3: options.ram: 'abc' is no size"


def test_large_messages_arrive_whole_among_small_ones(use_fake: UseFake) -> None:
    use_fake()
    texts = ["x" * size for size in (1, 5_000_000, 2, 70_000, 3, 4096, 1_000_000)] * 3
    assert scripted.echo.map(texts) == [[text] for text in texts]


def test_a_message_beyond_the_protocols_limit_is_refused_before_it_is_sent(
    use_fake: UseFake,
) -> None:
    use_fake()
    with pytest.raises(InvalidArguments, match="exceeds"):
        scripted.echo.call("x" * (64 * 1024 * 1024))
    assert scripted.echo.call(1) == [1]


def test_a_peer_that_does_not_read_holds_up_neither_loop_nor_exit(use_fake: UseFake) -> None:
    log = use_fake()
    pid = sidecar_pid()

    async def main() -> None:
        calls = [asyncio.ensure_future(scripted.deaf.aio())]
        await eventually_async(lambda: log.count("deaf") == 1, "it has stopped reading")
        calls += [asyncio.ensure_future(scripted.echo.aio("x" * 500_000)) for _ in range(3)]
        await asyncio.sleep(0.05)  # long enough for the first of them to fill the pipe
        calls += [asyncio.ensure_future(scripted.echo.aio("short"))]
        await asyncio.sleep(0)
        os.kill(pid, signal.SIGKILL)
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(result) for result in results] == [SidecarLost] * 5

    asyncio.run(asyncio.wait_for(main(), 20))


def test_cancelling_a_coroutine_cancels_its_request(use_fake: UseFake) -> None:
    log = use_fake()

    async def main() -> None:
        run = asyncio.ensure_future(scripted.hang.aio())
        await eventually_async(lambda: log.count("hanging") == 1, "the call is in flight")
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        assert await scripted.echo.aio(1) == [1]

    asyncio.run(main())
    assert log.count("$/cancelRequest") == 1


def test_a_failed_map_cancels_what_still_runs(use_fake: UseFake) -> None:
    log = use_fake()

    async def first_fails() -> None:
        with pytest.raises(InvalidArguments, match=r"args\[0\] has type object"):
            await scripted.hang.map([1, 2, object()])

    asyncio.run(first_fails())
    with pytest.raises(InvalidArguments, match=r"args\[0\] has type object"):
        scripted.hang.map([1, 2, object()])
    scripted.echo.call()
    assert log.count("$/cancelRequest") == log.count("hanging")


def test_closing_ends_the_peer_in_good_order(use_fake: UseFake) -> None:
    log = use_fake()
    pid = sidecar_pid()
    capsule.close()
    assert log.lines()[-2:] == ["shutdown", "exit"]
    assert not is_running(pid)
    assert [thread.name for thread in threading.enumerate() if "capsule" in thread.name] == []
    capsule.close()
    assert scripted.echo.call(1) == [1], "the next call starts another"


def test_closing_does_not_wait_for_ever(use_fake: UseFake) -> None:
    use_fake("stubborn")
    pid = sidecar_pid()
    capsule.close()
    assert not is_running(pid)


def test_a_command_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    capsule.close()
    monkeypatch.setenv("CAPSULE_SIDECAR", "/no/such/sidecar --flag")
    with pytest.raises(SidecarError, match=r"cannot start .*/no/such/sidecar --flag.*No such file"):
        scripted.echo.call(1)
