"""Workflows with the real sidecar and its journal: what runs again, and what does not."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import itertools
import random
import uuid
from typing import TYPE_CHECKING, Any

import pytest

import capsule
from capsule import (
    Context,
    OptionError,
    ReplayMismatch,
    StepError,
    TaskError,
    WorkflowBusy,
    WorkflowCancelled,
    WorkflowError,
    _client,
    context,
    run_sync,
    step,
    task_ref,
    workflow,
)
from capsule._connection import Connection
from capsule._json import encode_plain
from conftest import TESTS, eventually, eventually_async
from programs import basics, flows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_numbers = itertools.count()


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    flows.calls.clear()
    flows.failing.clear()
    flows.release.clear()
    yield
    flows.release.set()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """An id that no other test has."""
    return f"{request.node.name} {next(_numbers)}"


def request(method: str, **params: Any) -> Any:
    """A request that the SDK does not make, of the journal that these tests' workflows are in."""
    text = encode_plain({"root": str(TESTS), **params})
    return _client.connection().request(method, text).result()


def state_of(name: str) -> str:
    found: str = request("describeWorkflow", id=name)["workflow"]["state"]
    return found


class Stop(Exception):
    """Ends a block, as a fault of the program would."""


def test_finished_steps_are_not_repeated(name: str) -> None:
    with pytest.raises(Stop), workflow(name) as flow:
        assert not flow.resumed
        assert flows.work("a") == "A"
        assert step("b", lambda: flows.calls.append("b")) is None
        raise Stop
    assert state_of(name) == "failed"
    with workflow(name) as flow:
        assert flow.resumed
        assert flows.work("a") == "A"
        assert step("b", lambda: flows.calls.append("b")) is None
        assert flows.work("c", times=2) == "CC"
        flow.result = {"sum": 3}
    assert flows.calls == ["a", "b", "c"]
    assert state_of(name) == "finished"


def test_so_it_is_in_an_event_loop(name: str) -> None:
    async def main(*, stops: bool) -> list[str]:
        async with workflow(name):
            first = await flows.work("a")
            second = await step("b", noted, "b")
            if stops:
                raise Stop
            return [first, second, await flows.work.aio("c")]

    with pytest.raises(Stop):
        asyncio.run(main(stops=True))
    assert asyncio.run(main(stops=False)) == ["A", "b", "C"]
    assert flows.calls == ["a", "b", "c"]


async def noted(text: str) -> str:
    await asyncio.sleep(0)
    flows.calls.append(text)
    return text


def test_a_fan_out_is_found_again_in_any_order(name: str) -> None:
    chance = random.Random(17)  # noqa: S311 - the same in each run of the test

    async def main(*, stops: bool) -> list[str]:
        items = [f"i{number}" for number in range(20)]

        async def one(item: str) -> str:
            await asyncio.sleep(chance.random() / 50)
            return str(await flows.later(item, 0.0))

        async with workflow(name):
            found = list(await asyncio.gather(*map(one, items)))
            found += await flows.work.map(items)
            found += [await flows.work("same"), await flows.work("same")]
            if stops:
                raise Stop
            return found

    with pytest.raises(Stop):
        asyncio.run(main(stops=True))
    found = asyncio.run(main(stops=False))
    assert found[:20] == [f"i{number}" for number in range(20)]
    assert len(flows.calls) == 42


def test_map_in_a_thread_of_its_own(name: str) -> None:
    async def main() -> list[str]:
        async with workflow(name):
            return list(await asyncio.to_thread(flows.work.map, ["a", "b"]))

    assert [asyncio.run(main()) for _ in range(2)] == [["A", "B"]] * 2
    assert sorted(flows.calls) == ["a", "b"]


def test_every_way_to_call_a_task_makes_a_step(name: str) -> None:
    ref = task_ref("work")
    for _ in range(2):
        with workflow(name):
            assert flows.work.envelope("a")["result"] == "A"
            assert flows.work.using(timeout="20s")("b") == "B"
            envelope = run_sync(file=flows.__file__, task="work", args=["c"], tools=[flows.note])
            assert envelope["result"] == "C"
            assert asyncio.run(flows.work.aio("d")) == "D"
            assert flows.takes(flows.Order(1, ["x", "y"])) == 2
    assert ref.name == "work"
    assert flows.calls == ["a", "b", "c", "d", "order 1"]


def test_tasks_of_two_programs_are_told_apart(name: str, tmp_path: Path) -> None:
    for each in ("one", "two"):
        source = f"from capsule import task\n@task\ndef main(x):\n    return '{each}'\n"
        (tmp_path / f"{each}.py").write_text(source, encoding="utf-8")

    async def main(*programs: str) -> list[Any]:
        async with workflow(name):
            calls = [capsule.run(file=tmp_path / f"{each}.py", args=[1]) for each in programs]
            return [envelope["result"] for envelope in await asyncio.gather(*calls)]

    assert asyncio.run(main("one", "two")) == ["one", "two"]
    assert asyncio.run(main("two", "one")) == ["two", "one"]


def test_what_an_envelope_tells_of_a_step(name: str) -> None:
    told = []
    for _ in range(2):
        with workflow(name):
            told.append(flows.work.envelope("a")["execution"])
    first, second = told
    assert (first["replayed"], second["replayed"]) == (False, True)
    assert first["step_id"] is not None
    assert first["step_id"].startswith(f"{name}/")
    assert {**second, "replayed": False} == first
    assert flows.work.envelope("a")["execution"]["step_id"] is None


def test_a_failure_that_was_handled_is_the_same_again(name: str) -> None:
    flows.failing["a"] = 1
    errors = []
    for _ in range(2):
        with workflow(name):
            with pytest.raises(TaskError) as caught:
                flows.work("a")
            errors.append(caught.value)
            assert flows.work("b") == "B"
    assert flows.calls == ["a", "b"]
    assert str(errors[0]) == str(errors[1])
    assert "no a" in str(errors[1])


def test_a_failure_that_ended_the_workflow_runs_again(name: str) -> None:
    flows.failing["b"] = 1

    def body() -> str:
        flows.work("a")
        return str(flows.work("b"))

    with pytest.raises(TaskError, match="no b"):
        workflow.run_sync(name, body)
    told = request("describeWorkflow", id=name)["workflow"]
    assert (told["state"], told["error"]["class"]) == ("failed", "ToolError")
    assert workflow.run_sync(name, body) == "B"
    assert flows.calls == ["a", "b", "b"]


def test_a_step_s_failure_is_the_same_again(name: str) -> None:
    def body() -> list[Any]:
        with pytest.raises(StepError) as caught:
            step("note", flows.note.function, "x")
        error = caught.value
        ids.append(error.step_id)
        return [error.step, error.class_name, error.message, error.__cause__ is not None]

    ids: list[str | None] = []

    flows.failing["x"] = 1
    first, second = [], []
    with workflow(name):
        first = body()
    with workflow(name):
        second = body()
    assert first == ["note", "ConnectionError", "no x", True]
    assert second == ["note", "ConnectionError", "no x", False]
    assert ids[0] == ids[1]
    assert str(ids[0]).startswith(f"{name}/")
    assert flows.calls == ["x"]


def test_a_step_s_failure_that_ended_the_workflow_runs_again(name: str) -> None:
    flows.failing["x"] = 1

    async def body() -> None:
        await step("note", flows.note.function, "x")

    with pytest.raises(StepError, match="ConnectionError: no x"):
        asyncio.run(workflow.run(name, body))
    asyncio.run(workflow.run(name, body))
    assert flows.calls == ["x", "x"]


def test_nested_tasks_that_have_succeeded_are_not_repeated(name: str) -> None:
    flows.failing["o"] = 1
    with pytest.raises(TaskError), workflow(name):
        flows.outer("o")
    with workflow(name):
        assert flows.outer("o") == ["O.1", "O.2", "O.3"]
    assert sorted(flows.calls) == ["o", "o", "o.1", "o.2", "o.3"]


def test_nor_are_they_when_their_caller_is_retried(name: str) -> None:
    flows.failing["r"] = 2
    for _ in range(2):
        with workflow(name):
            assert flows.retried("r") == "R.INNER"
    assert flows.calls == ["r.inner", "r", "r", "r"]


def test_what_a_tool_calls_is_a_part_of_the_step(name: str) -> None:
    for _ in range(2):
        with workflow(name):
            assert flows.indirect("x").startswith(f"X{name}/")
            assert flows.work("y") == "Y"
    assert flows.calls == ["x", "y"]
    assert request("describeWorkflow", id=name)["workflow"]["steps"]["finished"] == 2


def test_what_a_step_calls_is_a_part_of_it(name: str) -> None:
    for _ in range(2):
        with workflow(name):
            assert step("both", lambda: [flows.work("x"), flows.work("y")]) == ["X", "Y"]
    assert flows.calls == ["x", "y"]
    assert request("describeWorkflow", id=name)["workflow"]["steps"]["finished"] == 1


def test_a_finished_workflow_is_not_run_again(name: str) -> None:
    async def main(text: str) -> dict[str, Any]:
        return {"text": await flows.work(text)}

    for _ in range(2):
        assert asyncio.run(workflow.run(name, main, "a")) == {"text": "A"}
    assert flows.calls == ["a"]
    with pytest.raises(ReplayMismatch, match="was begun with"):
        asyncio.run(workflow.run(name, main, "b"))
    with workflow(name) as flow:
        assert flow.finished
        assert flow.result == {"text": "A"}
        assert flows.work("a") == "A"
        flow.result = "another"
    kept: Any = flow.result
    assert kept == {"text": "A"}
    assert flows.calls == ["a"]


def test_a_changed_program(name: str) -> None:
    with pytest.raises(Stop), workflow(name):
        flows.work("a")
        flows.work("b")
        raise Stop
    with pytest.raises(ReplayMismatch) as caught, workflow(name):
        flows.work("a")
        flows.work("B")
    mismatch = caught.value
    assert mismatch.workflow == name
    assert mismatch.recorded is not None
    assert mismatch.asked is not None
    assert '"b"' in mismatch.recorded["args"]
    assert '"B"' in mismatch.asked["args"]
    with workflow(name, on_change="continue"):
        assert flows.work("a") == "A"
        assert flows.work("B") == "B"
    assert flows.calls == ["a", "b", "B"]


def test_a_changed_program_that_starts_from_the_beginning(name: str) -> None:
    def body(*names: str) -> list[str]:
        return [flows.work(each) for each in names] + [step("end", list)]

    with pytest.raises(StepError), workflow(name):
        flows.work("a")
        step("fails", lambda: 1 / 0)
    with pytest.raises(ReplayMismatch, match="run it again"), workflow(name, on_change="restart"):
        flows.work("b")
    assert workflow.run_sync(name, body, "b") == ["B", []]

    other = f"{name} other"
    with pytest.raises(Stop), workflow(other):
        flows.work("a")
        raise Stop
    flows.calls.clear()
    assert workflow.run_sync(other, lambda: body("b"), on_change="restart") == ["B", []]
    assert flows.calls == ["b"]


def test_clock_and_chance_are_the_same_again(name: str) -> None:
    drawn: list[Any] = []
    flow = workflow(name)
    for end in (pytest.raises(Stop), contextlib.nullcontext()):
        with end, flow:
            drawn.append([flow.now(), flow.random(), flow.uuid(), flow.random()])
            if len(drawn) == 1:
                raise Stop

    async def main() -> list[Any]:
        async with workflow(name) as flow:
            return [await flow.now(), await flow.random(), await flow.uuid(), await flow.random()]

    first, second = drawn
    assert first == second == asyncio.run(main())
    now, fraction, identity, other = first
    assert isinstance(now, datetime.datetime)
    assert abs(datetime.datetime.now(datetime.timezone.utc) - now) < datetime.timedelta(minutes=5)
    assert isinstance(identity, uuid.UUID)
    assert 0 <= fraction < 1
    assert fraction != other
    with pytest.raises(WorkflowError, match="is not entered"):
        flow.now()


def test_where_code_stands(name: str) -> None:
    assert context() == Context()
    told = []
    for _ in range(2):
        with pytest.raises(Stop), workflow(name):
            assert context() == Context(workflow_id=name)
            in_step = step("where", lambda: vars(context()))
            assert in_step["workflow_id"] == name
            told.append([in_step["step_id"], flows.where()])
            raise Stop
    assert told[0] == told[1]
    step_id, inside = told[0]
    assert step_id.startswith(f"{name}/")
    assert inside["workflow_id"] == name
    assert inside["step_id"].startswith(f"{name}/")
    assert inside["step_id"] != step_id
    assert inside["attempt"] == 0
    assert inside["run_id"]
    assert len(inside["trace_id"]) == 32
    assert flows.where()["workflow_id"] is None


def test_a_tool_knows_the_step_that_calls_it(name: str) -> None:
    with workflow(name):
        step_id, of_tool = flows.by_tool()
    assert step_id == of_tool
    assert step_id is not None
    assert step_id.startswith(f"{name}/")
    assert flows.by_tool() == [None, None]


def test_one_run_at_a_time(name: str) -> None:
    with workflow(name):

        async def second() -> None:
            async with workflow(name):
                pass

        def in_another_context() -> None:
            with pytest.raises(WorkflowBusy, match=name):
                asyncio.run(second())

        import contextvars  # noqa: PLC0415

        contextvars.Context().run(in_another_context)
        with pytest.raises(WorkflowError, match="inside of the workflow"), workflow("inner"):
            pass
    with workflow(name):
        pass


def test_workflows_side_by_side(name: str) -> None:
    async def one(number: int) -> str:
        async with workflow(f"{name} {number}"):
            await asyncio.sleep(0)
            return str(await flows.work(f"w{number}"))

    async def main() -> list[str]:
        return list(await asyncio.gather(*map(one, range(10))))

    assert asyncio.run(main()) == asyncio.run(main()) == [f"W{number}" for number in range(10)]
    assert len(flows.calls) == 10


def test_one_that_is_cancelled_is_interrupted(name: str) -> None:
    async def main() -> None:
        async with workflow(name):
            await asyncio.gather(flows.waiting("a"), asyncio.sleep(600))

    async def cancel() -> None:
        running = asyncio.create_task(main())
        await eventually_async(lambda: flows.calls == ["a"], "it runs")
        assert await asyncio.to_thread(request, "cancelWorkflow", id=name) == {"state": "running"}
        with pytest.raises(WorkflowCancelled):
            await running

    asyncio.run(cancel())
    assert state_of(name) == "cancelled"
    with pytest.raises(WorkflowCancelled), workflow(name):
        pass
    request("resumeWorkflow", id=name)
    flows.release.set()
    with workflow(name):
        assert flows.waiting("a") == "a"
    assert flows.calls == ["a", "a"], "it was under way, so it has run again"


def test_so_is_one_without_an_event_loop(name: str) -> None:
    def main() -> None:
        with workflow(name):
            flows.waiting("a")

    async def cancel() -> None:
        running = asyncio.create_task(asyncio.to_thread(main))
        await eventually_async(lambda: flows.calls == ["a"], "it runs")
        await asyncio.to_thread(request, "cancelWorkflow", id=name)
        with pytest.raises(WorkflowCancelled):
            await running

    asyncio.run(cancel())
    assert state_of(name) == "cancelled"


def test_a_cancelled_coroutine_leaves_it_to_be_gone_on_with(name: str) -> None:
    async def main() -> None:
        async with workflow(name):
            await flows.work("a")
            await flows.waiting("b")

    async def stop() -> None:
        running = asyncio.create_task(main())
        await eventually_async(lambda: flows.calls == ["a", "b"], "the second step runs")
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(stop())
    assert state_of(name) == "interrupted"
    flows.release.set()
    asyncio.run(main())
    assert flows.calls == ["a", "b", "b"]


def test_a_killed_sidecar_is_no_interruption(name: str) -> None:
    async def main() -> list[str]:
        async with workflow(name) as flow:
            first = await flows.work("a")
            drawn = await flow.random()
            waiting = asyncio.gather(flows.waiting("b"), flows.waiting("b"), step("c", in_step))
            await eventually_async(lambda: len(flows.calls) == 4, "three steps run")
            _client.connection().process.kill()
            await eventually_async(lambda: len(flows.calls) == 6, "two run again")
            flows.release.set()
            assert await flow.random() != drawn
            return [first, *await waiting, await flows.work("a"), await flows.work("d")]

    async def in_step() -> str:
        flows.calls.append("c")
        await asyncio.to_thread(flows.release.wait, 60)
        return "c"

    found = asyncio.run(main())
    assert found == ["A", "b", "b", "c", "A", "d".upper()]
    assert sorted(flows.calls) == ["a", "a", "b", "b", "b", "b", "c", "d"]
    told = request("describeWorkflow", id=name)
    assert told["workflow"]["state"] == "finished"
    assert told["workflow"]["steps"] == {"finished": 8, "failed": 0, "started": 0}


def test_closing_the_client_in_the_middle_is_none_either(name: str) -> None:
    with workflow(name):
        flows.work("a")
        capsule.close()
        assert flows.work("b") == "B"
    assert state_of(name) == "finished"
    assert flows.calls == ["a", "b"]


def test_what_cannot_be_written_down(name: str) -> None:
    with workflow(name) as flow:
        with pytest.raises(TypeError, match=r"an argument of the step 'a': args\[0\] has type"):
            step("a", repr, object())
        with pytest.raises(TypeError, match=r"kwargs\.x has type .*object.* into a lambda"):
            step("a", lambda x: x, x=object())
        with pytest.raises(
            StepError, match=r"TypeError: the result of the step 'b': result\.k has"
        ):
            step("b", lambda: {"k": object()})
        with pytest.raises(TypeError, match=r"the result of the workflow '.*': result has type"):
            flow.result = object()
        with pytest.raises(TypeError, match="pass the function itself"):
            step("c", flows.work("a"))
        with pytest.raises(ValueError, match="not empty"):
            step("", list)
        with pytest.raises(StepError, match="'e' cannot be written down: it is inside of another"):
            step("d", lambda: step("e", list))
    with pytest.raises(WorkflowError, match="there is no workflow here"):
        step("f", list)
    with pytest.raises(WorkflowError, match="there is no workflow here"):
        workflow.current()


def test_parameters_are_checked() -> None:
    with pytest.raises(OptionError, match="1 to 200 characters"), workflow(""):
        pass
    with pytest.raises(OptionError, match="onChange"), workflow("x", on_change="x"):  # type: ignore[arg-type]
        pass
    with pytest.raises(TypeError, match="is a string"):
        workflow(1)  # type: ignore[arg-type]

    async def main() -> None:
        with pytest.raises(WorkflowError, match="async with"), workflow("x"):
            pass

    asyncio.run(main())


def test_work_that_outlives_its_workflow_is_refused(name: str) -> None:
    async def main() -> None:
        started = asyncio.Event()

        async def goes_on() -> None:
            await started.wait()
            with pytest.raises(WorkflowError, match="has ended, and code that it has started"):
                await flows.work("late")

        async with workflow(name):
            left = asyncio.create_task(goes_on())
            await flows.work("a")
        started.set()
        await left

    asyncio.run(main())
    assert flows.calls == ["a"]


def test_without_durability_it_works_and_is_forgotten(name: str) -> None:
    for _ in range(2):
        with workflow(name, durability="off"):
            assert flows.work("a") == "A"
        capsule.close()
    assert flows.calls == ["a", "a"]


def test_tasks_outside_are_not_written_down(name: str) -> None:
    assert basics.add(1, 2) == 3
    with workflow(name):
        pass
    assert request("describeWorkflow", id=name)["steps"] == []


def test_the_current_workflow(name: str) -> None:
    with workflow(name) as flow:
        assert workflow.current() is flow
        assert step("inside", lambda: capsule.context().workflow_id) == name
    eventually(lambda: state_of(name) == "finished", "it has finished")


MANY = [f"m{number}" for number in range(20)]
"""So many finished steps come by again without a request for each."""


def requests_of(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The methods of all requests from here on."""
    sent: list[str] = []
    request = Connection.request

    def noted(self: Connection, method: str, params: str, *, cancellable: bool = True) -> Any:
        sent.append(method)
        return request(self, method, params, cancellable=cancellable)

    monkeypatch.setattr(Connection, "request", noted)
    return sent


def test_many_finished_steps_take_no_request_each(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main(*, stops: bool) -> list[Any]:
        async with workflow(name) as flow:
            found: list[Any] = [await flows.work(each) for each in MANY]
            found += await asyncio.gather(*(flows.later(each, 0.0) for each in MANY))
            found += await flows.work.map([f"x{each}" for each in MANY])
            found += [await step("own", noted, "own"), await flow.random(), await flow.uuid()]
            found += [await flows.outer("o"), await flows.work("large", times=20_000)]
            if stops:
                raise Stop
            return [*found, await flows.work("new")]

    with pytest.raises(Stop):
        asyncio.run(main(stops=True))
    before = [*flows.calls]
    sent = requests_of(monkeypatch)
    found = asyncio.run(main(stops=False))
    assert flows.calls == [*before, "new"]
    assert found[-2:] == ["LARGE" * 20_000, "NEW"]
    assert found[:20] == [each.upper() for each in MANY]
    # the first of each task's; what is large; what is new
    assert sent.count("runTask") == 3 + 1 + 1
    assert sent.count("beginStep") == sent.count("recordStep") == 0
    again = workflow(name)
    with again:
        assert flows.work.map(MANY) == found[:20]
        assert again.finished


def test_envelopes_and_failures_are_as_they_were(name: str) -> None:
    told: list[list[Any]] = []
    flows.failing["m3"] = 1
    for _ in range(2):
        with workflow(name) as flow:
            envelopes = [flows.work.envelope(each) for each in MANY]
            with pytest.raises(StepError) as caught:
                step("fails", lambda: 1 / 0)
            told.append([*envelopes, caught.value.message, caught.value.step_id, flow.now()])
    first, second = told
    for envelope in first[:20]:
        assert envelope["execution"]["replayed"] is False
        envelope["execution"]["replayed"] = True
    assert first == second
    assert [each["success"] for each in second[:20]].count(False) == 1
    assert len(flows.calls) == 20


def test_a_changed_program_is_found_after_many_steps(name: str) -> None:
    with pytest.raises(Stop), workflow(name):
        flows.work.map(MANY)
        raise Stop
    with pytest.raises(ReplayMismatch) as caught, workflow(name):
        flows.work.map(MANY[:-1])
        flows.work("other")
    assert caught.value.recorded is not None
    assert caught.value.asked is not None
    assert '"m19"' in caught.value.recorded["args"]
    assert '"other"' in caught.value.asked["args"]
    with workflow(name, on_change="continue"):
        assert flows.work.map(MANY[:-1])[0] == "M0"
        assert flows.work("other") == "OTHER"
    assert len(flows.calls) == 21


def test_a_new_step_beside_many_finished_ones_waits_for_them(name: str) -> None:
    async def main(*names: str) -> list[str]:
        async with workflow(name):
            found = list(await asyncio.gather(*map(flows.work, names)))
            if len(names) == len(MANY):
                raise Stop
            return found

    with pytest.raises(Stop):
        asyncio.run(main(*MANY))
    assert asyncio.run(main("new", *MANY))[0] == "NEW"
    assert len(flows.calls) == 21


def test_a_failure_that_ended_it_after_many_steps_runs_again(name: str) -> None:
    flows.failing["last"] = 1

    def body() -> str:
        flows.work.map(MANY)
        return str(flows.work("last"))

    with pytest.raises(TaskError, match="no last"):
        workflow.run_sync(name, body)
    assert workflow.run_sync(name, body) == "LAST"
    assert flows.calls.count("last") == 2
    assert len(flows.calls) == 22


def test_a_sidecar_killed_while_steps_come_by(name: str) -> None:
    with pytest.raises(Stop), workflow(name):
        flows.work.map(MANY)
        raise Stop
    with workflow(name):
        assert [flows.work(each) for each in MANY[:10]][-1] == "M9"
        _client.connection().process.kill()
        assert [flows.work(each) for each in MANY[10:]][-1] == "M19"
        assert flows.work("new") == "NEW"
        assert flows.work("m0") == "M0", "a second one of the same"
    assert len(flows.calls) == 22
    told = request("describeWorkflow", id=name)["workflow"]
    assert (told["state"], told["steps"]["finished"]) == ("finished", 22)


def test_a_ceiling_of_today_holds_for_steps_of_yesterday(tmp_path: Path, name: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from capsule import task\n@task(allowed_hosts=['a.example'])\ndef main(x): return x\n",
        encoding="utf-8",
    )

    def body() -> list[Any]:
        with workflow(name):
            return [run_sync(file=program, args=[n])["error"] for n in range(12)]

    assert body() == [None] * 12
    capsule.close()
    (tmp_path / "capsule.toml").write_text("[ceiling]\nnetwork = false\n", encoding="utf-8")
    assert [each["type"] for each in body()] == ["policy_denied"] * 12
