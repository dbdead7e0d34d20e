"""One connection to one sidecar: JSON-RPC requests as futures.

A thread reads what the sidecar sends and completes a ``concurrent.futures.Future`` for each reply.
Synchronous callers wait for the future, asynchronous ones wrap it: there is one implementation. The
reader is a thread of its own, and not whichever caller waits, because a caller can be interrupted
by a signal in the middle of a message.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import threading
from concurrent.futures import Future, InvalidStateError
from typing import TYPE_CHECKING, Any

from capsule import _framing as framing
from capsule._errors import OptionError, SidecarError, SidecarLost
from capsule._json import encode_plain
from capsule._output import forward
from capsule._toolserver import ToolServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from capsule._process import SidecarProcess
    from capsule._program import Program

__all__ = ["Connection", "MessageTooLargeError", "RpcError"]

_ATOMIC_BYTES = 4096
"""A pipe takes so many bytes at once or not at all (POSIX's PIPE_BUF, at least 512; Linux 4096)."""

_CLOSE_SECONDS = 1.0
_INVALID_REQUEST = -32600
_INVALID_PARAMETER = -32602
_ENDED = "its output ended"


class MessageTooLargeError(ValueError):
    """A request is larger than the protocol allows."""


class RpcError(Exception):
    """A JSON-RPC error reply: the request could not be carried out."""

    def __init__(self, code: int, message: str, data: dict[str, Any]) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
        self.data = data

    def refusal(self) -> OptionError | SidecarError:
        """The exception for whoever made the request: it names the parameter that is wrong."""
        if self.code == _INVALID_PARAMETER:
            field, value, allowed, where = map(
                self.data.get, ("field", "value", "allowed", "where")
            )
            return OptionError(self.message, field, value, allowed, where)
        return SidecarError(f"the sidecar refused the request: {self}")


class Connection:
    """Requests and their replies. Safe to use from any thread."""

    def __init__(self, process: SidecarProcess) -> None:
        self.process = process
        self.programs: dict[Program, Future[Any]] = {}
        """The programs that this sidecar has loaded, or is loading."""
        self.workflows: dict[str, Callable[[str, str], None]] = {}
        """What the open workflows do when they are revoked, for a reason and with a message."""
        self.outputs: dict[str, Callable[[str, str], None]] = {}
        """Who takes what a run prints, by the run's id; of others it goes to this process's own."""
        self._ids = itertools.count(1)
        self._pending: dict[int, Future[Any]] = {}
        self._lost: str | None = None
        self._write_lock = threading.Lock()
        self._order_lock = threading.Lock()
        """Held by whoever decides what is written next; never while a long message is written."""
        self._unsent = 0
        """Messages that the writer's thread has still to write."""
        self.tools = ToolServer(self._send_message)
        """What the tasks of this sidecar may call in this process."""
        self._frames: queue.SimpleQueue[bytes | None] | None = None
        self._reader = threading.Thread(target=self._read, name="capsule-reader", daemon=True)
        self._reader.start()

    @property
    def alive(self) -> bool:
        """Whether requests can still be sent."""
        return self._lost is None

    def request(self, method: str, params: str, *, cancellable: bool = True) -> Future[Any]:
        """Send a request, whose params are JSON.

        The future ends with the result, with ``RpcError`` or with ``SidecarLost``.
        Cancelling the future cancels the request. Raises ``SidecarLost`` that was not sent
        if the sidecar is gone already, and ``MessageTooLargeError``.
        """
        return self.begin(method, params, cancellable=cancellable)[1]

    def begin(
        self, method: str, params: str, *, cancellable: bool = True
    ) -> tuple[int, Future[Any]]:
        """As ``request``; also the request's id, for ``interrupt``."""
        request_id = next(self._ids)
        data = _framed(
            f'{{"jsonrpc":"2.0","id":{request_id},"method":"{method}","params":{params}}}'
        )
        future: Future[Any] = Future()

        def on_done(done: Future[Any]) -> None:
            if done.cancelled():
                self.interrupt(request_id)

        if cancellable:
            future.add_done_callback(on_done)
        else:
            future.set_running_or_notify_cancel()
        self._pending[request_id] = future
        # `_lost` is looked at after the future is in the table and set before the table is emptied.
        delivered = self._lost is None and self._send(data)
        if not delivered and self._pending.pop(request_id, None) is not None:
            raise SidecarLost(self._lost or "the Capsule sidecar is gone", sent=False)
        return request_id, future

    def interrupt(self, request_id: int) -> None:
        """Cancel a request whose reply is still wanted."""
        self.notify("$/cancelRequest", f'{{"id":{request_id}}}')

    def notify(self, method: str, params: str = "{}") -> None:
        """Send a notification. Nothing happens if the sidecar is gone."""
        self._send_message(f'{{"jsonrpc":"2.0","method":"{method}","params":{params}}}')

    def _send_message(self, message: str) -> None:
        self._send(_framed(message))

    def _send(self, data: bytes) -> bool:
        """Write a frame, or have it written; False if it is certain that it cannot arrive."""
        # A signal (Ctrl-C) that came between two parts of a message would leave the stream broken.
        # Signals interrupt only the main thread, so another one writes what needs several parts,
        # and what comes after it: nobody who sends waits for a sidecar that does not read.
        with self._order_lock:
            if self._unsent == 0 and len(data) <= _ATOMIC_BYTES:
                return self._write(data)
            if self._frames is None:
                self._frames = queue.SimpleQueue()
                threading.Thread(
                    target=self._write_frames, name="capsule-writer", daemon=True
                ).start()
            self._unsent += 1
            self._frames.put(data)
        return True

    def _write_frames(self) -> None:
        frames = self._frames
        while frames is not None and (data := frames.get()) is not None:
            self._write(data)
            with self._order_lock:
                self._unsent -= 1

    def _write(self, data: bytes) -> bool:
        with self._write_lock:
            try:
                self.process.write(data)
            except (OSError, ValueError):  # the pipe has no reader any more, or is closed
                # said at once, and not when the end of its output is read: who sends a request
                # again must not get this connection again
                self._lost = self._lost or f"{self._name()} is gone: it reads nothing any more"
                return False
        return True

    def _read(self) -> None:
        reason = _ENDED
        try:
            frames = framing.FrameReader(self.process.read)
            while (body := frames.next()) is not None:
                self._receive(body)
        except framing.FramingError as error:
            reason = f"it broke the protocol: {error}"
        except Exception as error:  # noqa: BLE001 - whatever it is, callers must not wait for ever
            reason = f"reading from it failed: {error!r}"
        self._end(reason)

    def _end(self, reason: str) -> None:
        what = f"{self._name()} is gone: "
        self._lost = what + reason
        self.tools.close()
        # Killing it also frees a writer that is stuck on a full pipe and holds the lock.
        self.process.kill()
        with self._write_lock:
            self.process.close_stdin()
        with self._order_lock:
            if self._frames is not None:
                self._frames.put(None)
        self.process.close()
        status = self.process.wait(_CLOSE_SECONDS)
        if reason == _ENDED and status is not None:
            told = f"killed by signal {-status}" if status < 0 else f"it exited with {status}"
            self._lost = what + told
        while self._pending:
            with contextlib.suppress(KeyError):
                _, future = self._pending.popitem()
                _complete(future, None, SidecarLost(self._lost))

    def _name(self) -> str:
        return f"the Capsule sidecar (process {self.process.pid})"

    def _receive(self, body: bytes) -> None:
        try:
            message = framing.decode(body)
        except framing.HugeIntegerError as error:
            if error.method is not None:
                self._refuse(error.message_id, str(error))
                return
            future = self._take(error.message_id)
            if future is not None:
                _complete(future, None, error)
            return
        method = message.get("method")
        if method is None:
            self._reply(message)
        elif "id" in message:
            self._request(method, message["id"], message.get("params"))
        else:
            params = message.get("params")
            self._notification(method, params if isinstance(params, dict) else {})

    def _request(self, method: object, request_id: object, params: object) -> None:
        if isinstance(request_id, bool) or not isinstance(request_id, (int, str)):
            raise framing.FramingError(f"a request has the id {request_id!r}")
        if method == "callTool":
            self.tools.request(request_id, params)
        else:
            self._refuse(request_id, f"there is no method {method!r}")

    def _refuse(self, request_id: object, why: str) -> None:
        if isinstance(request_id, (int, str)):
            error = encode_plain({"code": _INVALID_REQUEST, "message": why})
            self._send_message(
                f'{{"jsonrpc":"2.0","id":{encode_plain(request_id)},"error":{error}}}'
            )

    def _notification(self, method: object, params: dict[str, Any]) -> None:
        if method == "task/output":
            take = self.outputs.get(str(params.get("run")), forward)
            take(str(params.get("stream")), str(params.get("text", "")))
        elif method == "$/cancelRequest":
            self.tools.cancel(params.get("id"))
        elif method == "workflow/revoked":
            revoke = self.workflows.pop(str(params.get("workflow")), None)
            if revoke is not None:
                revoke(str(params.get("reason")), str(params.get("message")))
        elif method == "program/progress":
            import logging  # noqa: PLC0415 - only where something takes long

            logging.getLogger("capsule").info("%s", params.get("message"))

    def _take(self, request_id: object) -> Future[Any] | None:
        return self._pending.pop(request_id, None) if isinstance(request_id, int) else None

    def _reply(self, message: dict[str, Any]) -> None:
        error = message.get("error")
        future = self._take(message.get("id"))
        if future is None:
            if message.get("id") is None and isinstance(error, dict):
                raise framing.FramingError(f"it could not read a message: {error.get('message')}")
            return  # of a request that its caller has given up
        if not isinstance(error, dict):
            _complete(future, message.get("result"), None)
            return
        data = error.get("data")
        code = error.get("code")
        _complete(
            future,
            None,
            RpcError(
                code if isinstance(code, int) else 0,
                str(error.get("message")),
                data if isinstance(data, dict) else {},
            ),
        )

    def close(self) -> None:
        """End the sidecar in good order: shutdown, exit, and a push if it lingers."""
        with contextlib.suppress(Exception):
            self.request("shutdown", "{}").result(_CLOSE_SECONDS)
        self.notify("exit")
        self.tools.close()
        if self._write_lock.acquire(timeout=_CLOSE_SECONDS):  # else it does not read what is sent
            try:
                self.process.close_stdin()
            finally:
                self._write_lock.release()
        if self.process.wait(_CLOSE_SECONDS) is None:
            self.process.terminate()
            if self.process.wait(_CLOSE_SECONDS) is None:
                self.process.kill()
        self._reader.join(_CLOSE_SECONDS)
        self.process.last_words(_CLOSE_SECONDS)

    def disown(self) -> None:
        """Forget the sidecar, in a forked child: it belongs to the parent."""
        self._lost = "the Capsule sidecar belongs to the parent process"
        self.process.disown()


def _complete(future: Future[Any], result: Any, error: Exception | None) -> None:
    # The caller may cancel at any time, so a check before would not be enough.
    with contextlib.suppress(InvalidStateError):
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)


def _framed(message: str) -> bytes:
    body = message.encode()
    if len(body) > framing.MAX_MESSAGE_BYTES:
        raise MessageTooLargeError(
            f"a message of {len(body)} bytes exceeds the {framing.MAX_MESSAGE_BYTES} that the "
            "protocol allows; pass large data through a folder (mounts, allowed_files)"
        )
    return framing.frame(body)
