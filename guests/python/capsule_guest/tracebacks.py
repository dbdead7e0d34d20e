"""Tracebacks as the user should see them: their own frames, in Python's own format, and never too long.

Frames of the standard library and of this package are left out of the exception's traceback before the standard
formatter sees it, so chained exceptions, groups, notes and carets come out as everywhere else.
"""

from __future__ import annotations

import linecache
import os
import traceback
import types
from collections.abc import Iterator

MAX_FRAMES = 60
"""Frames of one traceback: half from its start, half from its end."""

MAX_CHAIN = 12
"""Exceptions of one chain or group that are shown."""

_LONG = 2_000
"""Entries of a traceback from which on it is never freed: freeing recurses, and could exhaust the stack."""

MAX_TEXT = 128 * 1024
"""Characters of a whole traceback."""

_never_freed: list[types.TracebackType | None] = []
_MAX_NOTE = 8 * 1024
_PACKAGE = os.path.dirname(__file__)
_HIDDEN = (
    # a frozen or precompiled library has other names in its code than in `__file__`
    os.path.dirname(os.__file__) + os.sep,
    os.path.dirname(linecache.getline.__code__.co_filename) + os.sep,
    _PACKAGE + os.sep,
    os.path.join(os.path.dirname(_PACKAGE), "capsule") + os.sep,
    "<frozen ",
)

packages: tuple[str, ...] = ()
"""Folders that other people's packages are imported from, with a separator at their ends."""

sources: dict[str, str] = {}
"""Source text of the program's modules by the file name that is shown."""


def is_user_code(code: types.CodeType) -> bool:
    """False for the standard library, for packages and for the guest's own code."""
    return not code.co_filename.startswith(_HIDDEN) and not is_package_code(code)


def is_package_code(code: types.CodeType) -> bool:
    """True for what was imported from the request's `packages`."""
    return bool(packages) and code.co_filename.startswith(packages)


def of(problem: BaseException) -> str | None:
    """The text of the traceback; None if no frame of the user's is in it."""
    shown = [_prune(each) for each in _chain(problem)]
    if not any(shown):
        return None
    _show_sources()
    report = traceback.TracebackException(type(problem), problem, problem.__traceback__, compact=True)
    _shorten(report)
    text = "".join(report.format()).rstrip("\n")
    if len(text) > MAX_TEXT:
        half = MAX_TEXT // 2
        text = f"{text[:half]}\n… ({len(text) - MAX_TEXT} characters left out) …\n{text[-half:]}"
    return text.encode("utf-8", "backslashreplace").decode()


def innermost(problem: BaseException) -> tuple[str | None, int | None]:
    """File and line of the user's frame that raised it or called what did."""
    found: tuple[str | None, int | None] = None, None
    for entry in _entries(problem.__traceback__):
        if is_user_code(entry.tb_frame.f_code):
            found = entry.tb_frame.f_code.co_filename, entry.tb_lineno
    return found


def _entries(entry: types.TracebackType | None) -> Iterator[types.TracebackType]:
    while entry is not None:
        yield entry
        entry = entry.tb_next


def _chain(problem: BaseException) -> list[BaseException]:
    """The exception, its causes and contexts and its group's members; the chain is cut off after MAX_CHAIN."""
    found: list[BaseException] = []
    todo: list[BaseException] = [problem]
    while todo:
        each = todo.pop(0)
        if any(each is other for other in found):
            continue
        if len(found) >= MAX_CHAIN:
            each.__cause__ = each.__context__ = None
            each.with_traceback(None)
            continue
        found.append(each)
        if each.__cause__ is not None:
            todo.append(each.__cause__)
        elif each.__context__ is not None and not each.__suppress_context__:
            todo.append(each.__context__)
        members = getattr(each, "exceptions", ())
        if isinstance(members, tuple):
            todo.extend(member for member in members if isinstance(member, BaseException))
    return found


def _prune(problem: BaseException) -> int:
    """Takes other people's frames out of the traceback and the middle out of a long one; returns how many are left."""
    whole = list(_entries(problem.__traceback__))
    if len(whole) > _LONG:
        _never_freed.append(problem.__traceback__)
    kept = [entry for entry in whole if is_user_code(entry.tb_frame.f_code)]
    if len(kept) > MAX_FRAMES:
        kept = kept[: MAX_FRAMES // 2] + kept[-MAX_FRAMES // 2 :]
    rebuilt: types.TracebackType | None = None
    for entry in reversed(kept):
        rebuilt = types.TracebackType(rebuilt, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    problem.with_traceback(rebuilt)
    return len(kept)


def _shorten(report: traceback.TracebackException) -> None:
    """Cuts messages and notes that are too long to be shown whole."""
    todo: list[traceback.TracebackException | None] = [report]
    seen: set[int] = set()
    while todo:
        each = todo.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        message = getattr(each, "_str", None)
        if isinstance(message, str) and len(message) > _MAX_NOTE:
            each._str = f"{message[:_MAX_NOTE]}…"  # type: ignore[attr-defined]
        todo += [each.__cause__, each.__context__, *(getattr(each, "exceptions", None) or ())]


def _show_sources() -> None:
    """Gives the program's source to the standard formatter, over whatever the user made of it."""
    for file, source in sources.items():
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)


def forget_sources() -> None:
    """Forgets the source of the last program."""
    for file in sources:
        linecache.cache.pop(file, None)
    sources.clear()


def forget_frames(problem: BaseException) -> None:
    """Drops what the frames of a traceback hold, to have memory again."""
    problem.__context__ = problem.__cause__ = None
    entry = problem.__traceback__
    problem.with_traceback(None)
    while entry is not None:
        try:
            entry.tb_frame.clear()
        except RuntimeError:  # still running: our own
            pass
        entry = entry.tb_next
