"""``Session``: a sandbox that keeps its state from cell to cell."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from capsule import _client
from capsule._cells import Output, Space, explained, request_code
from capsule._connection import MessageTooLargeError, RpcError
from capsule._drive import drive, drive_async
from capsule._errors import OptionError, SessionError, SidecarLost
from capsule._json import encode, encode_plain
from capsule._task import in_event_loop
from capsule._toolthreads import waiting

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Generator, Mapping, Sequence
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from capsule._ceiling import Ceiling
    from capsule._connection import Connection
    from capsule._types import FileGrant, RunOptions

    Waits = Generator[Any, Any, Any]

__all__ = ["FileInfo", "Session"]


@dataclasses.dataclass(frozen=True)
class FileInfo:
    """A file or a folder of a session's workspace."""

    path: str
    """In the workspace, with slashes."""

    size: int
    folder: bool


class Session:
    """A sandbox that keeps its state from cell to cell: ``with Session("python") as session: …``.

    It is opened by its first use, and closed by ``close``, by the end of its block, or after the
    idle time. Inside an event loop (and then ``async with``) its methods return awaitables;
    elsewhere they wait. Cells that are asked for at once are run in order, one after the other.
    """

    def __init__(
        self,
        language: str = "python",
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - as that of a workflow is called
        mounts: Sequence[str | FileGrant] | None = None,
        ceiling: Ceiling | None = None,
        cwd: str | os.PathLike[str] | None = None,
        idle_timeout: str | float | None = None,
        **options: Unpack[RunOptions],
    ) -> None:
        """Say what it may use.

        - ``language``: ``"python"`` or ``"javascript"``, which is TypeScript, too.
        - ``name``: for people.
        - ``id``: what it is journalled under. Each cell is written down before its result is seen,
          and a later session of that id, after a crash, too, begins where this one ended: its
          cells are run again, without their output. It cannot have mounts.
        - ``mounts``: folders that it may use, ``HOST[::GUEST][:ro|:rw]``.
        - ``tools``: functions marked with ``@tool``, which cells find under their names.
        - ``ceiling``: what it may not exceed.
        - ``cwd``: the folder where relative mounts and the search for a ``capsule.toml`` start.
        - ``idle_timeout``: when it is closed if nothing is asked of it; default ``"30m"``.
        - ``options``: limits and grants, as of ``@task``; ``timeout`` and ``compute`` are those of
          each cell, ``ram`` and ``max_disk`` those of the whole session.
        """
        self.language = language
        self.name = name
        self.id = id
        self.restored: int | None = None
        """How many cells were run again when it was opened; None: not open, or without ``id``."""
        self._space = Space.of(language, cwd, mounts, ceiling, options)
        self._idle_timeout = idle_timeout
        self._connection: Connection | None = None
        self._id: str | None = None
        self._opening: Future[Any] | None = None
        self._closed = False
        self._running: set[int] = set()
        self._interrupts = 0
        """How often it was asked to interrupt what runs."""

    def run(
        self,
        code: str,
        *,
        timeout: str | float | None = None,
        compute: str | int | None = None,
        on_output: Callable[[str, str], object] | None = None,
    ) -> Any:
        """Run a cell: a ``CellResult``; in an event loop an awaitable of it.

        ``timeout`` and ``compute`` are for this cell. ``on_output`` is called with ``"stdout"`` or
        ``"stderr"`` and text, as soon as it is printed. A cell that fails does not raise here: see
        ``CellResult.error`` and ``CellResult.check``. Ctrl-C, or cancelling what awaits it,
        interrupts the cell, which keeps the state if it ends soon.
        """
        fields = f',"code":{encode(code, "code")}'
        if timeout is not None:
            fields += f',"timeout":{encode(timeout, "timeout")}'
        if compute is not None:
            fields += f',"fuel":{encode(compute, "compute")}'
        return self._wait(self._run(fields, Output(on_output)))

    def _run(self, fields: str, output: Output) -> Waits:
        connection, session = yield from self._opened()
        loop = asyncio.get_running_loop() if in_event_loop() else None
        interrupts = self._interrupts
        number, future = request_code(
            connection,
            "runCell",
            f'{{"session_id":{encode_plain(session)}{fields}',
            self._space.tools,
            output,
            loop,
        )
        self._running.add(number)
        if self._interrupts != interrupts:  # by one who saw output before this thread went on
            connection.interrupt(number)
        try:
            reply = yield future
        except BaseException:
            future.cancel()  # no effect if it has ended
            raise
        finally:
            self._running.discard(number)
        return output.result(reply)

    def interrupt(self) -> None:
        """Interrupt the cells that run or wait, from another thread or task. Returns at once.

        Their results tell so, and whether the state was kept.
        """
        self._interrupts += 1
        connection = self._connection
        if connection is not None:
            for number in list(self._running):
                connection.interrupt(number)

    def put_file(self, path: str, content: bytes | str) -> Any:
        """Write a file to the workspace, which is the cells' current folder; text as UTF-8."""
        data = content.encode() if isinstance(content, str) else bytes(content)
        text = base64.b64encode(data).decode("ascii")
        return self._wait(self._ask("putFile", path=path, content=text))

    def get_file(self, path: str) -> Any:
        """Read a file of the workspace: bytes."""
        return self._wait(self._ask("getFile", _content, path=path))

    def list_files(self, path: str = "") -> Any:
        """Tell what is in a folder of the workspace: a list of ``FileInfo``."""
        return self._wait(self._ask("listFiles", _files, path=path))

    def complete(self, code: str, cursor: int | None = None) -> Any:
        """Tell how code may go on at the cursor: where what is replaced starts, and the texts."""
        at = len(code) if cursor is None else cursor
        return self._wait(self._ask("completeCode", _matches, code=code, cursor=at))

    def reset(self) -> Any:
        """Throw the state away, the files of the workspace, too. What runs is stopped."""
        return self._wait(self._ask("resetSession"))

    def fork(self) -> Any:
        """Open another session in the same state, which goes on independently.

        The cells are run again there, without their output. Raises ``SessionError`` if that would
        not lead to the same state: after a cell that used tools, the network or mounts, or was
        interrupted. The other session is not journalled.
        """
        return self._wait(self._fork())

    def _fork(self) -> Waits:
        result = yield from self._ask("forkSession")
        fork: Session = object.__new__(type(self))
        fork.__dict__.update(self.__dict__)
        fork._id = result["session_id"]
        fork.id = fork.restored = None
        fork._running = set()
        return fork

    def close(self) -> Any:
        """Close it; what runs is stopped. Nothing happens if it is closed."""
        return self._wait(self._close())

    def _close(self) -> Waits:
        if not self._closed:
            self._closed = True
            connection, session = self._connection, self._id
            if connection is not None and session is not None and connection.alive:
                with contextlib.suppress(RpcError, SidecarLost):  # it is closed
                    yield connection.request(
                        "closeSession", f'{{"session_id":{encode_plain(session)}}}'
                    )

    def __enter__(self) -> Self:
        """Use it in a block, at whose end it is closed."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it, waiting for that also where an event loop runs."""
        drive(self._close())

    async def __aenter__(self) -> Self:
        """Use it in a block, at whose end it is closed."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        await drive_async(self._close())

    def __repr__(self) -> str:
        """The language, and the name if it has one."""
        named = f" {self.name!r}" if self.name else ""
        return f"<session{named} in {self.language}>"

    def _ask(
        self, method: str, read: Callable[[Any], Any] = lambda result: result, **fields: Any
    ) -> Waits:
        connection, session = yield from self._opened()
        params = encode({"session_id": session, **fields}, "params")
        reply = yield connection.request(method, params)
        return read(reply)

    def _opened(self) -> Waits:
        """The connection and the session's id there."""
        if self._closed:
            raise SessionError("the session is closed; open another")
        if self._opening is not None and not self._opening.done():
            yield self._opening  # another thread or task has begun
        connection, session = self._connection, self._id
        if connection is None or session is None:
            self._opening = Future()
            try:
                connection = _client.connection_if_ready()
                if connection is None:
                    connection = yield _client.connection_soon()
                reply = yield connection.request("openSession", self._open_params())
                self._connection, self._id = connection, reply["session_id"]
                self.restored = reply["restored"]
                session = self._id
            finally:
                self._opening.set_result(None)
        if not connection.alive:
            gone = "the sidecar that had the session is gone; open another session"
            raise SidecarLost(gone, sent=False)
        return connection, session

    def _open_params(self) -> str:
        params = self._space.params()
        if self.name is not None:
            params += f',"name":{encode(self.name, "name")}'
        if self.id is not None:
            params += f',"id":{encode(self.id, "id")}'
        if self._idle_timeout is not None:
            params += f',"idle_timeout":{encode(self._idle_timeout, "idle_timeout")}'
        return params + "}"

    def _wait(self, waits: Waits) -> Any:
        """What it comes to; in an event loop an awaitable of that."""
        explained_waits = _explained(waits)
        if in_event_loop():
            return drive_async(explained_waits)
        with waiting():
            return drive(explained_waits)


def _explained(waits: Waits) -> Waits:
    try:
        return (yield from waits)
    except RpcError as error:
        raise explained(error) from None
    except MessageTooLargeError as error:
        raise OptionError(str(error)) from None
    except SidecarLost as error:
        if error.sent:
            raise
        raise SidecarLost(f"{error}; the session was in it: open another", sent=False) from None


def _content(reply: Mapping[str, str]) -> bytes:
    return base64.b64decode(reply["content"])


def _files(reply: Sequence[Mapping[str, Any]]) -> list[FileInfo]:
    return [FileInfo(each["path"], each["size"], each["folder"]) for each in reply]


def _matches(reply: Mapping[str, Any]) -> tuple[int, list[str]]:
    return reply["start"], [each["text"] for each in reply["matches"]]


for _each in (Session, FileInfo):
    _each.__module__ = "capsule"
