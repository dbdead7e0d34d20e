"""What code that is being written may go on with, and what a name in it is.

Attributes are found by evaluating what comes before the dot, if that is names and dots alone, as Python's own prompt
does. That may run code of the session's (`__getattr__`, properties), which is in its sandbox.
"""

from __future__ import annotations

import builtins
import inspect
import keyword
import os
import pkgutil
import re
import sys
import types
from typing import Any

MOST = 500
"""Matches."""

_MAX_TEXT = 4_000
_NAME = re.compile(r"[^\W\d]\w*(?:\s*\.\s*\w*)*\Z")
_IMPORT = re.compile(r"(?:^|[;\n])\s*(?:import\s+(?:[\w.]+\s*,\s*)*|from\s+)([\w.]*)\Z")
_FROM = re.compile(r"(?:^|[;\n])\s*from\s+([\w.]+)\s+import\s+(?:\(?\s*(?:\w+\s*,\s*)*)(\w*)\Z")


def complete(code: str, cursor: int, space: dict[str, Any]) -> tuple[int, list[tuple[str, str]]]:
    """Where what is replaced starts, and what may replace it, each with its kind."""
    before = code[: max(0, cursor)]
    if found := _FROM.search(before):
        module, part = found.groups()
        return len(before) - len(part), _members_of(module, part)
    if found := _IMPORT.search(before):
        part = found.group(1)
        return len(before) - len(part), [(name, "module") for name in _modules(part)]
    line = before.rpartition("\n")[2]
    if (text := _open_string(line)) is not None:
        start = len(before) - len(text.rpartition("/")[2])
        return start, [(name, "file") for name in _files(text)]
    found = _NAME.search(before)
    if found is None or before[: found.start()].rstrip().endswith("."):
        return len(before), []
    whole, dot, part = found.group().rpartition(".")
    part = part.strip()
    start = len(before) - len(part)
    if dot:
        return start, _attributes(whole, part, space)
    return start, _names(part, space)


def inspect_name(code: str, cursor: int, space: dict[str, Any]) -> str:
    """The signature and the first lines of the documentation of the name at the cursor."""
    after = re.match(r"\w*", code[cursor:])
    text = code[:cursor] + (after.group() if after else "")
    found = _NAME.search(text.rstrip("( "))
    if found is None:
        return ""
    known, value = _evaluate(found.group(), space)
    if not known:
        return ""
    try:
        head = f"{found.group()}{inspect.signature(value)}"
    except (TypeError, ValueError):
        head = f"{found.group()}: {type(value).__name__}"
    documentation = inspect.getdoc(value) if callable(value) or isinstance(value, types.ModuleType) else None
    text = head + (f"\n\n{documentation}" if documentation else "")
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…"


def _open_string(line: str) -> str | None:
    """The text of a string that is not closed before the cursor."""
    quote, start, index = "", 0, 0
    while index < len(line):
        character = line[index]
        if quote:
            if character == "\\":
                index += 1
            elif character == quote:
                quote = ""
        elif character in "\"'":
            quote, start = character, index + 1
        elif character == "#":
            return None
        index += 1
    return line[start:] if quote else None


def _files(text: str) -> list[str]:
    folder, _, part = text.rpartition("/")
    try:
        with os.scandir(folder + "/" if folder or text.startswith("/") else ".") as entries:
            found = [entry.name + ("/" if entry.is_dir() else "") for entry in entries if entry.name.startswith(part)]
    except (OSError, ValueError):
        return []
    return sorted(name for name in found if part or not name.startswith("."))[:MOST]


def _modules(part: str) -> list[str]:
    parent, dot, _ = part.rpartition(".")
    if dot:
        module = sys.modules.get(parent)
        path = getattr(module, "__path__", None)
        found = {f"{parent}.{each.name}" for each in pkgutil.iter_modules(path)} if path else set()
        found |= {name for name in sys.modules if name.startswith(parent + ".") and name.count(".") == part.count(".")}
    else:
        found = {name for name in sys.modules if "." not in name}
        found |= set(sys.builtin_module_names) | {each.name for each in pkgutil.iter_modules()}
        found -= {"__main__", "wit_world", "capsule_guest", "capsule_zones", "capsule_component"}
    return sorted(name for name in found if name.startswith(part) and (part or not name.startswith("_")))[:MOST]


def _members_of(name: str, part: str) -> list[tuple[str, str]]:
    module = sys.modules.get(name)
    if module is None:
        return []
    return [(each, _kind(vars(module).get(each))) for each in _visible(dir(module), part)]


def _names(part: str, space: dict[str, Any]) -> list[tuple[str, str]]:
    own = builtins.__dict__
    found: dict[str, str] = {}
    for name in _visible([*space, *own], part):
        found[name] = _kind(space[name] if name in space else own[name])
    if part:
        words = [*keyword.kwlist, *keyword.softkwlist]
        found.update((word, "keyword") for word in words if word.startswith(part) and word != "_")
    return sorted(found.items())[:MOST]


def _attributes(whole: str, part: str, space: dict[str, Any]) -> list[tuple[str, str]]:
    known, value = _evaluate(whole, space)
    if not known:
        return []
    found = []
    for name in _visible(dir(value), part):
        try:
            static = inspect.getattr_static(value, name)
        except AttributeError:
            static = None
        found.append((name, "property" if isinstance(static, property) else _kind(static)))
    return found


def _visible(names: list[Any], part: str) -> list[str]:
    """Names with an underscore only where one is asked for."""
    found = sorted({name for name in names if isinstance(name, str) and name.startswith(part)})
    return [
        name
        for name in found
        if (part.startswith("_") or not name.startswith("_")) and not name.startswith("__capsule_")
    ][:MOST]


def _evaluate(dotted: str, space: dict[str, Any]) -> tuple[bool, Any]:
    names = [name.strip() for name in dotted.split(".")]
    first, *rest = names
    if first in space:
        value = space[first]
    elif first in builtins.__dict__:
        value = builtins.__dict__[first]
    else:
        return False, None
    for name in rest:
        try:
            value = getattr(value, name)
        except Exception:  # whatever the session's own code raises
            return False, None
    return True, value


def _kind(value: Any) -> str:
    if isinstance(value, types.ModuleType):
        return "module"
    if isinstance(value, type):
        return "class"
    if isinstance(value, (staticmethod, classmethod)) or callable(value):
        return "function"
    return "variable"
