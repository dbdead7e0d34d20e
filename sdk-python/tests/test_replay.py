"""How finished steps come by again without a request: with a scripted peer in the sidecar's place.

That nothing else follows from it than from requests is tested with the real one, in
``test_workflows``.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from capsule import OptionError, StepError, TaskError, step, workflow
from capsule._stepkeys import step_key, task_key
from conftest import eventually
from programs import scripted

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import FakeLog

    UseFake = Callable[..., FakeLog]

VECTORS = Path(__file__).parent.parent.parent / "protocol" / "vectors" / "keys" / "steps.json"
MODULE = scripted.echo.program.module


def key_of(task: str, *args: Any, number: int = 0) -> str:
    return str(task_key(MODULE, task, json.dumps(list(args)) if args else "", "", number))


def envelope(task: str, result: Any, error: dict[str, Any] | None = None) -> dict[str, Any]:
    execution = {"task_name": task, "step_id": f"wf/{task}", "replayed": True}
    done = error is None
    return {"success": done, "result": result, "error": error, "execution": execution}


def hand_over(log: FakeLog, replies: dict[str, Any], *asked: str, pages: int = 1) -> None:
    """Let the peer hand over these replies; ``asked`` it answers as replayed when it is asked."""
    steps = [{"key": key, "reply": json.dumps(reply)} for key, reply in replies.items()]
    size = -(-len(steps) // pages)
    told = [steps[at : at + size] for at in range(0, len(steps), size)]
    log.path.with_suffix(".replay").write_text(json.dumps(told), encoding="utf-8")
    known = json.dumps({key: {} for key in asked})
    log.path.with_suffix(".journal").write_text(known, encoding="utf-8")


def echoes(count: int) -> dict[str, Any]:
    return {key_of("echo", n): envelope("echo", f"before {n}") for n in range(count)}


def told(log: FakeLog) -> list[str]:
    lines = log.lines()
    at = [number for number, line in enumerate(lines) if line == "workflow/replayed"]
    return [key for number in at for key in json.loads(lines[number + 1])["steps"]]


def never() -> None:
    raise AssertionError("it runs again")


def test_keys_of_steps() -> None:
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    for each in vectors["tasks"]:
        key = task_key(*(each[n] for n in ("module", "name", "args", "kwargs", "occurrence")))
        assert key == each["key"], each
    for each in vectors["others"]:
        key = step_key(*(each[n] for n in ("kind", "name", "args", "occurrence")))
        assert key == each["key"], each


def test_what_has_no_key_is_asked_for() -> None:
    assert step_key("step", "\ud800", None, 0) is None
    assert task_key("main", "x", '["\\ud800"]', "", 0) is None


def test_what_was_handed_over_is_not_asked_for(use_fake: UseFake) -> None:
    log = use_fake()
    own = str(step_key("step", "own", None, 0))
    failed = str(step_key("step", "failed", "[1]", 0))
    drawn = str(step_key("value", "random", None, 0))
    error = {"type": "task_error", "message": "no", "class": "KeyError", "traceback": None}
    done = {"step": own, "done": True, "success": True, "result": ["kept"], "error": None}
    replies = echoes(250) | {
        own: done,
        failed: {**done, "step": failed, "success": False, "error": error},
        drawn: {"result": 0.25},
    }
    hand_over(log, replies, "wf/echo-[0]-0", pages=3)
    with workflow("wf") as flow:
        found = scripted.echo.map(range(250))
        assert found == [[0], *(f"before {n}" for n in range(1, 250))]
        assert step("own", never) == ["kept"]
        with pytest.raises(StepError, match="KeyError: no") as caught:
            step("failed", lambda _: never(), 1)
        assert caught.value.step_id == f"wf/{failed}"
        assert flow.random() == 0.25
        assert scripted.echo(250) == [250]
        assert scripted.echo(1) == [1], "it is another one of the same"
    assert log.count("replaySteps") == 3
    assert (log.count("runTask"), log.count("beginStep"), log.count("recordStep")) == (3, 0, 0)
    assert sorted(told(log)) == sorted(set(replies) - {key_of("echo", 0)})
    lines = log.lines()
    last = max(at for at, line in enumerate(lines) if line == "workflow/replayed")
    tasks = [at for at, line in enumerate(lines) if line == "runTask"]
    assert tasks[0] < last < tasks[1], "they have come by before anything new is asked for"


def test_so_it_is_in_an_event_loop(use_fake: UseFake) -> None:
    log = use_fake()
    hand_over(log, echoes(30), "wf/echo-[29]-0")

    async def main() -> list[Any]:
        async with workflow("wf"):
            calls = [scripted.echo(n) for n in reversed(range(30))]
            return list(await asyncio.gather(*calls))

    assert asyncio.run(main()) == [[29], *(f"before {n}" for n in reversed(range(29)))]
    assert log.count("runTask") == 1
    assert sorted(told(log)) == sorted(key_of("echo", n) for n in range(29)), "before it is closed"


def test_who_waits_for_steps_learns_at_once_that_they_came_by(use_fake: UseFake) -> None:
    log = use_fake()
    own = str(step_key("step", "own", None, 0))
    reply = {"step": own, "done": True, "success": True, "result": 1, "error": None}
    hand_over(log, echoes(9) | {own: reply})

    async def main() -> None:
        async with workflow("wf"):
            hanging = asyncio.ensure_future(scripted.hang())
            await asyncio.to_thread(
                eventually, lambda: log.count("hanging") == 1, "it is asked for"
            )
            assert await step("own", never) == 1
            await asyncio.to_thread(eventually, lambda: told(log) == [own], "it is told")
            hanging.cancel()

    asyncio.run(main())


def test_a_call_that_is_refused_today_has_no_outcome_of_yesterday(use_fake: UseFake) -> None:
    log = use_fake()
    replies = {key_of("option", n): envelope("option", "before") for n in range(9)}
    hand_over(log, replies)
    with workflow("wf"):
        for n in range(2):
            with pytest.raises(OptionError, match="is no size"):
                scripted.option.call(n)
    assert log.count("runTask") == 2
    assert told(log) == []


def test_calls_with_other_options_are_of_another_sort(use_fake: UseFake) -> None:
    log = use_fake()
    hand_over(log, echoes(9), "wf/echo-[0]-0", "wf/echo-[1]-0")
    with workflow("wf"):
        assert scripted.echo(0) == [0]
        assert scripted.echo.using(timeout="1s")(1) == [1]
        assert scripted.echo(2) == "before 2"
        assert scripted.echo.using(timeout="1s")(3) == "before 3"
    assert log.count("runTask") == 2


def test_a_recorded_failure_is_raised_as_it_was(use_fake: UseFake) -> None:
    log = use_fake()
    error = {"type": "task_error", "message": "no", "class": "KeyError", "traceback": None}
    failed = {key_of("echo", "x"): envelope("echo", None, error)}
    hand_over(log, echoes(9) | failed, "wf/echo-[0]-0")
    with workflow("wf"):
        scripted.echo(0)
        with pytest.raises(TaskError, match="no"):
            scripted.echo("x")
    assert log.count("runTask") == 1


def test_the_next_peer_hands_over_anew_and_is_told_nothing_twice(use_fake: UseFake) -> None:
    log = use_fake()
    hand_over(log, echoes(40), "wf/echo-[0]-0", "wf/echo-[20]-0")
    with workflow("wf"):
        assert scripted.echo.map(range(20))[1:] == [f"before {n}" for n in range(1, 20)]
        assert scripted.die_once() == "survived"
        assert scripted.echo.map(range(20, 40)) == [[20], *(f"before {n}" for n in range(21, 40))]
    assert len(log.pids()) == 2
    assert log.count("replaySteps") == 2
    assert log.count("runTask") == 1 + 2 + 1
    assert sorted(told(log)) == sorted(key_of("echo", n) for n in range(40) if n not in {0, 20})


def test_a_few_are_asked_for(use_fake: UseFake) -> None:
    log = use_fake()
    hand_over(log, echoes(7), "wf/echo-[1]-0")
    with workflow("wf"):
        assert scripted.echo(1) == [1]
    assert log.count("replaySteps") == 0


def test_an_integer_of_too_many_digits_is_left_to_the_reader(use_fake: UseFake) -> None:
    log = use_fake()
    hand_over(log, echoes(9), "wf/echo-[0]-0")
    pages = log.path.with_suffix(".replay")
    text = pages.read_text(encoding="utf-8").replace('\\"before 3\\"', "9" * 5000)
    pages.write_text(text, encoding="utf-8")
    with workflow("wf"):
        scripted.echo(0)
        assert scripted.echo(3) == [3], "the sidecar is asked"
        assert scripted.echo(4) == "before 4"
    assert told(log) == [key_of("echo", 4)]
