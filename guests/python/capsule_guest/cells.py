"""Code that is run cell by cell, in names that stay: a snippet is one cell, a session is several in one sandbox.

The code of a cell can do anything to this interpreter, this module included. What keeps it in its bounds is the host.
"""

from __future__ import annotations
import __future__

import ast
import asyncio
import builtins
import inspect
import os
import sys
import types
from collections.abc import Sequence
from typing import Any

from capsule.tools import Tool
from capsule_guest import (
    completion,
    display,
    errors,
    eventloop,
    importer,
    interrupts,
    ownbuiltins,
    packages,
    program,
    tracebacks,
    wire,
)

_VALUE = "__capsule_value__"
_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_FUTURES = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
_STORE = ast.Store()
_exec, _repr = exec, repr


class _Cells:
    """What a sandbox keeps from one cell to the next."""

    def __init__(self) -> None:
        self.module: types.ModuleType | None = None
        self.loop: eventloop.HostEventLoop | None = None
        self.flags = 0
        """Flags of the compiler that earlier cells have set, as by `from __future__ import annotations`."""


_cells = _Cells()


def names() -> dict[str, Any]:
    """The names that cells share; none before the first."""
    return {} if _cells.module is None else _cells.module.__dict__


def begin(fields: dict[str, Any]) -> None:
    """Prepares for the first cell."""
    program.unload()
    folders: Sequence[str] = fields.get("packages") or ()
    if folders:
        packages.add(folders)
    module = types.ModuleType("__main__")
    _cells.module = sys.modules["__main__"] = module
    sys.argv = [""]
    module.__dict__["__builtins__"] = builtins
    for name in fields.get("tools") or ():
        if name.isidentifier():
            module.__dict__[name] = _tool(name)
    folder = fields.get("folder")
    if folder:
        os.chdir(folder)
        sys.path.insert(0, folder)


def run(fields: dict[str, Any]) -> str:
    """Runs one cell and returns the JSON of its value."""
    if _cells.module is None:
        begin(fields)
    file = fields["file"]
    code = _compile(fields["code"], file, interruptible=fields.get("interruptible", False))
    space = names()
    space["__builtins__"] = builtins
    interruptible = fields.get("interruptible", False)
    with interrupts.allowed(interruptible):
        ownbuiltins.give()
        try:
            if code.co_flags & inspect.CO_COROUTINE:
                _complete(types.FunctionType(code, space)())
            else:
                _exec(code, space)
            value = space.pop(_VALUE, None)
            if value is None:
                return "null"
            vars(builtins)["_"] = value
            text = _repr(value)
        finally:
            ownbuiltins.take_back()
            space.pop(_VALUE, None)
            if _cells.loop is not None:
                _rest(_cells.loop, last=not interruptible)
        return display.encode(value, text, fields.get("max_result_bytes"))


def complete(fields: dict[str, Any]) -> str:
    """JSON of what code that is being written may go on with."""
    if _cells.module is None:
        begin(fields)
    with interrupts.allowed(allowed=True):
        start, matches = completion.complete(fields["code"], fields["cursor"], names())
    found = [{"text": text, "kind": kind} for text, kind in matches]
    return wire.encode_ascii({"start": start, "matches": found})


def inspect_code(fields: dict[str, Any]) -> str:
    """JSON of what there is to say of the name at the cursor."""
    if _cells.module is None:
        begin(fields)
    with interrupts.allowed(allowed=True):
        text = completion.inspect_name(fields["code"], fields["cursor"], names())
    return wire.encode_ascii({"text": text.encode("utf-8", "backslashreplace").decode()})


def _compile(source: str, file: str, *, interruptible: bool) -> types.CodeType:
    """The code, which leaves the value of the last expression under a name. Raises program.Failure."""
    source = source.removeprefix("\ufeff")
    flags = _cells.flags | _AWAIT
    try:
        tree = compile(source, file, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
        if tree.body and isinstance(last := tree.body[-1], ast.Expr):
            line, column, end_line, end_column = last.lineno, last.col_offset, last.end_lineno, last.end_col_offset
            place: Any = {"lineno": line, "col_offset": column, "end_lineno": end_line, "end_col_offset": end_column}
            tree.body[-1] = ast.Assign([ast.Name(_VALUE, _STORE, **place)], last.value, **place)
        if interruptible:
            interrupts.add_ticks(tree, file, source)
        code: types.CodeType = compile(tree, file, "exec", flags, dont_inherit=True)
    except SyntaxError as problem:
        raise program.Failure(errors.of_syntax_error(problem, file)) from None
    except (MemoryError, RecursionError) as problem:
        message = f"{file} is nested too deeply to be compiled"
        raise program.Failure(errors.source_error(message, type(problem).__name__, file)) from None
    except (ValueError, OverflowError) as problem:  # NUL, half of a surrogate pair
        message = f"{file}: {errors.describe(problem)}"
        raise program.Failure(errors.source_error(message, type(problem).__name__, file)) from None
    tracebacks.sources[file] = source
    _cells.flags |= code.co_flags & _FUTURES
    return code


def _complete(main: Any) -> None:
    """Runs a coroutine in the event loop that all cells share. What else is in there goes on meanwhile."""
    loop = _cells.loop
    if loop is None or loop.is_closed():
        loop = _cells.loop = eventloop.HostEventLoop()
    asyncio.set_event_loop(loop)
    task = loop.create_task(main)
    try:
        loop.run_until_complete(task)
    except BaseException:
        if not task.done():  # interrupted while it waited
            task.cancel()
            with interrupts.allowed(allowed=False):
                loop.run_until_complete(asyncio.wait((task,)))
            if not task.cancelled() and (cause := task.exception()) is not None:
                raise KeyboardInterrupt from cause
        raise


def _rest(loop: eventloop.HostEventLoop, *, last: bool) -> None:
    """Ends what the loop has open at the host, which ends all of it with the cell; after the last one, all it has."""
    if loop.is_closed() or loop.is_running():
        return
    if last:
        _cells.loop = None
        eventloop.close(loop)
    else:
        loop.abandon()


def _tool(name: str) -> Tool:
    def stub(*_: Any, **__: Any) -> Any:
        """A function of the program that this sandbox belongs to."""

    stub.__name__ = stub.__qualname__ = name
    return Tool(stub, name)


def forget() -> None:
    """The state before the first cell, for the snapshot."""
    loop, _cells.loop = _cells.loop, None
    if loop is not None:
        eventloop.close(loop)
    if _cells.module is not None:
        sys.modules.pop("__main__", None)
    _cells.__init__()  # type: ignore[misc]
    interrupts.forget()
    ownbuiltins.forget()
    vars(builtins).pop("_", None)
    importer.importer.reset()
