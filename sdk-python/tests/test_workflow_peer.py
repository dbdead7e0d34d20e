"""What a workflow sends, and how it behaves when its peer dies, refuses or revokes it.

With a scripted peer in the sidecar's place; what a journal is for is tested with the real one.
"""

from __future__ import annotations

import asyncio
import builtins
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import capsule
from capsule import (
    JournalError,
    SidecarLost,
    StepError,
    WorkflowCancelled,
    WorkflowError,
    step,
    workflow,
)
from conftest import eventually
from programs import scripted

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import FakeLog

    UseFake = Callable[..., FakeLog]


def sent(log: FakeLog, method: str) -> list[dict[str, Any]]:
    lines = log.lines()
    return [json.loads(lines[at + 1]) for at, line in enumerate(lines) if line == method]


def test_what_is_sent(use_fake: UseFake) -> None:
    log = use_fake()
    with workflow("wf", on_change="continue", durability="relaxed") as flow:
        assert (flow.id, flow.resumed, flow.finished) == ("wf", False, False)
        assert scripted.echo(1) == [1]
        assert step("add", lambda: (1, 2)) == [1, 2]
        flow.result = {"a": (1,)}
        assert json.dumps(flow.result) == '{"a": [1]}'
    (opened,) = sent(log, "openWorkflow")
    assert opened == {
        "id": "wf",
        # pytest is the main module, and not whose workflow this is
        "root": str(Path(__file__).parent),
        "file": __file__,
        "folder": str(Path.cwd()),
        "command": [sys.executable, *sys.orig_argv[1:]],
        "onChange": "continue",
        "durability": "relaxed",
        "replay": True,
    }
    assert sent(log, "beginStep") == [{"workflow": "w1", "name": "add", "occurrence": 0}]
    assert [each["result"] for each in sent(log, "endStep")] == [[1, 2]]
    (closed,) = sent(log, "closeWorkflow")
    assert closed == {"workflow": "w1", "outcome": "finished", "result": {"a": [1]}}


def test_after_a_killed_peer_the_workflow_goes_on_in_the_next(use_fake: UseFake) -> None:
    log = use_fake()
    with workflow("wf") as flow:
        scripted.echo(1)
        drawn = flow.random()
        assert step("number", lambda: 7) == 7
        assert scripted.die_once() == "survived"
        assert scripted.echo(1) == [1]
        assert flow.random() != drawn
    first, second = sent(log, "openWorkflow")
    assert second == {**first, "onChange": "continue"}, "what it has had is not asked for again"
    assert len(log.pids()) == 2
    assert [each["outcome"] for each in sent(log, "closeWorkflow")] == ["finished"]
    journal = json.loads(log.path.with_suffix(".journal").read_text(encoding="utf-8"))
    assert {"wf/echo-[1]-0", "wf/echo-[1]-1", "random-null-0", "random-null-1"} <= set(journal)


def test_so_do_all_of_its_coroutines(use_fake: UseFake) -> None:
    log = use_fake()

    async def main() -> list[Any]:
        async with workflow("wf"):
            await scripted.echo(0)
            return list(
                await asyncio.gather(
                    scripted.die_once(),
                    *(scripted.echo(number) for number in range(20)),
                    step("slow", asyncio.sleep, 0.05, "slept"),
                )
            )

    assert asyncio.run(main()) == ["survived", *([n] for n in range(20)), "slept"]
    assert len(log.pids()) == 2
    assert len(sent(log, "openWorkflow")) == 2


def test_map_goes_on_too(use_fake: UseFake) -> None:
    log = use_fake()
    with workflow("wf"):
        assert scripted.echo.map([1, 2]) == [[1], [2]]
        assert scripted.die_once.map([1, 2, 3]) == ["survived"] * 3
        assert scripted.echo.map([1, 2]) == [[1], [2]]
    assert len(log.pids()) == 2


def test_steps_are_numbered_by_what_they_are(use_fake: UseFake) -> None:
    log = use_fake()
    with workflow("wf"):
        for args in ({"a": 1, "b": [2]}, {"b": [2], "a": 1}, {"a": 1, "b": [2.0]}, "x" * 300):
            step("same", repr, args)
        step("other", repr, {"a": 1, "b": [2]})
    assert [each["occurrence"] for each in sent(log, "beginStep")] == [0, 1, 0, 0, 0]


def test_a_peer_that_dies_again_and_again(use_fake: UseFake) -> None:
    log = use_fake()
    with pytest.raises(SidecarLost, match="exited with 7"), workflow("wf"):
        scripted.die()
    assert log.count("runTask") == 3


def test_the_end_of_a_step_is_written_by_the_next_peer(
    use_fake: UseFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_FORGET_END", "1")
    log = use_fake()
    runs = []
    with workflow("wf"):
        assert step("once", lambda: runs.append(1)) is None
    assert runs == [1]
    assert log.count("endStep") == 2


def test_an_end_whose_reply_is_lost_is_an_end(
    use_fake: UseFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_DIE_AT_END", "1")
    log = use_fake()
    with workflow("wf") as flow:
        flow.result = 1
    outcomes = [each["outcome"] for each in sent(log, "closeWorkflow")]
    assert outcomes == ["finished", "released"]


@pytest.mark.parametrize(
    ("reason", "error", "outcomes"),
    [("cancelled", WorkflowCancelled, ["cancelled"]), ("lost", JournalError, [])],
)
def test_a_revoked_workflow_is_interrupted(
    use_fake: UseFake, reason: str, error: type[WorkflowError], outcomes: list[str]
) -> None:
    log = use_fake()
    with pytest.raises(error, match=f"it was {reason}"), workflow("wf"):
        with pytest.raises(error):
            scripted.revoke(reason)
        scripted.echo(1)  # nothing more is run
    assert log.count("runTask") == 1
    assert [each["outcome"] for each in sent(log, "closeWorkflow")] == outcomes


@pytest.mark.parametrize("reason", ["cancelled", "lost"])
def test_so_is_one_in_an_event_loop(use_fake: UseFake, reason: str) -> None:
    log = use_fake()
    stopped = []

    async def work() -> None:
        try:
            await asyncio.gather(scripted.revoke(reason), asyncio.sleep(600))
        except asyncio.CancelledError:
            stopped.append(1)
            raise

    async def main() -> str:
        with pytest.raises(WorkflowError, match=f"it was {reason}"):
            async with workflow("wf"):
                await work()
        await asyncio.sleep(0)  # the task itself is not cancelled any more
        return "goes on"

    assert asyncio.run(main()) == "goes on"
    assert stopped == [1]
    assert [each["outcome"] for each in sent(log, "closeWorkflow")] == (
        ["cancelled"] if reason == "cancelled" else []
    )


def test_a_cancelled_coroutine_leaves_its_workflow_to_be_gone_on_with(use_fake: UseFake) -> None:
    log = use_fake()

    async def main() -> None:
        async with workflow("wf"):
            await scripted.hang()

    async def outer() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(main(), 0.5)

    asyncio.run(outer())
    eventually(lambda: len(sent(log, "closeWorkflow")) == 1, "it is closed")
    assert sent(log, "closeWorkflow")[0]["outcome"] == "released"


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_so_does_an_interrupt(use_fake: UseFake, interrupt: type[BaseException]) -> None:
    log = use_fake()
    with pytest.raises(interrupt), workflow("wf"):
        raise interrupt
    assert [each["outcome"] for each in sent(log, "closeWorkflow")] == ["released"]


def fails() -> None:
    raise KeyError("no such thing")


def test_a_failure_names_the_steps_whose_failure_it_is(use_fake: UseFake) -> None:
    log = use_fake()
    with pytest.raises(RuntimeError, match="all is lost"), workflow("wf"):
        with pytest.raises(StepError):
            step("caught", fails)
        try:
            step("fatal", fails)
        except StepError as error:
            raise RuntimeError("all is lost") from error
    (closed,) = sent(log, "closeWorkflow")
    assert closed["outcome"] == "failed"
    assert closed["failedSteps"] == ["wf/fatal-null-0"]
    failure = closed["error"]
    assert (failure["type"], failure["class"], failure["message"]) == (
        "task_error",
        "RuntimeError",
        "all is lost",
    )
    assert 'step("fatal", fails)' in failure["traceback"]
    assert "_drive.py" not in failure["traceback"]


def test_where_no_cause_is_named_the_sidecar_finds_the_steps(use_fake: UseFake) -> None:
    log = use_fake()
    with pytest.raises(RuntimeError), workflow("wf"):
        try:
            step("fatal", fails)
        except StepError:
            raise RuntimeError("all is lost")  # noqa: B904 - that is what is tested
    assert sent(log, "closeWorkflow")[0]["failedSteps"] is None


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exception groups came with Python 3.11")
def test_a_group_s_failures_are_all_named(use_fake: UseFake) -> None:
    log = use_fake()
    group: Any = vars(builtins)["ExceptionGroup"]

    async def main() -> None:
        async with workflow("wf"):
            failures = await asyncio.gather(
                step("a", fails), step("b", fails), return_exceptions=True
            )
            raise group("both", failures)

    with pytest.raises(group, match="both"):
        asyncio.run(main())
    assert sorted(sent(log, "closeWorkflow")[0]["failedSteps"]) == ["wf/a-null-0", "wf/b-null-0"]


def test_a_forked_child_has_no_workflow(use_fake: UseFake) -> None:
    log = use_fake()
    with workflow("wf"):
        child = os.fork()
        if child == 0:
            ok = capsule.context().workflow_id is None and _refused()
            os._exit(0 if ok else 1)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
    assert [each["outcome"] for each in sent(log, "closeWorkflow")] == ["finished"]


def _refused() -> bool:
    try:
        step("child's", list)
    except WorkflowError:
        return True
    return False
