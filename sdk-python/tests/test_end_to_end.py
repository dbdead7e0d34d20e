"""Tasks in real sandboxes: values, errors, output, options."""

from __future__ import annotations

import asyncio
import pickle
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import capsule
from capsule import (
    InvalidArguments,
    InvalidResult,
    OutOfFuel,
    OutOfMemory,
    StackOverflow,
    TaskError,
    TaskExit,
    TaskTimeout,
)
from programs import basics

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_call_blocks_outside_an_event_loop() -> None:
    assert basics.add(2, b=3) == 5
    assert basics.add.call(2) == 2
    assert basics.asynchronous("abc") == "ABC"


def test_a_call_is_awaitable_inside_one() -> None:
    async def main() -> list[int]:
        first = await basics.add(1, 1)
        return [first, await basics.add.aio(1, 2), basics.add.call(1, 3)]

    assert asyncio.run(main()) == [2, 3, 4]


def test_several_event_loops_one_after_the_other() -> None:
    for number in range(3):
        assert asyncio.run(basics.add.aio(number, 1)) == number + 1


def test_several_event_loops_at_once() -> None:
    async def main(number: int) -> list[int]:
        return list(await asyncio.gather(*(basics.add(number, n) for n in range(20))))

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda number: asyncio.run(main(number)), range(4)))
    assert results == [[number + n for n in range(20)] for number in range(4)]


def test_threads() -> None:
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(basics.add.call, range(100))) == list(range(100))


def test_map_keeps_the_order() -> None:
    async def main() -> list[int]:
        return list(await basics.add.map(range(50)))

    assert basics.add.map(range(50)) == list(range(50))
    assert asyncio.run(main()) == list(range(50))
    assert basics.add.map([]) == []


def test_map_raises_the_first_failure() -> None:
    with pytest.raises(TaskError, match="no x"):
        basics.fail.map(["x"])

    async def main() -> None:
        with pytest.raises(TaskError, match="no y"):
            await basics.fail.map(["y"])

    asyncio.run(main())


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -1.5,
        2**70,
        "",
        "é\0\n\r\u2028🙂\x7f\\\"'",
        [],
        {},
        {"": [[], {}, None]},
        {"error": None, "ok": 1, "id": 7},
        [1e300, 1e-300, 0.1],
    ],
)
def test_json_values_survive_the_journey(value: Any) -> None:
    assert basics.identity(value) == value


def test_a_result_like_an_error_is_just_data() -> None:
    value = {"error": {"type": "timeout", "message": "not really"}, "success": False}
    assert basics.fail_strangely() == value


def test_large_arguments_and_results() -> None:
    text = "é" * 2_000_000
    assert basics.identity(text) == text
    assert basics.large(10_000_000) == "é" * 10_000_000


def test_a_dataclass_comes_back_as_an_object_and_may_be_an_argument() -> None:
    assert basics.where() == {"x": 1, "y": 2}
    assert basics.identity(basics.Point(3, 4)) == {"x": 3, "y": 4}


def test_names_and_modules() -> None:
    assert basics.original() == "by its option"
    assert basics.original.name == "renamed"
    assert basics.imported() == "hello from a sibling module, sandbox"


def test_a_failure_shows_the_frames_of_the_task() -> None:
    with pytest.raises(TaskError) as caught:
        basics.fail("answer")
    error = caught.value
    assert type(error) is TaskError
    assert (error.type, error.class_name, error.task) == ("task_error", "ValueError", "fail")
    assert error.message == "no answer"
    assert error.traceback is not None
    assert "KeyError: 'answer'" in error.traceback
    line = 1 + read_lines().index('        raise ValueError(f"no {key}") from error')
    assert f"line {line}, in fail" in error.traceback
    assert "capsule_guest" not in error.traceback
    text = str(error)
    assert text.startswith("fail: ValueError: no answer\n")
    assert "in fail" in text


def read_lines() -> list[str]:
    with open(basics.__file__, encoding="utf-8") as source:  # noqa: PTH123
        return source.read().splitlines()


def test_a_nested_failure_names_the_failing_task() -> None:
    with pytest.raises(TaskError) as caught:
        basics.nested_failure()
    assert caught.value.task == "nested_failure"
    assert "fail: ValueError: no inner" in str(caught.value)


def test_nested_calls_run_concurrently() -> None:
    assert basics.fan_out(20) == sum(range(20)) + 20


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (basics.sleep_too_long, TaskTimeout),
        (basics.spin, OutOfFuel),
        (basics.hoard, OutOfMemory),
        (basics.recurse, StackOverflow),
        (basics.leave, TaskExit),
        (basics.not_json, InvalidResult),
        (lambda: basics.add(1, 2, 3), InvalidArguments),  # type: ignore[call-arg]
        (lambda: basics.add(b=1), InvalidArguments),  # type: ignore[call-arg]
        (lambda: basics.add(1, c=2), InvalidArguments),  # type: ignore[call-arg]
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_each_ending_has_its_class(call: Callable[[], Any], expected: type[TaskError]) -> None:
    with pytest.raises(expected) as caught:
        call()
    assert type(caught.value) is expected
    assert caught.value.message
    assert caught.value.envelope["success"] is False
    assert basics.add(1) == 1, "the next task is not affected"


def test_bad_arguments_name_their_path() -> None:
    with pytest.raises(InvalidArguments, match=r"identity: args\[0\]\.when has type object"):
        basics.identity({"when": object()})
    with pytest.raises(InvalidArguments, match=r"kwargs\.value\[1\] is nan"):
        basics.identity(value=[0, float("nan")])


def test_the_envelope_has_the_whole_outcome() -> None:
    envelope = basics.add.envelope(2, 3)
    assert set(envelope) == {"success", "result", "error", "execution"}
    assert (envelope["success"], envelope["result"], envelope["error"]) == (True, 5, None)
    execution = envelope["execution"]
    assert execution["task_name"] == "add"
    assert execution["retries"] == 0
    assert execution["duration_ms"] >= 0
    assert execution["fuel_consumed"] > 0
    assert execution["ram_used"] > 1_000_000
    assert execution["host_requests"] == []
    assert execution["run_id"]
    assert execution["trace_id"]


def test_the_envelope_of_a_failure() -> None:
    async def main() -> Any:
        return await basics.sleep_too_long.envelope()

    for envelope in (basics.sleep_too_long.envelope(), asyncio.run(main())):
        assert envelope["success"] is False
        assert envelope["result"] is None
        assert envelope["error"]["type"] == "timeout"
        assert envelope["error"]["message"]
    bad = basics.identity.envelope(object())
    assert bad["error"]["type"] == "invalid_arguments"
    assert bad["execution"]["task_name"] == "identity"


def test_errors_can_be_pickled() -> None:
    with pytest.raises(TaskError) as caught:
        basics.fail("x")
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert type(copy) is type(caught.value)
    assert str(copy) == str(caught.value)
    assert copy.envelope == caught.value.envelope


def test_output_is_forwarded_and_complete(capsys: pytest.CaptureFixture[str]) -> None:
    basics.speak("no newline at the end")
    assert capsys.readouterr() == ("no newline at the end", "")
    basics.speak("to the other\n", to="stderr")
    assert capsys.readouterr() == ("", "to the other\n")
    basics.speak_nested("ünïcödé\n")
    assert capsys.readouterr().out == "before\nünïcödé\nafter\n"
    text = "0123456789abcde\n" * 100_000
    basics.speak(text)
    assert capsys.readouterr().out == text


def test_output_comes_while_the_task_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = threading.Event()

    class Watch:
        encoding = "utf-8"

        def write(self, text: str) -> None:
            if "sleeping" in text:
                seen.set()

        def flush(self) -> None:
            pass

    async def main() -> None:
        run = asyncio.ensure_future(basics.sleep.aio(50))
        assert await asyncio.to_thread(seen.wait, 40)
        assert not run.done()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    monkeypatch.setattr(sys, "stdout", Watch())
    asyncio.run(main())


def test_output_to_a_stream_that_refuses_it_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed:
        encoding = "ascii"

        def write(self, _: str) -> None:
            raise ValueError("I/O operation on closed file")

        def flush(self) -> None:
            raise BrokenPipeError

    for stream in (Closed(), None):
        monkeypatch.setattr(sys, "stdout", stream)
        assert basics.speak("anything") == "done"


def test_the_environment_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    assert "SECRET_TOKEN" not in basics.environment()


def test_a_task_remembers_its_function() -> None:
    assert pickle.loads(pickle.dumps(basics.add)) is basics.add  # noqa: S301
    assert getattr(basics.add, "__name__", None) == "add"
    assert basics.add.__wrapped__(2, 2) == 4
    assert isinstance(basics.add, capsule.Task)
    assert repr(basics.add).startswith("<task 'add' of ")
