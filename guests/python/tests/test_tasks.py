from __future__ import annotations

import asyncio
from typing import Any

import pytest

import capsule
from capsule import tasks
from capsule_guest import eventloop, host, program
from fake_host import FakeHost, Interpreter


@pytest.fixture
def add(fake_host: FakeHost) -> Any:
    def function(a: int, b: int = 1) -> int:
        raise AssertionError("a task's function never runs where it is called")

    program.unload()
    fake_host.tasks["add"] = lambda a, b=1: a + b
    yield capsule.task(name="add")(function)
    program.unload()


def test_without_a_loop_a_call_blocks(add: Any) -> None:
    assert add(1, b=2) == 3
    assert add.call(1) == 2
    assert add.map([1, 2, 3]) == [2, 3, 4]


def test_in_a_loop_a_call_is_awaitable(add: Any) -> None:
    async def main() -> Any:
        created = asyncio.create_task(add(1))
        return [
            await created,
            await add.aio(2),
            add.call(3),
            await add.map([4, 5]),
            await asyncio.gather(add(6), add(7)),
        ]

    assert eventloop.run(main()) == [2, 3, 4, [5, 6], [7, 8]]


def test_a_reference_is_called_as_a_task_is(fake_host: FakeHost) -> None:
    fake_host.tasks["elsewhere"] = lambda a, b=1: a * b
    elsewhere = capsule.task_ref("elsewhere")
    assert elsewhere(2, b=3) == 6
    assert elsewhere.map([1, 2]) == [1, 2]

    async def main() -> Any:
        return await elsewhere(4)

    assert eventloop.run(main()) == 4
    assert "elsewhere" not in tasks.registry
    with pytest.raises(ValueError, match="not empty"):
        capsule.task_ref("")


def test_a_failure_is_raised_with_all_that_is_known(add: Any, fake_host: FakeHost) -> None:
    def fail(_: int) -> None:
        raise KeyError("k")

    fake_host.tasks["add"] = fail
    with pytest.raises(capsule.TaskError) as caught:
        add(1)
    error = caught.value
    assert (error.type, error.message, error.class_name, error.task) == ("task_error", "'k'", "KeyError", "add")
    assert str(error) == "add: KeyError: 'k'\n\nInside the sandbox:\n  Traceback of it"
    with pytest.raises(capsule.TaskError):
        add.map([1, 2])


@pytest.mark.parametrize(
    ("kind", "name"),
    [("timeout", "TaskTimeout"), ("exit", "TaskExit"), ("cancelled", "Cancelled"), ("from_the_future", "TaskError")],
)
def test_the_class_follows_the_type(kind: str, name: str) -> None:
    from capsule.errors import from_wire

    error = from_wire({"type": kind, "message": "m"}, "t")
    assert type(error).__name__ == name
    assert (error.type, error.task, str(error)) == (kind, "t", "t: m")
    assert isinstance(error, capsule.TaskError)


def test_arguments_follow_the_rules_of_results(add: Any, fake_host: FakeHost) -> None:
    with pytest.raises(capsule.InvalidArguments, match=r"add: args\[1\]\.x has type object"):
        add(1, {"x": object()})
    with pytest.raises(capsule.InvalidArguments, match=r"kwargs\.b is nan"):
        add(1, b=float("nan"))
    assert fake_host.operations == []


def test_map_keeps_a_bounded_number_in_flight(add: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "MAP_WINDOW", 3)
    assert add.map(range(10)) == list(range(1, 11))
    assert eventloop.run(add._map_aio(range(10))) == list(range(1, 11))


def test_cancelling_stops_the_operation(add: Any, fake_host: FakeHost) -> None:
    fake_host.never_ends = {"add"}

    async def main() -> str:
        try:
            await asyncio.wait_for(add(1), 0.01)
        except asyncio.TimeoutError:
            return "timeout"
        return "ended"

    assert eventloop.run(main()) == "timeout"
    assert fake_host.cancelled == [1]


def test_what_is_left_running_is_cancelled_at_the_end(add: Any, fake_host: FakeHost) -> None:
    fake_host.never_ends = {"add"}
    seen: list[str] = []

    async def left() -> None:
        try:
            await add(1)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def main() -> int:
        running = asyncio.create_task(left())
        await asyncio.sleep(0)
        return 1 if not running.done() else 0

    assert eventloop.run(main()) == 1
    assert (seen, fake_host.cancelled) == (["cancelled"], [1])


def test_sleep_is_the_hosts(fake_host: FakeHost) -> None:
    eventloop.run(asyncio.sleep(0.02))
    assert sum(each or 0 for each in fake_host.slept) >= 20
    fake_host.slept.clear()
    host.sleep(0.0001)
    assert fake_host.slept == [1]


def test_waiting_for_nothing_is_a_deadlock(fake_host: FakeHost) -> None:
    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(eventloop.Deadlock, match=r"nothing left to wait for.*\n.*test_tasks.py:\d+ in main"):
        eventloop.run(main())


def test_an_executor_runs_at_once(fake_host: FakeHost) -> None:
    async def main() -> Any:
        loop = asyncio.get_running_loop()
        with pytest.raises(ZeroDivisionError):
            await loop.run_in_executor(None, lambda: 1 / 0)
        return await asyncio.to_thread(sum, [1, 2])

    assert eventloop.run(main()) == 3


def test_only_functions_are_tasks() -> None:
    with pytest.raises(TypeError, match="@task is for functions, not for type objects"):
        capsule.task(int)
    with pytest.raises(TypeError, match="a task's name is a string, not 5"):
        capsule.task(name=5)(lambda: None)  # type: ignore[arg-type]


def test_an_uncaught_failure_keeps_its_chain(interpreter: Interpreter, fake_host: FakeHost) -> None:
    fake_host.tasks["inner"] = lambda: 1 // 0
    source = "from capsule import task\n@task\ndef inner(): ...\n@task\ndef main():\n    return inner()"
    error = interpreter.call(source)["error"]
    assert (error["type"], error["class"]) == ("task_error", "TaskError")
    assert error["message"].startswith("inner: ZeroDivisionError: ")
    assert "Inside the sandbox:\n  Traceback of it" in error["traceback"]
    assert 'File "main.py", line 6, in main' in error["traceback"]


def test_the_names_are_the_sdks() -> None:
    assert set(capsule.__all__) == {name for name in vars(capsule) if name in capsule.__all__}
    assert {"task", "Task", "run", "Session", "workflow", "tool", "TaskError"} <= set(capsule.__all__)
