from __future__ import annotations

import asyncio
from typing import Any

import pytest

import capsule
from capsule import tools
from capsule_guest import eventloop
from fake_host import FakeHost, Interpreter


class Refused(Exception):
    """Ends an operation with another type of error than `task_error`."""

    def __init__(self, kind: str) -> None:
        super().__init__("refused")
        self.type = kind


@pytest.fixture
def search(fake_host: FakeHost) -> Any:
    @capsule.tool
    def search(query: str, limit: int = 2) -> list[str]:
        """Searches."""
        raise AssertionError("a tool's function never runs inside")

    fake_host.tools["search"] = lambda query, limit=2: [query] * limit
    tools.give(["search"])
    yield search
    tools.give([])


def test_a_call_goes_to_the_host(search: Any, fake_host: FakeHost) -> None:
    assert search("x") == ["x", "x"]
    assert search.call("x", limit=1) == ["x"]
    assert fake_host.operations[1] == {"op": "tool", "tool": "search", "args": ["x"], "kwargs": {"limit": 1}}
    assert (search.__name__, search.__doc__, repr(search)) == ("search", "Searches.", "<tool search>")


def test_in_a_loop_a_call_is_awaitable(search: Any) -> None:
    async def main() -> Any:
        return [await search("a"), await search.aio("b"), search.call("c"), await asyncio.gather(search("d", 1))]

    assert eventloop.run(main()) == [["a", "a"], ["b", "b"], ["c", "c"], [["d"]]]


def test_an_async_tool_is_always_awaited(fake_host: FakeHost) -> None:
    @capsule.tool(name="ask", timeout="3s")  # type: ignore[untyped-decorator]
    async def question() -> None: ...

    fake_host.tools["ask"] = lambda: 42
    tools.give(["ask"])
    assert asyncio.iscoroutine(made := question())
    assert eventloop.run(made) == 42
    assert question.call() == 42


def test_what_a_tool_raises_is_raised(search: Any, fake_host: FakeHost) -> None:
    def fail(_: str) -> None:
        raise KeyError("k")

    fake_host.tools["search"] = fail
    with pytest.raises(capsule.ToolError) as caught:
        search("x")
    assert (caught.value.class_name, caught.value.message, str(caught.value)) == (
        "KeyError",
        "'k'",
        "search: KeyError: 'k'",
    )
    assert isinstance(caught.value, capsule.TaskError)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("invalid_arguments", "InvalidArguments"), ("policy_denied", "PolicyDenied"), ("overloaded", "Overloaded")],
)
def test_other_failures_have_their_own_class(search: Any, fake_host: FakeHost, kind: str, name: str) -> None:
    def fail(_: str) -> None:
        raise Refused(kind)

    fake_host.tools["search"] = fail
    with pytest.raises(getattr(capsule, name), match="search: refused"):
        search("x")


def test_a_tool_that_was_not_given_is_denied(search: Any, fake_host: FakeHost) -> None:
    tools.give([])
    with pytest.raises(capsule.PolicyDenied, match=r"not given the tool 'search'.*tools=\[search\]"):
        search("x")
    assert fake_host.operations == []


def test_arguments_follow_the_rules_of_results(search: Any, fake_host: FakeHost) -> None:
    with pytest.raises(capsule.InvalidArguments, match=r"search: args\[0\] has type object"):
        search(object())
    assert fake_host.operations == []


def test_cancelling_stops_the_tool(search: Any, fake_host: FakeHost) -> None:
    fake_host.never_ends = {"search"}

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(search("x"), 0.01)

    eventloop.run(main())
    assert fake_host.cancelled == [1]


def test_only_functions_are_tools() -> None:
    with pytest.raises(TypeError, match="@tool is for functions, not for type objects"):
        capsule.tool(int)
    with pytest.raises(TypeError, match="a tool's name is a string, not 5"):
        capsule.tool(name=5)(print)  # type: ignore[arg-type]

    class Service:
        @capsule.tool
        def search(self) -> None: ...

    with pytest.raises(TypeError, match="'search' is a method"):
        Service().search()


SOURCE = """
from capsule import task, tool

@tool(name="find")
def search(query: str) -> list: ...

@task
def helper(): ...

@task(tools=[search, "other"], tasks=[helper, "more"])
def main():
    return search("x")
"""


def test_options_name_tools_and_tasks(interpreter: Interpreter) -> None:
    described = interpreter.describe(SOURCE)["ok"]["tasks"]
    assert described[1]["options"] == {"tools": ["find", "other"], "tasks": ["helper", "more"]}


def test_the_request_says_which_tools_there_are(interpreter: Interpreter, fake_host: FakeHost) -> None:
    fake_host.tools["find"] = lambda query: [query]
    request = {"op": "call", "modules": [interpreter.compile(SOURCE)], "task": "main", "args": [], "kwargs": {}}
    assert interpreter.run({**request, "tools": ["find"]}) == {"ok": ["x"]}
    error = interpreter.run(request)["error"]
    assert (error["type"], error["class"]) == ("task_error", "PolicyDenied")
    assert "tools=[find]" in error["message"]
