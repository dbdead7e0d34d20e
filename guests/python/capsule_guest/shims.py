"""What the sandbox cannot do, or does by other means than WASI: sleeping, threads, processes. Sockets: see sockets.py.

WASI's own sleep cannot be ended by a time limit, so the host sleeps. The others fail in ways that name something deep
in the interpreter; here they fail with an error that says what is not available and what to use instead.
"""

from __future__ import annotations

import _thread
import errno
import math
import time
from collections.abc import Callable
from typing import Any, NoReturn

from capsule_guest import polling, sockets, tls


def sleep(seconds: float, /) -> None:
    """`time.sleep`, by the host."""
    seconds = float(seconds)
    if math.isnan(seconds):
        raise ValueError("Invalid value NaN (not a number)")
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    from capsule_guest import host  # not before the snapshot's heap is tidy: see boot.prepare

    host.sleep(seconds)


def install_before_imports() -> None:
    """What modules of the standard library copy when they are imported."""
    setattr(time, "sleep", sleep)  # noqa: B010  (its declared type differs in what it calls the argument)
    sockets.install()
    polling.install()
    tls.install()
    for name in ("start_new_thread", "start_new", "start_joinable_thread"):
        if hasattr(_thread, name):
            setattr(_thread, name, _refuse_threads)


def install_after_imports() -> None:
    """What needs the standard library's own modules."""
    _replace_threads()
    _replace_processes()
    _replace_socket_pairs()


def _refuse_threads(*_: Any, **__: Any) -> NoReturn:
    raise RuntimeError(
        "can't start new thread: threads are not available inside the sandbox; "
        "use asyncio, or run tasks concurrently with their .map()"
    )


def refuse_processes(*_: Any, **__: Any) -> NoReturn:
    """Raises the error for everything that would start a process."""
    raise OSError(errno.ENOTSUP, "processes are not available inside the sandbox")


def _refuse_signals(*_: Any, **__: Any) -> NoReturn:
    raise OSError(errno.ENOTSUP, "timers and signals are not available inside the sandbox")


def _replace_threads() -> None:
    import concurrent.futures as futures
    import concurrent.futures.thread as pool
    import threading

    from capsule_guest import locks

    def start(self: threading.Thread) -> None:
        _refuse_threads()

    def submit(self: Any, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> futures.Future[Any]:
        """Runs the function now, in the caller's thread; the future is done when it comes back."""
        if self._shutdown:
            raise RuntimeError("cannot schedule new futures after shutdown")
        if not hasattr(self, "_is_initialized"):
            self._is_initialized = True
            self._create_worker_context().initialize()
        future: futures.Future[Any] = futures.Future()
        future.set_running_or_notify_cancel()
        try:
            result = fn(*args, **kwargs)
        except Exception as error:
            future.set_exception(error)
        else:
            future.set_result(result)
        return future

    threading.Thread.start = start  # type: ignore[method-assign]
    locks.install()
    pool.ThreadPoolExecutor.submit = submit  # type: ignore[method-assign]


def _replace_processes() -> None:
    import concurrent.futures.process as pool
    import multiprocessing
    import os
    import signal
    import subprocess
    from multiprocessing import context, process

    def popen(self: Any, *_: Any, **__: Any) -> None:
        refuse_processes()

    subprocess.Popen.__init__ = popen  # type: ignore[method-assign]
    setattr(subprocess.Popen, "__del__", lambda self: None)  # noqa: B010
    names = ("fork", "forkpty", "system", "popen", "execv", "execve", "posix_spawn", "posix_spawnp")
    for name in names:
        setattr(os, name, refuse_processes)
    process.BaseProcess.start = refuse_processes  # type: ignore[method-assign]
    for name in ("Pool", "Manager", "Pipe", "Queue", "SimpleQueue", "JoinableQueue"):
        setattr(context.BaseContext, name, refuse_processes)
        setattr(multiprocessing, name, refuse_processes)
    pool.ProcessPoolExecutor.__init__ = refuse_processes  # type: ignore[method-assign]
    for name in ("alarm", "setitimer", "pause", "raise_signal"):
        setattr(signal, name, _refuse_signals)


def _replace_socket_pairs() -> None:
    import socket

    socket.socketpair = socket.create_server = socket.fromfd = sockets.refuse
