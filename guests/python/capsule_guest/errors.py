"""Error objects of the reply, as guests/README.md describes them, from exceptions."""

from __future__ import annotations

from typing import Any

from capsule.errors import TaskError
from capsule_guest import tracebacks

MAX_MESSAGE = 64 * 1024
"""Characters of a message; what is beyond is cut, and said so."""


class SourceProblem(ImportError):
    """A module of the program cannot be loaded; `error` is the host's error object for it."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error.get("message") or "")
        self.error = error


def error(
    kind: str,
    message: str,
    class_name: str | None = None,
    traceback: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """An error object; `kind` is its `type`."""
    return {
        "type": kind,
        "message": cut(message),
        "class": class_name,
        "traceback": traceback,
        **more,
    }


def source_error(
    message: str,
    class_name: str,
    file: str | None = None,
    line: int | None = None,
    column: int | None = None,
    traceback: str | None = None,
) -> dict[str, Any]:
    """An error object of type `source_error`, with its place as far as it is known (lines and columns from 1)."""
    place = {"file": file, "line": line, "column": column}
    known = {name: value for name, value in place.items() if value is not None}
    return error("source_error", message, class_name, traceback, **known)


def of_syntax_error(problem: SyntaxError, file: str) -> dict[str, Any]:
    """`file:line:column: message`, the line, and a caret below it."""
    file = problem.filename if isinstance(problem.filename, str) else file
    line, column = problem.lineno, problem.offset
    column = column if column and column > 0 else None
    where = ":".join(str(part) for part in (file, line, column) if part is not None)
    message = f"{where}: {problem.msg}"
    if problem.text:
        text = problem.text.rstrip("\n").expandtabs(1)
        indent = len(text) - len(text.lstrip())
        message += f"\n    {text.strip()}"
        if column:
            width = 1
            if problem.end_lineno == line and problem.end_offset and problem.end_offset > column:
                width = problem.end_offset - column
            start = max(column - 1 - indent, 0)
            message += f"\n    {' ' * start}{'^' * max(1, min(width, len(text.strip()) - start))}"
    return source_error(message, type(problem).__name__, file, line, column)


def of_exception(problem: BaseException, *, loading: bool) -> dict[str, Any]:
    """What ended a task, or (`loading`) the top level of one of its modules."""
    if isinstance(problem, SourceProblem):
        found = problem.error
        if loading:
            return source_error(
                found.get("message") or "",
                found.get("class") or "ImportError",
                found.get("file"),
                found.get("line"),
                found.get("column"),
                found.get("traceback"),
            )
    name = type(problem).__name__
    message = describe(problem)
    if isinstance(problem, SystemExit) and not loading:
        return error("exit", message, name, tracebacks.of(problem))
    if isinstance(problem, RecursionError):
        return error("stack_overflow", message, name, tracebacks.of(problem))
    if loading:
        if isinstance(problem, SyntaxError):
            return of_syntax_error(problem, "<unknown>")
        traceback = tracebacks.of(problem)
        file, line = tracebacks.innermost(problem)
        where = f"{file}:{line}: " if file else ""
        return source_error(f"{where}{name}: {message}", name, file, line, traceback=traceback)
    return error("task_error", message, name, tracebacks.of(problem))


def describe(problem: BaseException) -> str:
    """The exception's message, whatever its class does; its class's name if it has none."""
    if isinstance(problem, SystemExit):
        code = problem.code
        if code is None or isinstance(code, int):
            return f"the task called sys.exit({'' if code is None else int(code)})"
        return f"the task called sys.exit({_text(code)!r})"
    if isinstance(problem, TaskError):
        return cut(problem.summary)
    return _text(problem) or _text_of_cause(problem) or type(problem).__name__


def _text_of_cause(problem: BaseException) -> str | None:
    """What the system said, for an exception that says nothing.

    Some libraries (httpx by way of anyio) make their own exception of it without words, and hide the cause.
    """
    for _ in range(tracebacks.MAX_CHAIN):
        cause = problem.__cause__ or problem.__context__
        if cause is None:
            break
        if isinstance(cause, OSError) and (text := _text(cause)):
            return cut(f"caused by {type(cause).__name__}: {text}")
        problem = cause
    return None


def _text(value: object) -> str:
    try:
        return cut(str(value))
    except MemoryError:
        raise
    except Exception as failure:
        return f"<its __str__ raised {type(failure).__name__}>"


def cut(text: str) -> str:
    """Valid Unicode of at most MAX_MESSAGE characters, with a note of what is missing."""
    if len(text) > MAX_MESSAGE:
        text = f"{text[:MAX_MESSAGE]}… ({len(text) - MAX_MESSAGE} more characters)"
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode()
