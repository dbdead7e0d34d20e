"""``run_python`` and ``run_javascript``: run code as it stands, in a sandbox of its own.

What sessions (``_session``) need of it is here, too: the outcome, and how code is sent.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import os
import secrets
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capsule import _client, _tracecontext
from capsule._connection import MessageTooLargeError, RpcError
from capsule._errors import OptionError, SessionError, SidecarLost, task_error
from capsule._json import encode, encode_plain
from capsule._options import given_tools, to_wire
from capsule._reliably import MAX_ATTEMPTS
from capsule._task import in_event_loop
from capsule._toolserver import check_depth
from capsule._toolthreads import waiting
from capsule._workflow_errors import of_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from typing_extensions import Unpack

    from capsule._ceiling import Ceiling
    from capsule._connection import Connection
    from capsule._tool import Tool
    from capsule._types import ErrorInfo, ExecutionInfo, FileGrant, RunOptions

    OnOutput = Callable[[str, str], object]

__all__ = ["CellResult", "Part", "Space", "run_javascript", "run_python"]

_CANCELLED = -32800
_OVERLOADED = -32012
_UNKNOWN_SESSION = -32015
_NOT_REPEATABLE = -32016
_TEXT_TYPES = ("text/", "application/json", "image/svg+xml")


@dataclasses.dataclass(frozen=True)
class Part:
    """One form of a value that displays can show."""

    mime: str
    """``"text/html"``, ``"image/png"``, …"""

    data: str | bytes
    """Text, or bytes of what is binary."""


@dataclasses.dataclass(frozen=True)
class CellResult:
    """What came of running code."""

    success: bool
    value: Any
    """The value of the last expression, if it has a form in JSON; else None."""

    text: str | None
    """That value as its language shows it (``repr``); None if there is none."""

    parts: Sequence[Part]
    """Its rich forms: HTML, images, …"""

    stdout: str
    stderr: str
    error: ErrorInfo | None
    """Why it failed; None if it succeeded."""

    execution: ExecutionInfo
    state: str
    """Of a session: ``"kept"``, or ``"lost"``: the next cell begins anew. A snippet's is lost."""

    def check(self) -> CellResult:
        """Return this, or raise the ``TaskError`` that the code has failed with."""
        if self.success:
            return self
        raise task_error(
            {
                "success": False,
                "result": None,
                "error": self.error,
                "execution": self.execution,
            }
        )


class Output:
    """What code prints, as it comes."""

    def __init__(self, on_output: OnOutput | None) -> None:
        self._on_output = on_output
        self._texts: dict[str, list[str]] = {"stdout": [], "stderr": []}

    def __call__(self, stream: str, text: str) -> None:
        """Take what was printed; called by the thread that reads what the sidecar sends."""
        self._texts["stderr" if stream == "stderr" else "stdout"].append(text)
        if self._on_output is not None:
            with contextlib.suppress(Exception):  # it must not end the connection
                self._on_output(stream, text)

    def result(self, reply: Mapping[str, Any]) -> CellResult:
        """The outcome, with what was printed."""
        value = reply["value"]
        return CellResult(
            reply["success"],
            None if value is None else value["json"],
            None if value is None else value["text"],
            () if value is None else tuple(_part(each) for each in value["parts"]),
            "".join(self._texts["stdout"]),
            "".join(self._texts["stderr"]),
            reply["error"],
            reply["execution"],
            reply["state"],
        )


def _part(fields: Mapping[str, str]) -> Part:
    mime, data = fields["mime"], fields["data"]
    return Part(mime, data if mime.startswith(_TEXT_TYPES) else base64.b64decode(data))


@dataclasses.dataclass(frozen=True)
class Space:
    """Where code runs, and what it may use."""

    language: str
    root: str
    options: Mapping[str, Any]
    """As the sidecar takes them."""

    ceiling: Mapping[str, Any]
    tools: Mapping[str, Tool[..., Any]]

    @staticmethod
    def of(
        language: str,
        cwd: str | os.PathLike[str] | None,
        mounts: Sequence[str | FileGrant] | None,
        ceiling: Ceiling | None,
        options: Mapping[str, Any],
    ) -> Space:
        """Take what a user writes."""
        root = str(Path.cwd() if cwd is None else Path(cwd).absolute())
        return Space(
            language,
            root,
            to_wire({**options, "mounts": mounts}, root),
            ceiling.to_json() if ceiling is not None else {},
            given_tools(options.get("tools")),
        )

    def params(self) -> str:
        """The fields of a request, as JSON without the brace at its end."""
        text = f'{{"language":{encode_plain(self.language)},"root":{encode(self.root, "cwd")}'
        if self.options:
            text += f',"options":{encode(self.options, "options")}'
        if self.ceiling:
            text += f',"ceiling":{encode(self.ceiling, "ceiling")}'
        if self.tools:
            text += f',"tools":{encode_plain(list(self.tools))}'
        env = {
            name: os.environ[name]
            for name in self.options.get("env_variables") or ()
            if name in os.environ
        }
        return text + (f',"env":{encode(env, "env")}' if env else "")


def request_code(
    connection: Connection,
    method: str,
    params: str,
    tools: Mapping[str, Tool[..., Any]],
    output: Output,
    loop: asyncio.AbstractEventLoop | None,
) -> tuple[int, Future[Any]]:
    """Have code run; ``params`` are JSON without the brace at its end.

    Returns the id of the request, and a future of its reply. ``loop`` is the event loop whose
    coroutine waits for it, if one does.
    """
    check_depth()
    run = connection.tools.offer(tools, loop) if tools else "r-" + secrets.token_hex(12)
    connection.outputs[run] = output
    for name, value in _tracecontext.current().items():
        params += f',"{name}":{encode_plain(value)}'

    try:
        number, sent = connection.begin(
            method, f'{params},"run":{encode_plain(run)}}}', cancellable=False
        )
    except BaseException:
        connection.outputs.pop(run, None)
        connection.tools.withdraw(run)
        raise
    future: Future[Any] = Future()

    def replied(sent: Future[Any]) -> None:
        # Not before: what is given up prints until it has ended, and nobody is to see that.
        connection.outputs.pop(run, None)
        if future.set_running_or_notify_cancel():
            error = sent.exception()
            if error is None:
                future.set_result(sent.result())
            else:
                future.set_exception(error)

    def ended(future: Future[Any]) -> None:
        connection.tools.withdraw(run)
        if future.cancelled():
            connection.interrupt(number)

    future.add_done_callback(ended)
    sent.add_done_callback(replied)
    return number, future


def explained(error: RpcError) -> Exception:
    """The exception for what the sidecar refuses."""
    if error.code in (_UNKNOWN_SESSION, _NOT_REPEATABLE, _OVERLOADED):
        return SessionError(error.message)
    return of_reply(error) or error.refusal()


def run_python(
    code: str,
    *,
    mounts: Sequence[str | FileGrant] | None = None,
    ceiling: Ceiling | None = None,
    cwd: str | os.PathLike[str] | None = None,
    on_output: OnOutput | None = None,
    **options: Unpack[RunOptions],
) -> Any:
    """Run Python code in a fresh sandbox: a ``CellResult``; in an event loop an awaitable of it.

    The value is that of the last expression. The code has no files, network, environment or tools
    but those that are given here; it is not your program, and cannot import its modules.

    - ``mounts``: folders that it may use, ``HOST[::GUEST][:ro|:rw]``.
    - ``tools``: functions marked with ``@tool``, which it finds under their names.
    - ``ceiling``: what it may not exceed.
    - ``cwd``: the folder where relative mounts and the search for a ``capsule.toml`` start.
    - ``on_output``: called with ``"stdout"`` or ``"stderr"`` and text, as soon as it is printed.
    - ``options``: limits and grants, as of ``@task``.

    Code that fails does not raise here: see ``CellResult.error`` and ``CellResult.check``. Raises
    ``OptionError`` for a wrong option or mount, and ``SidecarError``.
    """
    return _run(Space.of("python", cwd, mounts, ceiling, options), code, on_output)


def run_javascript(
    code: str,
    *,
    mounts: Sequence[str | FileGrant] | None = None,
    ceiling: Ceiling | None = None,
    cwd: str | os.PathLike[str] | None = None,
    on_output: OnOutput | None = None,
    **options: Unpack[RunOptions],
) -> Any:
    """As ``run_python``, for JavaScript and TypeScript."""
    return _run(Space.of("javascript", cwd, mounts, ceiling, options), code, on_output)


def _run(space: Space, code: str, on_output: OnOutput | None) -> Any:
    params = f'{space.params()},"code":{encode(code, "code")}'
    if in_event_loop():
        return _run_async(space, params, on_output)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        output = Output(on_output)
        try:
            with waiting():
                _, future = request_code(
                    _client.connection(), "runSnippet", params, space.tools, output, None
                )
                try:
                    return output.result(future.result())
                except BaseException:
                    future.cancel()
                    raise
        except SidecarLost as lost:
            if lost.sent or attempt == MAX_ATTEMPTS:
                raise
        except RpcError as error:
            raise explained(error) from None
        except MessageTooLargeError as error:
            raise OptionError(str(error), "code") from None
    raise AssertionError


async def _run_async(space: Space, params: str, on_output: OnOutput | None) -> CellResult:
    loop = asyncio.get_running_loop()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        output = Output(on_output)
        try:
            with waiting():
                connection = _client.connection_if_ready()
                if connection is None:
                    connection = await asyncio.wrap_future(_client.connection_soon())
                _, future = request_code(
                    connection, "runSnippet", params, space.tools, output, loop
                )
                return output.result(await asyncio.wrap_future(future))
        except SidecarLost as lost:
            if lost.sent or attempt == MAX_ATTEMPTS:
                raise
        except RpcError as error:
            raise explained(error) from None
        except MessageTooLargeError as error:
            raise OptionError(str(error), "code") from None
    raise AssertionError


for _each in (CellResult, Part):
    _each.__module__ = "capsule"
