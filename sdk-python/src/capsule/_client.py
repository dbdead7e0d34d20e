"""The sidecar of this process: started on first use, replaced when it dies, closed at exit.

This module holds the one piece of state that a process has: which sidecar is its own.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from concurrent.futures import Future

from capsule._connection import Connection, RpcError
from capsule._errors import SidecarError, SidecarLost
from capsule._json import encode_plain
from capsule._process import SidecarProcess, find_command
from capsule._toolthreads import forget_threads
from capsule._version import __version__

__all__ = ["close", "connection", "connection_if_ready", "connection_soon"]

_PROTOCOL = "0.1"
_MAX_DEATHS = 3
_DEATHS_WITHIN_SECONDS = 10.0


class Client:
    """Owns at most one connection at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._starting: SidecarProcess | None = None
        self._closed = False
        self._soon: Future[Connection] | None = None
        self._soon_lock = threading.Lock()

    def connection_if_ready(self) -> Connection | None:
        """The connection, if that needs no waiting."""
        connection = self._connection
        return connection if connection is not None and connection.alive else None

    def connection(self) -> Connection:
        """The connection; starts a sidecar if none runs. Raises ``SidecarError`` if none can."""
        ready = self.connection_if_ready()
        if ready is not None:
            return ready
        with self._lock:
            ready = self.connection_if_ready()
            if ready is not None:
                return ready
            self._connection = self._start()
            return self._connection

    def _start(self) -> Connection:
        command = find_command()
        began = time.monotonic()
        deaths = 0
        while True:
            if self._closed:
                raise SidecarError("the interpreter is exiting: no sidecar is started any more")
            self._starting = SidecarProcess(command)
            try:
                connection = Connection(self._starting)
                _initialize(connection)
            except SidecarLost as lost:
                deaths += 1
                slow = time.monotonic() - began > _DEATHS_WITHIN_SECONDS
                if (deaths >= _MAX_DEATHS or slow) and not self._closed:
                    raise SidecarError(_obituary(self._starting, deaths, lost)) from None
            except BaseException:  # also KeyboardInterrupt: nobody else would end the process
                self._starting.kill()
                raise
            else:
                return connection
            finally:
                self._starting = None

    def connection_soon(self) -> Future[Connection]:
        """As ``connection``, without waiting for it. Nobody can cancel the future.

        The thread that waits is a daemon: a start can last long, and must not hold up the exit of
        an interpreter whose user has lost patience.
        """
        with self._soon_lock:
            if self._soon is not None and not self._soon.done():
                return self._soon
            soon: Future[Connection] = Future()
            soon.set_running_or_notify_cancel()

            def start() -> None:
                try:
                    soon.set_result(self.connection())
                except BaseException as error:  # noqa: BLE001 - it is for those who wait
                    soon.set_exception(error)

            threading.Thread(target=start, name="capsule-start", daemon=True).start()
            self._soon = soon
            return soon

    def close(self, *, for_good: bool = False) -> None:
        """End the sidecar; ``for_good``: and start no other."""
        self._closed = self._closed or for_good
        starting = self._starting
        if starting is not None:
            starting.kill()  # whoever waits for it holds the lock
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def disown(self) -> None:
        """Close what a forked child inherited."""
        if self._connection is not None:
            self._connection.disown()
        if self._starting is not None:
            self._starting.disown()


def _initialize(connection: Connection) -> None:
    # Without a time limit: a checkout's sidecar builds what is missing before it answers, and says
    # so on standard error.
    params = {
        "processId": os.getpid(),
        "clientInfo": {"name": "capsule-python", "version": __version__},
        "languages": ["python"],  # others are prepared when the first program in them is loaded
    }
    try:
        result = connection.request("initialize", encode_plain(params)).result()
    except RpcError as error:
        raise SidecarError(f"the sidecar refused to start: {error}") from None
    spoken = result.get("protocolVersion") if isinstance(result, dict) else None
    if spoken != _PROTOCOL:
        raise SidecarError(
            f"the sidecar speaks protocol {spoken}, this package {_PROTOCOL}; "
            f"install versions that belong together (started by {connection.process.command})"
        )


def _obituary(process: SidecarProcess, deaths: int, lost: SidecarLost) -> str:
    times = "once" if deaths == 1 else f"{deaths} times"
    words = process.last_words()
    said = f"\nIt said:\n{words}" if words else ""
    command = " ".join(process.command)
    return f"the sidecar `{command}` died {times} while starting; {lost}{said}"


_client = Client()


def connection() -> Connection:
    """As ``Client.connection``, of this process."""
    return _client.connection()


def connection_if_ready() -> Connection | None:
    """As ``Client.connection_if_ready``, of this process."""
    return _client.connection_if_ready()


def connection_soon() -> Future[Connection]:
    """As ``Client.connection_soon``, of this process."""
    return _client.connection_soon()


def close() -> None:
    """End this process's sidecar, if one runs, and the tasks in it; the next call starts another.

    Not needed at exit, where it is done anyway.
    """
    _client.close()


def _close_at_exit() -> None:
    _client.close(for_good=True)


def _after_fork() -> None:
    # A new one, because the old one's locks may be held by threads that the child does not have.
    global _client
    inherited, _client = _client, Client()
    forget_threads()
    inherited.disown()


atexit.register(_close_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
