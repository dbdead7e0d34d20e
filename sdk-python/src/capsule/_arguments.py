"""Whether JSON values fit a function's signature: their number, their names and simple types.

Checked are annotations made of int, float, str, bool, None, list, dict, Any, Optional, Union and
Literal; what another annotation says is not, since JSON values have none of the other types.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import types
import typing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Signature"]

_MAX_SHOWN = 40
_SIMPLE: dict[Any, tuple[type, ...]] = {
    int: (int,),
    float: (int, float),
    str: (str,),
    bool: (bool,),
    None: (type(None),),
    type(None): (type(None),),
    list: (list,),
    dict: (dict,),
}


class Signature:
    """What a function takes."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._name = getattr(function, "__name__", "tool")
        self._signature = _signature(function)
        self._hints = _hints(function, self._signature)

    @staticmethod
    @functools.lru_cache(maxsize=256)
    def of(function: Callable[..., Any]) -> Signature:
        """As the constructor; remembered, because evaluating annotations is slow."""
        return Signature(function)

    def problem(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
        """What is wrong with the arguments, naming the parameter; None if they fit."""
        try:
            bound = self._signature.bind(*args, **kwargs)
        except TypeError as error:
            return f"{self._name}{self._signature_text()}: {error}"
        for name, value in bound.arguments.items():
            if name not in self._hints:
                continue
            kind = self._signature.parameters[name].kind
            for path, item in _items(name, kind, value):
                wrong = _mismatch(item, self._hints[name], path)
                if wrong:
                    return f"{self._name}(): {wrong}"
        return None

    def _signature_text(self) -> str:
        plain = [p.replace(annotation=p.empty) for p in self._signature.parameters.values()]
        shown = self._signature.replace(parameters=plain, return_annotation=inspect.Signature.empty)
        return str(shown)


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    # From 3.14 on annotations are evaluated when they are asked for, and their names may exist for
    # type checkers only.
    options: dict[str, Any] = {}
    with contextlib.suppress(ImportError):
        format_ = importlib.import_module("annotationlib").Format
        options["annotation_format"] = format_.FORWARDREF
    return inspect.signature(function, **options)


def _hints(function: Callable[..., Any], signature: inspect.Signature) -> dict[str, Any]:
    """The annotations that can be evaluated, each by itself: others must not hide them."""
    names = getattr(inspect.unwrap(function), "__globals__", {})
    hints = {}
    for name, parameter in signature.parameters.items():
        if parameter.annotation is parameter.empty:
            continue
        holder = types.SimpleNamespace(__annotations__={name: parameter.annotation})
        try:
            hints[name] = typing.get_type_hints(holder, names, include_extras=False)[name]
        except Exception:  # noqa: BLE001, S112 - whatever an annotation does, it is then not checked
            continue
    return hints


def _items(name: str, kind: Any, value: Any) -> list[tuple[str, Any]]:
    if kind is inspect.Parameter.VAR_POSITIONAL:
        return [(f"{name}[{index}]", item) for index, item in enumerate(value)]
    if kind is inspect.Parameter.VAR_KEYWORD:
        return list(value.items())
    return [(name, value)]


def _mismatch(value: Any, hint: Any, path: str) -> str | None:
    origin = typing.get_origin(hint)
    if origin in {typing.Union, types.UnionType}:
        wrong = [_mismatch(value, each, path) for each in typing.get_args(hint)]
        return None if None in wrong else _wrong(value, hint, path)
    if origin is typing.Literal:
        fits = any(value == each and type(value) is type(each) for each in typing.get_args(hint))
        return None if fits else _wrong(value, hint, path)
    expected = _SIMPLE.get(origin if origin in {list, dict} else hint)
    if expected is None:
        return None
    # a bool is an int for Python, but not for JSON
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        return _wrong(value, hint, path)
    return _inside(value, typing.get_args(hint), path)


def _inside(value: Any, hints: tuple[Any, ...], path: str) -> str | None:
    if isinstance(value, list) and hints:
        steps = ((f"{path}[{index}]", item) for index, item in enumerate(value))
    elif isinstance(value, dict) and hints:
        steps = ((f"{path}[{_short(key)}]", item) for key, item in value.items())
    else:
        return None
    for step, item in steps:
        wrong = _mismatch(item, hints[-1], step)
        if wrong:
            return wrong
    return None


def _wrong(value: Any, hint: Any, path: str) -> str:
    name = hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)
    name = "None" if name == "NoneType" else name.replace("typing.", "")
    return f"{path} must be {name}, not {_short(value)} of type {type(value).__name__}"


def _short(value: object) -> str:
    text = repr(value[:_MAX_SHOWN] if isinstance(value, (str, list)) else value)
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"
