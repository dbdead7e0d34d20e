"""Serves one request: ping, describe or call."""

from __future__ import annotations

import os
from types import CoroutineType
from typing import Any

from capsule import contexts, tools
from capsule_guest import cells, errors, eventloop, ownbuiltins, program, results, stdio, tracebacks, wire

_reserve: list[bytearray] = []
_RESERVE_BYTES = 256 * 1024
_OUT_OF_MEMORY = (
    '{"error":'
    + wire.encode_ascii(errors.error("out_of_memory", "the task needs more memory than its ram", "MemoryError"))
    + "}"
)

rehearsal = ""
"""The request, to a program of ours, that a ping serves."""


def prepare() -> None:
    """Keeps memory back, so that a task that has used all of it can still be answered for."""
    _reserve[:] = [bytearray(_RESERVE_BYTES)]


def run(request: str) -> str:
    """The reply (JSON) to a request (JSON)."""
    try:
        fields = wire.decode(request)
        if fields["op"] == "ping":
            _rehearse()
            return '{"ok":"pong"}'
        if fields["op"] in _OF_CELLS:
            return _serve_cell(fields)
        return _serve(fields)
    except MemoryError:
        _reserve.clear()
        return _OUT_OF_MEMORY
    except Exception as problem:  # not a request that guests/README.md knows
        fault = errors.error("internal", f"bad request: {type(problem).__name__}: {problem}")
        return f'{{"error":{wire.encode_ascii(fault)}}}'


def _serve(fields: dict[str, Any]) -> str:
    """The reply; MemoryError comes out of it when even that does not fit."""
    loading = True
    try:
        _set_environment(fields.get("env") or {})
        tools.give(fields.get("tools") or ())
        contexts.give(fields.get("context"))
        entry = program.load(fields["modules"], fields.get("packages") or ())
        if fields["op"] == "describe":
            return f'{{"ok":{results.encode(program.describe(entry), "options")}}}'
        loading = False
        value = _call(entry, fields)
        limit = fields.get("max_result_bytes")
        try:
            text = results.encode(value, "result", limit)
        except (TypeError, NameError, AttributeError):
            ownbuiltins.recover()
            text = results.encode(value, "result", limit)
        return f'{{"ok":{text}}}'
    except program.Failure as failure:
        found = failure.error
    except results.InvalidValue as invalid:
        found = errors.error("invalid_result", str(invalid))
    except BaseException as problem:
        ownbuiltins.recover()
        cause = problem.__cause__ if isinstance(problem, program.LoadFailure) else problem
        found = _explain(cause or problem, loading)
    finally:
        stdio.flush()
    return f'{{"error":{wire.encode_ascii(found)}}}'


def _serve_cell(fields: dict[str, Any]) -> str:
    """The reply to a cell, or to what is asked about cells; what the code has done to builtins stays its own."""
    if not _reserve:
        prepare()
    stdio.reopen()
    stdio.start_over()
    tools.give(fields.get("tools") or ())
    contexts.give(fields.get("context"))
    if "env" in fields:
        _set_environment(fields["env"])
    try:
        return f'{{"ok":{_OF_CELLS[fields["op"]](fields)}}}'
    except program.Failure as failure:
        found = failure.error
    except BaseException as problem:
        ownbuiltins.recover()
        found = _explain(problem, loading=False)
    finally:
        stdio.flush()
    return f'{{"error":{wire.encode_ascii(found)}}}'


_OF_CELLS = {"cell": cells.run, "complete": cells.complete, "inspect": cells.inspect_code}


def _call(entry: Any, fields: dict[str, Any]) -> Any:
    function = program.find(entry, fields["task"])
    args, kwargs = fields.get("args") or (), fields.get("kwargs") or {}
    try:
        value = function(*args, **kwargs)
    except TypeError as problem:
        ownbuiltins.recover()
        if program.is_binding_error(problem, function, args, kwargs):
            raise program.Failure(errors.error("invalid_arguments", errors.describe(problem), "TypeError")) from None
        raise
    return eventloop.run(value) if value.__class__ is CoroutineType else value


def _explain(problem: BaseException, loading: bool) -> dict[str, Any]:
    """The error object; whatever the exception is, there is one."""
    if isinstance(problem, MemoryError):
        _reserve.clear()
        tracebacks.forget_frames(problem)
        raise MemoryError
    try:
        return errors.of_exception(problem, loading=loading)
    except MemoryError:
        raise
    except BaseException as second:  # a hostile or broken exception class, or a broken module
        return errors.error(
            "source_error" if loading else "task_error",
            f"it raised {type(problem).__name__}, which could not be described ({type(second).__name__})",
            type(problem).__name__,
        )


def _rehearse() -> None:
    """Runs a task of our own, to have the memory that every task writes to.

    A fresh copy of the snapshot shares its pages with all others until it writes to them. The ones that a task needs
    are copied here, before anybody waits for it.
    """
    if rehearsal:
        _serve(wire.decode(rehearsal))
        program.unload()


def _set_environment(environment: dict[str, str]) -> None:
    if os.environ:
        os.environ.clear()
    for name, value in environment.items():
        os.environ[name] = value


def reset() -> None:
    """The state before the first request, for the snapshot."""
    program.unload()
    _reserve.clear()
