"""``step``: a function of this process whose outcome a workflow's journal keeps."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any, ParamSpec

from capsule._drive import drive, drive_async
from capsule._failure import failure
from capsule._json import InvalidValueError, encode
from capsule._scope import Context, Scope, current_scope, entered
from capsule._task import in_event_loop
from capsule._workflow_errors import StepError, WorkflowError

if TYPE_CHECKING:
    from collections.abc import Callable

    from capsule._drive import Waits
    from capsule._openworkflow import OpenWorkflow

__all__ = ["step"]

P = ParamSpec("P")


def step(name: str, fn: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs) -> Any:
    """Run ``fn(*args, **kwargs)`` here, once, as a step of the current workflow.

    An awaitable inside a running event loop, else the value; ``fn`` may be plain or async, and runs
    in this thread. Its result is written down before it is returned. When the workflow runs again,
    ``fn`` is not called: the result comes from the journal. A step that was under way when the
    program or the machine died runs again, with the same ``context().step_id``.

    ``name`` and the arguments tell the step from others, so the arguments are JSON: pass other
    things inside of a lambda, ``step("save", lambda: save(connection))``. The result is JSON, and
    comes as it would from the journal: a tuple is a list.

    An exception that ``fn`` raises is written down, too, and so is a result that is not JSON; what
    is raised, now and when the workflow runs again, is a ``StepError`` that names it. A step whose
    failure ended the workflow is run again when the workflow is.

    Tasks that ``fn`` calls are parts of this step and not steps of their own. Raises
    ``WorkflowError`` outside of a workflow, ``TypeError`` for an argument that is not JSON,
    ``ReplayMismatch``, ``WorkflowCancelled`` and ``JournalError``.
    """
    if not name:
        raise ValueError("a step's name is not empty")
    if not callable(fn):
        raise TypeError(
            f"the step {name!r}: pass the function itself, step({name!r}, f, x), and not what it "
            f"returns, which is {type(fn).__name__}"
        )
    waits = _run(_workflow(name), name, fn, args, kwargs)
    return drive_async(waits) if in_event_loop() else drive(waits)


def _workflow(name: str) -> OpenWorkflow:
    scope = current_scope()
    if scope is not None and scope.workflow is not None:
        return scope.workflow
    if scope is not None and scope.context.step_id is not None:
        why = "it is inside of another step, and a part of that: call the function itself"
    elif scope is not None:
        why = "it is in a tool, which is a part of the step that calls it: call the function itself"
    else:
        why = (
            "there is no workflow here: use `with workflow(ID):` or `async with` around it; "
            "threads have none unless asyncio.to_thread starts them"
        )
    raise WorkflowError(f"the step {name!r} cannot be written down: {why}")


def _run(
    workflow: OpenWorkflow,
    name: str,
    fn: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Waits[Any]:
    begun = yield workflow.begin_step(name, _identity(name, args, kwargs))
    key: str = begun["step"]
    step_id = f"{workflow.id}/{key}"
    if begun["done"]:
        if begun["success"]:
            return begun["result"]
        raise StepError(name, begun["error"] or {}, step_id)
    try:
        with entered(Scope(None, Context(workflow_id=workflow.id, step_id=step_id))):
            value = fn(*args, **kwargs)
            if inspect.isawaitable(value):
                value = yield value
        result = _json(f"the result of the step {name!r}", "result", value)
    except Exception as error:
        told = failure(error)
        yield workflow.end_step(key, None, told)
        raise StepError(name, told, step_id) from error
    yield workflow.end_step(key, result, None)
    return json.loads(result)


def _identity(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
    """The arguments as JSON: a list, or with names ``{"args", "kwargs"}``."""
    if not args and not kwargs:
        return None
    what = f"an argument of the step {name!r}"
    advice = "; what is not JSON goes into a lambda: step(NAME, lambda: f(x))"
    positional = _json(what, "args", args, advice)
    if not kwargs:
        return positional
    return f'{{"args":{positional},"kwargs":{_json(what, "kwargs", kwargs, advice)}}}'


def _json(what: str, root: str, value: object, advice: str = "") -> str:
    try:
        return encode(value, root)
    except InvalidValueError as invalid:
        raise TypeError(f"{what}: {invalid}{advice}") from None
