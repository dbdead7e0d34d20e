"""Tools, as a sidecar asks for them; the scripted peer stands for one that is hostile too."""

from __future__ import annotations

import asyncio
import contextvars
import pickle
import threading
from typing import TYPE_CHECKING, Any

import pytest

from capsule import Ceiling, OptionError, ProgramError, SidecarLost, Tool, _client, task, tool
from conftest import eventually
from programs import scripted_tools as tools
from programs import without_tools

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import FakeLog

    UseFake = Callable[..., FakeLog]


def call(name: str, *args: Any, request_id: Any = 1, root: str = "RUN", **kwargs: Any) -> Any:
    """A request for a tool, as a message."""
    params: dict[str, Any] = {
        "run": "r-x",
        "root": root,
        "task": "ask",
        "tool": name,
        "args": list(args),
    }
    params["kwargs"] = kwargs
    return {"id": request_id, "method": "callTool", "params": params}


def ask(*messages: Any, answers: int | None = None) -> list[Any]:
    """What this process answers to the messages."""
    count = len(messages) if answers is None else answers
    return list(tools.ask(list(messages), count))[1:]


def one(*args: Any, **kwargs: Any) -> dict[str, Any]:
    answer = ask(call(*args, **kwargs))[0]
    assert set(answer) == {"jsonrpc", "id", "result"}
    result: dict[str, Any] = answer["result"]
    assert set(result) == {"result", "error"}
    return result


def error(*args: Any, **kwargs: Any) -> dict[str, Any]:
    result = one(*args, **kwargs)
    assert result["result"] is None
    failure: dict[str, Any] = result["error"]
    assert failure["traceback"] is None
    return failure


@pytest.fixture(autouse=True)
def peer(use_fake: UseFake) -> FakeLog:
    tools.seen.clear()
    tools.started.clear()
    tools.release.clear()
    return use_fake()


def test_a_tool_is_called_with_its_arguments() -> None:
    assert one("add", 1) == {"result": [1, 0, [], False, {}], "error": None}
    assert one("add", 1, 2.5, 3, 4, flag=True, x="y")["result"] == [
        1,
        2.5,
        [3, 4],
        True,
        {"x": "y"},
    ]
    assert one("later", {"a": [None, "é"]})["result"] == {"a": [None, "é"]}


def test_the_tools_of_the_tasks_are_offered_and_no_others() -> None:
    offered = tools.ask([], 0)[0]["tools"]
    assert set(offered) == {
        *("add", "choose", "later", "where", "where_async", "raises", "raises_async"),
        *("bad_value", "huge", "stuck", "stuck_async", "waits"),
    }
    assert one("secret")["error"]["type"] == "policy_denied"
    assert tools.seen == []


@pytest.mark.parametrize("name", ["secret", "", "add ", "__init__", None, 7, ["add"], {}])
def test_what_was_not_offered_is_not_run(name: Any) -> None:
    assert error(name)["type"] == "policy_denied"


@pytest.mark.parametrize("root", ["", "r-x", "RUNx", "ask", None, 0, ["RUN"], {"RUN": 1}])
def test_a_run_that_was_not_started_here_calls_nothing(root: Any) -> None:
    failure = error("add", 1, root=root)
    assert failure["type"] == "policy_denied"
    assert "no such run" in failure["message"]


def test_a_run_that_is_over_calls_nothing() -> None:
    first = ask(call("later", "RUN"))[0]["result"]["result"]
    assert first.startswith("r-")
    assert error("add", 1, root=first)["type"] == "policy_denied"


def test_a_run_of_a_task_without_tools_offers_none() -> None:
    params, *answers = without_tools.ask([call("add", 1), call("add", 1, request_id=2)], 2)
    assert "tools" not in params
    assert {answer["result"]["error"]["type"] for answer in answers} == {"policy_denied"}


@pytest.mark.parametrize(
    "params",
    [None, [], "x", {}, {"root": "RUN"}, {"root": "RUN", "tool": "add", "args": {"a": 1}}],
)
def test_params_that_are_none_are_an_error(params: Any) -> None:
    answer = ask({"id": 1, "method": "callTool", "params": params})[0]
    assert answer["result"]["error"]["type"] in {"policy_denied", "invalid_arguments"}


def test_an_unknown_method_is_refused_and_a_notification_ignored() -> None:
    answer = ask(
        {"method": "callTool", "params": {"root": "RUN", "tool": "secret"}},
        {"method": "no/such"},
        {"id": "x", "method": "eval", "params": {"code": "1"}},
        answers=1,
    )[0]
    assert answer["id"] == "x"
    assert answer["error"]["message"] == "there is no method 'eval'"


def test_an_id_that_is_in_use_is_refused() -> None:
    first, second = ask(call("stuck"), call("stuck"))
    assert first["error"]["code"] == -32600
    assert second["result"]["error"]["class"] == "TimeoutError"
    tools.release.set()


def test_an_integer_that_python_cannot_hold_is_refused() -> None:
    number = 10**4000
    digits = str(number) + "0" * 1000
    text = {"id": 5, "method": "callTool", "params": {"root": "RUN", "tool": "add", "args": digits}}
    assert ask(text)[0]["result"]["error"]["type"] == "invalid_arguments"


@pytest.mark.parametrize(
    ("args", "kwargs", "told"),
    [
        ((), {}, r"add\(a, b=0, \*more, flag=False, \*\*rest\): missing a required argument: 'a'"),
        ((1,), {"a": 2}, "multiple values for argument 'a'"),
        (("1",), {}, r"add\(\): a must be int, not '1' of type str"),
        ((1.0,), {}, "a must be int, not 1.0 of type float"),
        ((True,), {}, "a must be int, not True of type bool"),
        ((1, "x"), {}, "b must be float, not 'x' of type str"),
        ((1, False), {}, "b must be float"),
        ((1, 2, 3, None), {}, r"more\[1\] must be int, not None of type NoneType"),
        ((1,), {"flag": 0}, "flag must be bool, not 0 of type int"),
        ((1,), {"x": 5}, "x must be str, not 5 of type int"),
        (([1],), {}, r"a must be int, not \[1\] of type list"),
    ],
)
def test_arguments_that_do_not_fit_name_the_parameter(
    args: tuple[Any, ...], kwargs: dict[str, Any], told: str
) -> None:
    failure = error("add", *args, **kwargs)
    assert failure["type"] == "invalid_arguments"
    with pytest.raises(AssertionError, match=told):
        raise AssertionError(failure["message"])


@pytest.mark.parametrize(
    ("kwargs", "told"),
    [
        ({"kind": "a"}, None),
        (
            {"kind": 1, "items": [], "names": None, "either": "x", "other": object, "anything": 1},
            None,
        ),
        ({"kind": "b", "names": {"x": 1}, "items": [1, 2]}, None),
        ({"kind": "c"}, "kind must be Literal['a', 'b', 1], not 'c' of type str"),
        ({"kind": True}, "kind must be Literal"),
        ({"kind": "a", "items": [1, "2"]}, "items[1] must be int, not '2' of type str"),
        ({"kind": "a", "items": {}}, "items must be list[int], not {} of type dict"),
        ({"kind": "a", "names": {"x": None}}, "names must be"),
        ({"kind": "a", "either": []}, "either must be Union[int, str], not [] of type list"),
    ],
)
def test_simple_annotations_are_checked_and_others_are_not(
    kwargs: dict[str, Any], told: str | None
) -> None:
    result = one("choose", **{k: 1 if v is object else v for k, v in kwargs.items()})
    if told is None:
        assert result == {"result": "chosen", "error": None}
    else:
        assert result["error"]["type"] == "invalid_arguments"
        assert told in result["error"]["message"].replace("int | str", "Union[int, str]")


@pytest.mark.parametrize("name", ["raises", "raises_async"])
def test_what_a_tool_raises_is_told_by_class_and_message_only(name: str) -> None:
    failure = error(name, "key")
    assert failure == {
        "type": "task_error",
        "class": "LookupError",
        "message": "no key \\ud800",
        "traceback": None,
    }
    assert error(name, "exit")["class"] == "SystemExit"
    assert error(name, "interrupt")["class"] == "KeyboardInterrupt"
    assert error(name, "strange")["message"] == "<its __str__ raised RuntimeError>"
    assert one("add", 1)["error"] is None, "the threads and the loop are still there"


def test_a_result_that_is_not_json_names_its_path() -> None:
    assert error("bad_value", "object") == {
        "type": "invalid_result",
        "class": None,
        "message": "bad_value: result.x[1] has type object, which has no JSON form; "
        "make it a dict, a list, a string or a number first",
        "traceback": None,
    }
    assert "result.x[1] is nan" in error("bad_value", "nan")["message"]


def test_a_result_that_is_too_long_is_an_error_and_no_broken_connection() -> None:
    failure = error("huge")
    assert failure["type"] == "invalid_result"
    assert "exceeds" in failure["message"]
    assert one("add", 1)["error"] is None


def test_a_tool_has_a_time_limit() -> None:
    failure = error("stuck")
    assert (failure["type"], failure["class"]) == ("task_error", "TimeoutError")
    assert failure["message"] == "stuck took longer than its timeout of 0.1 s"
    tools.release.set()
    assert error("stuck_async")["class"] == "TimeoutError"
    eventually(lambda: tools.seen == ["stopped"], "the coroutine was cancelled")


def test_more_stuck_tools_than_threads_do_not_hold_up_others() -> None:
    answers = ask(*(call("stuck", request_id=number) for number in range(60)))
    assert {answer["result"]["error"]["class"] for answer in answers} == {"TimeoutError"}
    assert one("add", 1)["error"] is None
    tools.release.set()


def test_thousands_of_calls_at_once() -> None:
    answers = ask(*(call("add", number, request_id=number) for number in range(3000)))
    found = {answer["id"]: answer["result"]["result"][0] for answer in answers}
    assert found == {number: number for number in range(3000)}
    count = sum("capsule-tool" in thread.name for thread in threading.enumerate())
    assert count <= 33


def test_a_cancelled_call_is_stopped_and_not_answered() -> None:
    async def main() -> list[Any]:
        answers = await tools.ask.aio(
            [
                call("waits", request_id=7),
                {"method": "$/cancelRequest", "params": {"id": 7}},
                {"method": "$/cancelRequest", "params": {"id": 7}},
                {"method": "$/cancelRequest", "params": {"id": [7]}},
                {"method": "$/cancelRequest", "params": None},
                call("later", 1, request_id=8),
            ],
            1,
        )
        return list(answers)[1:]

    assert [answer["id"] for answer in asyncio.run(main())] == [8]
    assert tools.seen in ([], ["begun", "stopped"])


def test_tools_run_where_the_call_was_made() -> None:
    names = ask(call("where"), call("where_async", request_id=2))
    found = {answer["id"]: answer["result"]["result"] for answer in names}
    assert found == {1: ["capsule-tool", "none"], 2: ["capsule-tool-loop", "none"]}

    async def main() -> Any:
        tools.TAG.set("mine")
        return await tools.ask.aio([call("where"), call("where_async", request_id=2)], 2)

    found = {answer["id"]: answer["result"]["result"] for answer in asyncio.run(main())[1:]}
    assert found == {
        1: ["capsule-tool", "mine"],
        2: [threading.current_thread().name, "mine"],
    }
    assert tools.TAG.get() == "none"


def test_a_tool_cannot_change_its_callers_context() -> None:
    context = contextvars.copy_context()
    one("where")
    assert list(context.items()) == list(contextvars.copy_context().items())


def test_a_lost_peer_ends_its_tools() -> None:
    def main() -> None:
        with pytest.raises(SidecarLost):
            tools.ask([call("waits")], 2)

    thread = threading.Thread(target=main)
    thread.start()
    eventually(lambda: tools.seen == ["begun"], "the tool runs")
    _client.connection().process.kill()
    thread.join(20)
    assert not thread.is_alive()
    eventually(lambda: tools.seen == ["begun", "stopped"], "the tool was stopped")


def test_the_environment_is_sent_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("A_SETTING", raising=False)
    monkeypatch.setenv("ANOTHER", "x")
    assert "env" not in tools.ask([], 0)[0]
    monkeypatch.setenv("A_SETTING", "1")
    assert tools.ask([], 0)[0]["env"] == {"A_SETTING": "1"}
    monkeypatch.setenv("A_SETTING", "2")
    assert tools.ask([], 0)[0]["env"] == {"A_SETTING": "2"}, "the value is that of the call's time"


# ---- declarations


def test_a_tool_is_its_function() -> None:
    assert tools.add(1, 2, 3) == [1, 2, [3], False, {}]
    assert asyncio.run(tools.renamed("x")) == tools.renamed.call("x") == "x"
    assert asyncio.run(tools.add.aio(1)) == tools.add.call(1) == tools.add(1)
    assert isinstance(tools.add, Tool)
    assert (tools.renamed.name, tools.renamed.is_async, tools.add.is_async) == (
        "later",
        True,
        False,
    )
    assert tools.add.__doc__ == "Add them."
    assert pickle.loads(pickle.dumps(tools.add)) is tools.add  # noqa: S301
    assert repr(tools.add).startswith("<tool 'add' at ")


def test_what_cannot_be_a_tool() -> None:
    wrongs: list[Any] = [7, int, "f", tools.add]
    for wrong in wrongs:
        with pytest.raises(TypeError, match="@tool is for functions"):
            tool(wrong)
    with pytest.raises(TypeError, match="a tool's name is a string"):
        tool(name="")(print)
    with pytest.raises(TypeError, match="a tool's name is a string"):
        tool(name="x" * 201)(print)

    class Holder:
        @tool
        def method(self) -> None: ...

        def plain(self) -> str:
            return "bound"

    with pytest.raises(TypeError, match="is a method"):
        _ = Holder().method
    assert tool(Holder().plain)() == "bound"


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [
        (5, 5),
        (0.25, 0.25),
        ("500ms", 0.5),
        ("30s", 30),
        ("1h30m", 5400),
        (" 2M ", 120),
        ("1.5s", 1.5),
    ],
)
def test_timeouts(timeout: Any, seconds: float) -> None:
    assert tool(timeout=timeout)(print).timeout == seconds


@pytest.mark.parametrize(
    "timeout",
    [0, -1, "0s", "", "s", "5", "5 s", "5s5m", "1d", float("nan"), float("inf"), True, "25h"],
)
def test_timeouts_that_are_none(timeout: Any) -> None:
    with pytest.raises(OptionError, match=r"timeout=.*must be seconds") as caught:
        tool(timeout=timeout)(print)
    assert caught.value.field == "timeout"


def test_only_marked_functions_are_given_to_tasks() -> None:
    def function() -> None: ...

    wrong: Any = [print]
    with pytest.raises(TypeError, match="'print' is not marked"):
        task(tools=wrong)(function)
    wrong = tools.add
    with pytest.raises(TypeError, match="tools is a list"):
        task(tools=wrong)(function)


def test_two_tools_of_one_name_are_refused() -> None:
    other = tool(name="add")(print)
    with pytest.raises(ProgramError, match=r"two tools have the name 'add': at .*scripted_tools"):

        @task(tools=[tools.add, other])
        def both() -> None: ...

    with pytest.raises(ProgramError, match="two tools have the name 'add'"):
        tools.ask.using(tools=[tools.add, other])

    def stand_in() -> str:
        return "instead"

    view = tools.ask.using(tools=[tool(name="add")(stand_in)])
    assert view([call("add")], 1)[1]["result"]["result"] == "instead"


# ---- the caller's options


def test_a_view_sends_its_options() -> None:
    assert "options" not in tools.ask([], 0)[0]
    view = tools.ask.using(timeout="1s", tools=[tools.secret, "add"], tasks=[tools.hang, "ask"])
    params = view([], 0)[0]
    assert params["options"] == {
        "timeout": "1s",
        "tools": ["secret", "add"],
        "tasks": ["hang", "ask"],
    }
    assert "secret" in params["tools"]
    assert view.using(ram=1, timeout=2)([], 0)[0]["options"]["timeout"] == 2
    assert "options" not in tools.ask([], 0)[0], "the task itself is as before"
    answer = view([call("secret")], 1)[1]
    assert answer["result"] == {"result": "secret", "error": None}


def test_a_view_is_a_task() -> None:
    view = tools.ask.using(timeout="1s", ceiling=Ceiling(network=False))
    copy = pickle.loads(pickle.dumps(view))  # noqa: S301
    for each in (view, copy):
        assert each.call([], 0)[0]["options"] == {"timeout": "1s"}
        assert asyncio.run(each.aio([], 0))[0]["ceiling"] == {"network": False}
        assert each.envelope([], 0)["result"][0]["options"] == {"timeout": "1s"}
    with pytest.raises(TypeError, match="mounts is a list"):
        tools.ask.using(mounts="./data")
    with pytest.raises(TypeError, match="not marked"):
        tools.ask.using(tools=[print])  # type: ignore[list-item]


def test_mounts_and_ceilings_start_at_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ceiling = Ceiling(
        allowed_files=["./in:ro", {"path": "/abs", "mode": "rw"}], tools=[tools.add, "x"]
    )
    params = tools.ask.using(mounts=["./data:ro"], ceiling=ceiling)([], 0)[0]
    assert params["options"] == {"mounts": [f"{tmp_path}/./data::/data:ro"]}
    assert params["ceiling"] == {
        "allowed_files": [f"{tmp_path}/./in:ro", "/abs:rw"],
        "tools": ["add", "x"],
    }


def test_a_ceiling_says_what_is_set() -> None:
    assert Ceiling().to_json() == {}
    whole = Ceiling(
        ram="1GB",
        timeout=5,
        compute="LOW",
        max_retries=0,
        max_output=0,
        max_result="1MB",
        max_disk=0,
        allowed_files=[],
        allowed_hosts=["*.example.com"],
        env_variables=[],
        tools=[],
        network=False,
    ).to_json()
    assert whole == {
        "ram": "1GB",
        "timeout": 5,
        "compute": "LOW",
        "max_retries": 0,
        "max_output": 0,
        "max_result": "1MB",
        "max_disk": 0,
        "allowed_files": [],
        "allowed_hosts": ["*.example.com"],
        "env_variables": [],
        "tools": [],
        "network": False,
    }
