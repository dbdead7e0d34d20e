"""Tools called from real sandboxes."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from capsule import Overloaded, TaskError, TaskTimeout, run_sync, tool
from conftest import eventually, eventually_async
from programs import host_tools as tools

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    tools.events.clear()
    tools.release.clear()
    tools.together = 0
    yield
    tools.release.set()


def test_a_tool_runs_in_this_process() -> None:
    assert tools.plain("ab", times=2) == {"text": "abab", "pid": os.getpid()}
    assert tools.by_name("four") == 4
    assert tools.asynchronous("x") == ["xnone", "x"]


def test_a_tool_of_another_module_of_the_program() -> None:
    assert tools.uses_helper("me") == "helped me"


def test_a_tool_sees_the_callers_context() -> None:
    async def main() -> Any:
        tools.TAG.set("!")
        return await tools.asynchronous("x")

    assert asyncio.run(main()) == ["x!", "x"]


def test_several_loops_and_threads_at_once() -> None:
    async def main(tag: str) -> Any:
        tools.TAG.set(tag)
        return await asyncio.gather(*(tools.asynchronous(str(n)) for n in range(5)))

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda tag: asyncio.run(main(tag)), "abcd"))
    assert results == [[[f"{n}{tag}", f"{n}"] for n in range(5)] for tag in "abcd"]


def test_map() -> None:
    found = tools.plain.map(["a", "b", "c"])
    assert [each["text"] for each in found] == ["a", "b", "c"]


def test_tools_run_at_once() -> None:
    assert set(tools.at_once(50)) == {50}
    tools.together = 0
    assert set(asyncio.run(tools.at_once.aio(50))) == {50}


def test_thousands_of_calls_of_one_task() -> None:
    assert tools.many(2000) == 2000


def test_what_goes_wrong_is_told_in_the_sandbox() -> None:
    assert tools.fails("raise") == ["ToolError", "KeyError", "'k'", None]
    kind, _, message, _ = tools.fails("result")
    assert kind == "InvalidResult"
    assert message.startswith("not_json: result.items[0] has type object")
    kind, _, message, _ = tools.fails("arguments")
    assert (kind, "missing a required argument: 'text'" in message) == ("InvalidArguments", True)
    kind, _, message, _ = tools.fails("type")
    assert message == "describe(): times must be int, not 'many' of type str"
    kind, _, message, _ = tools.fails("not given")
    assert (kind, "length" in message, "tools=[" in message) == ("PolicyDenied", True, True)


def test_a_failure_that_is_not_caught_fails_the_task() -> None:
    with pytest.raises(TaskError) as caught:
        tools.fails_uncaught()
    assert (caught.value.type, caught.value.class_name) == ("task_error", "ToolError")
    assert "KeyError: 'deep'" in caught.value.message
    assert "in fails_uncaught" in str(caught.value.traceback)
    assert "in raise_key_error" not in str(caught.value), "the host's frames stay outside"


def test_the_time_of_a_tool_is_the_tasks() -> None:
    with pytest.raises(TaskTimeout):
        tools.waits()
    eventually(lambda: tools.events == ["begun", "stopped"], "the tool was stopped")


def test_a_plain_tool_that_never_ends_holds_up_nobody() -> None:
    count = 40
    for envelope in ThreadPoolExecutor(count).map(
        lambda _: tools.waits_for_a_thread.envelope(), range(count)
    ):
        assert envelope["error"]["type"] == "timeout"
    assert tools.plain("x")["text"] == "x"
    tools.release.set()


def test_a_tool_that_is_given_up_is_stopped() -> None:
    assert tools.gives_up() == "gave up"
    eventually(lambda: tools.events == ["begun", "stopped"], "the tool was stopped")


def test_a_cancelled_call_stops_its_tools() -> None:
    async def main() -> None:
        run = asyncio.ensure_future(tools.waits.using(timeout="60s").aio())
        await eventually_async(lambda: "begun" in tools.events, "the tool runs")
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        await eventually_async(lambda: "stopped" in tools.events, "the tool was stopped")

    asyncio.run(asyncio.wait_for(main(), 60))


def test_a_tool_may_call_tasks_that_call_tools() -> None:
    assert tools.nested(3) == "bottom..."
    assert asyncio.run(tools.nested_async.aio(3)) == "bottom..."
    assert tools.nested_async(2) == "bottom.."


def test_more_tools_that_wait_for_tasks_than_there_are_threads() -> None:
    count = 40  # more than the threads that run tools
    assert tools.nested.map([2] * count) == ["bottom.."] * count


def test_tools_and_tasks_that_call_one_another_for_ever() -> None:
    with pytest.raises(TaskError, match="tools and tasks call one another more than 16 deep"):
        tools.runaway(0)
    assert not issubclass(TaskError, Overloaded)
    assert tools.plain("x")["text"] == "x"


def test_long_arguments() -> None:
    assert tools.long_text(5_000_000) == 5_000_000


# ---- tasks that take what they were not given


@pytest.mark.parametrize(
    "name", ["not_for_everyone", "length", "print", "os.system", "", "describe ", "x" * 1000]
)
def test_a_task_cannot_call_the_tools_of_others(name: str) -> None:
    answer = tools.forges({"op": "tool", "tool": name, "args": [], "kwargs": {}})
    assert answer["error"]["type"] == "policy_denied"
    assert tools.events == []


def test_a_task_cannot_give_itself_tools() -> None:
    assert tools.rewrites_itself().startswith("denied: ")
    smuggled: list[dict[str, Any]] = [
        {"tools": ["not_for_everyone"]},
        {"policy": {}},
        {"run": "r-1"},
        {"root": "x"},
    ]
    for more in smuggled:
        answer = tools.forges({"op": "tool", "tool": "not_for_everyone", **more})
        assert answer["error"]["type"] in {"invalid_arguments", "policy_denied"}
        answer = tools.forges({"op": "tool", "tool": "describe", "args": ["x"], **more})
        assert answer["error"]["type"] == "invalid_arguments"
    assert tools.events == []


@pytest.mark.parametrize("args", [["x", 1, 2], [], [{}], [["x"]], [None], ["x", "1"], ["x", True]])
def test_arguments_of_a_forger_are_checked(args: list[Any]) -> None:
    answer = tools.forges({"op": "tool", "tool": "describe", "args": args})
    assert answer["error"]["type"] == "invalid_arguments"
    assert "describe" in answer["error"]["message"]


def test_the_callers_list_is_the_last_word() -> None:
    narrowed = tools.forges.using(tools=[])
    answer = narrowed({"op": "tool", "tool": "describe", "args": ["x"]})
    assert answer["error"]["type"] == "policy_denied"
    widened = tools.forges.using(tools=[tools.not_for_everyone])
    answer = widened({"op": "tool", "tool": "not_for_everyone"})
    assert answer["ok"] == "secret"


# ---- programs that this process does not import


PROGRAM = """
from capsule import PolicyDenied, task, tool

@tool
def search(query: str) -> list:
    raise RuntimeError("the sandbox's own is never run")

@task(tools=[search])
def main(query):
    return search(query)

@task
def without(query):
    return search(query)
"""


def test_run_gives_tools_to_a_program(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM, encoding="utf-8")

    @tool
    def search(query: str) -> list[str]:
        return [query, threading.current_thread().name]

    envelope = run_sync(file=file, args=["q"], task="main", tools=[search])
    assert envelope["result"] == ["q", "capsule-tool"]
    envelope = run_sync(file=file, args=["q"], task="without", tools=[search])
    assert envelope["result"] == ["q", "capsule-tool"]
    envelope = run_sync(file=file, args=["q"], task="main")
    assert envelope["error"] is not None
    assert envelope["error"]["class"] == "PolicyDenied"
    assert "run(..., tools=[...])" in envelope["error"]["message"]
    with pytest.raises(TypeError, match="not marked"):
        run_sync(file=file, args=["q"], tools=[print])  # type: ignore[list-item]
