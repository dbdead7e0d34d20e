"""The sidecar's process: how its command is found, how it is started and how it is ended."""

from __future__ import annotations

import codecs
import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from capsule._errors import SidecarError
from capsule._output import forward

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["SidecarProcess", "find_command"]

_READ_BYTES = 64 * 1024
_TAIL_CHARACTERS = 4000


def find_command(environ: Mapping[str, str] = os.environ, here: Path = Path(__file__)) -> list[str]:
    """The command line that starts a sidecar.

    In this order: the setting CAPSULE_SIDECAR (a command line), the checkout that this package
    lies in, an installed ``capsule``. Raises ``SidecarError`` if there is none.
    """
    setting = environ.get("CAPSULE_SIDECAR", "").strip()
    if setting:
        try:
            return shlex.split(setting, posix=os.name == "posix")
        except ValueError as error:
            raise SidecarError(f"CAPSULE_SIDECAR is not a command line: {error}") from None
    source = here.resolve().parent.parent  # …/sdk-python/src
    launcher = source.parent.parent / "capsule"
    if (source.parent.name, source.name) == ("sdk-python", "src") and launcher.is_file():
        return [str(launcher), "sidecar"]
    installed = shutil.which("capsule", path=environ.get("PATH"))
    if installed:
        return [installed, "sidecar"]
    raise SidecarError(
        "no Capsule sidecar found: put `capsule` on the PATH, or set CAPSULE_SIDECAR to the "
        "command line that starts it, such as CAPSULE_SIDECAR='/opt/capsule/capsule sidecar'"
    )


class SidecarProcess:
    """A running sidecar and its three streams.

    It gets a session of its own, so that Ctrl-C in the terminal reaches only the host, which then
    cancels what it was waiting for.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self.command = list(command)
        self._tail = ""
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own setting
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise SidecarError(
                f"cannot start the sidecar `{shlex.join(self.command)}`: {error.strerror or error}"
            ) from error
        self.pid = self._process.pid
        self._stdin = _open(self._process.stdin)
        self._stdout = _open(self._process.stdout)
        self._stderr = _open(self._process.stderr)
        # Passed on by a thread and not inherited, so that whoever waits for the end of the host's
        # standard error does not wait for the sidecar, and so that its last words can be quoted.
        self._log = threading.Thread(target=self._pump, name="capsule-log", daemon=True)
        self._log.start()

    def read(self) -> bytes:
        """What it has written to standard output, at least one byte; empty at the end."""
        return os.read(self._stdout.fileno(), _READ_BYTES)

    def write(self, data: bytes) -> None:
        """Write all of the data to its standard input. Raises ``OSError`` if it is gone."""
        descriptor = self._stdin.fileno()
        sent = os.write(descriptor, data)
        if sent < len(data):
            rest = memoryview(data)[sent:]
            while rest:
                rest = rest[os.write(descriptor, rest) :]

    def close_stdin(self) -> None:
        """Tell it that nothing more will come."""
        self._stdin.close()

    def close(self) -> None:
        """Close its standard output."""
        self._stdout.close()

    def _pump(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with self._stderr, contextlib.suppress(OSError, ValueError):
            while data := os.read(self._stderr.fileno(), _READ_BYTES):
                text = decoder.decode(data)
                self._tail = (self._tail + text)[-_TAIL_CHARACTERS:]
                forward("stderr", text)

    def last_words(self, seconds: float = 1.0) -> str:
        """The end of what it wrote to standard error; waits until that stream has ended."""
        self._log.join(seconds)
        return self._tail.rstrip()

    def kill(self) -> None:
        """End it at once, with all that it has started itself."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if hasattr(os, "killpg"):
                    # Its own group (a new session), hence no one else's processes. Not yet waited
                    # for, hence the number is still its own.
                    os.killpg(self.pid, signal.SIGKILL)
                else:
                    self._process.kill()

    def wait(self, seconds: float) -> int | None:
        """Its exit status, or None if it still runs after so many seconds."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def disown(self) -> None:
        """Forget it, in a forked child: it belongs to the parent."""
        for stream in (self._stdin, self._stdout, self._stderr):
            stream.close()
        self._process.returncode = 0  # so that nobody waits for another process's child


def _open(stream: IO[Any] | None) -> IO[Any]:
    if stream is None:
        raise TypeError("a stream of Popen that was asked for is not there")
    return stream
