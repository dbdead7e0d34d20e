"""Interrupting a cell that computes, without losing what earlier ones have left behind.

There are no signals in here, and the host cannot write to this memory: the code itself has to ask the host, every so
many turns. Snippets and tasks, which have no state to lose, do not.

- The code of cells gets a call of `next` into each loop and function (`add_ticks`), which takes some 30 ns.
- All other code that is run for a cell, from the standard library or by `exec`, is watched by `sys.monitoring`, which
  takes some 200 ns for each turn of a loop; that is why it is not used for all.

What neither sees, one long call of a function in C, ends when the host loses patience, with the session's state.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import sys
from collections.abc import Iterator
from itertools import chain, repeat
from time import monotonic
from types import CodeType
from typing import Any

from capsule_guest import host

MOST_TURNS = 1_000
"""From one question to the next, where they are quick."""

_LONG = 0.02
"""Seconds from one question to the next that are too many."""

_TOOL = 4
"""Of `sys.monitoring`; one that neither debuggers nor profilers use."""

_PACKAGE = __file__.rpartition("/")[0] + "/"
"""Where code is that must not ask, because it does the asking."""

_REPEATS = ("for", "while", "def", "lambda")
"""Code without these words has no loop and no function."""

_TICKS = "__capsule_ticks__"
_NEXT = "__capsule_next__"
_AGAIN = "__capsule_again__"

_monitoring: Any = getattr(sys, "monitoring", None)
_disable: Any = getattr(_monitoring, "DISABLE", None)
_names = vars(builtins)
_next = next
_ticked: set[str] = set()
"""The files of code that asks by itself."""


class _State:
    allowed = False
    watching = False
    turns = 50
    asked = 0.0


_state = _State()


def add_ticks(tree: ast.Module, file: str, source: str) -> None:
    """Has the code ask the host now and then whether it is to end."""
    _ticked.add(file)
    for node in _nodes(tree) if any(word in source for word in _REPEATS) else ():
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            node.body.insert(0, _statement(node.body[0]))
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.body.insert(int(_has_docstring(node)), _statement(node.body[0]))
        elif isinstance(node, ast.Lambda):
            choice = ast.BoolOp(ast.Or(), [_tick(node.body), node.body])
            node.body = ast.copy_location(choice, node.body)
        elif isinstance(node, ast.comprehension):
            missing = ast.copy_location(ast.UnaryOp(ast.Not(), _tick(node.target)), node.target)
            node.ifs.insert(0, missing)


def _nodes(tree: ast.AST) -> list[ast.AST]:
    """As `ast.walk`, whose loops are watched by now."""
    found = [tree]
    for node in found:
        for name in node._fields:
            field = getattr(node, name, None)
            if isinstance(field, list):
                found += [each for each in field if isinstance(each, ast.AST)]
            elif isinstance(field, ast.AST):
                found.append(field)
    return found


def _has_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    first = node.body[0]
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


def _statement(near: ast.stmt) -> ast.stmt:
    return ast.copy_location(ast.Expr(_tick(near)), near)


def _tick(near: ast.AST) -> ast.expr:
    """A call that returns None, or raises KeyboardInterrupt."""

    def name(text: str) -> ast.expr:
        return ast.copy_location(ast.Name(text, ast.Load()), near)

    exhausted = ast.copy_location(ast.Constant(value=True), near)
    ticked = ast.copy_location(ast.Call(name(_NEXT), [name(_TICKS), exhausted], []), near)
    again = ast.copy_location(ast.Call(name(_AGAIN), [], []), near)
    return ast.copy_location(ast.BoolOp(ast.And(), [ticked, again]), near)


def _turns() -> Iterator[Iterator[None]]:
    """What is raised in here, KeyboardInterrupt or that the stack has no room, exhausts it."""
    while True:
        yield repeat(None, _state.turns)
        _ask()


def _install() -> None:
    _names[_NEXT] = next
    _names[_AGAIN] = _install
    _names[_TICKS] = chain.from_iterable(_turns())


def _ask() -> None:
    now = monotonic()
    passed = now - _state.asked
    _state.asked = now
    if passed > _LONG:
        _state.turns = max(1, _state.turns >> 1)
    elif passed < _LONG / 4:
        _state.turns = min(MOST_TURNS, _state.turns << 1)
    check()


def check() -> None:
    """Raises KeyboardInterrupt if the host wants the cell to end."""
    if _state.allowed and host.interrupted():
        raise KeyboardInterrupt


def _on_jump(code: CodeType, offset: int, target: int) -> Any:
    """At each jump backwards in code that does not ask by itself, and at the first in other code."""
    file = code.co_filename
    if file in _ticked or file.startswith(_PACKAGE):
        return _disable
    if _next(_names.get(_TICKS, _NOTHING), True):
        _install()
    return None


_NOTHING: Iterator[None] = repeat(None)
"""In place of ticks that the code has thrown away; the next cell gets others."""


@contextlib.contextmanager
def allowed(allowed: bool) -> Iterator[None]:
    """Whether the code within can be interrupted."""
    before, _state.allowed = _state.allowed, allowed
    if allowed and not (_state.watching and _TICKS in _names and _NEXT in _names and _AGAIN in _names):
        _watch()
    try:
        yield
    finally:
        _state.allowed = before


def _watch() -> None:
    """From the first cell on: to switch it on and off has every function's code written anew."""
    _install()
    if _state.watching:
        return
    _state.watching = True
    host.after_wait = check
    if _monitoring is not None:
        _monitoring.use_tool_id(_TOOL, "capsule")
        _monitoring.register_callback(_TOOL, _monitoring.events.JUMP, _on_jump)
        _monitoring.set_events(_TOOL, _monitoring.events.JUMP)


def forget() -> None:
    """The state before the first cell, for the snapshot."""
    if _state.watching and _monitoring is not None:
        _monitoring.set_events(_TOOL, 0)
        _monitoring.free_tool_id(_TOOL)
    _state.watching = _state.allowed = False
    host.after_wait = host.nothing
    _ticked.clear()
    for name in (_NEXT, _TICKS, _AGAIN):
        _names.pop(name, None)
