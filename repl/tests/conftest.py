"""What the tests of both rooms need: programs, processes, deadlines."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LAUNCHER = Path(__file__).parent.parent.parent / "capsule"
DEADLINE = 120.0

# A task that says that it has begun, and writes to a file until it is stopped.
TICK = """\
@task(name="tick", allowed_files=["./data"], compute="HIGH")
def tick():
    n = 0
    while True:
        n += 1
        with open("data/ticks", "w") as file:
            file.write(str(n))
        if n == 1:
            print("begun", flush=True)
"""

# What a shell without job control starts in the background ignores Ctrl-C, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what is written out of the user's own folders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait until the condition holds; fail the test if it does not in time."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"not within {DEADLINE} s: {what}"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """Whether the process exists and is not a zombie that only waits to be collected."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in {"Z", "X"}


def descendants(pid: int) -> list[int]:
    """All processes that it has started, directly or not."""
    found: list[int] = []
    parents = [pid]
    while parents:
        listed = Path(f"/proc/{parents.pop()}/task").glob("*/children")
        children = [int(each) for file in listed for each in file.read_text("ascii").split()]
        found += children
        parents += children
    return found


class Server:
    """`capsule mcp` as a client sees it that sends what it likes, line by line."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [LAUNCHER, "mcp", *arguments],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "TERM": "dumb"},
        )
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._last_id = 0
        self.notifications: list[dict[str, Any]] = []
        self._replies: dict[Any, dict[str, Any]] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def send_bytes(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def send(self, method: str, params: dict[str, Any] | None = None, **more: Any) -> None:
        message = {"jsonrpc": "2.0", "method": method, **more}
        if params is not None:
            message["params"] = params
        self.send_bytes(json.dumps(message).encode())

    def begin(self, method: str, params: dict[str, Any] | None = None) -> int:
        self._last_id += 1
        self.send(method, params, id=self._last_id)
        return self._last_id

    def next_message(self) -> dict[str, Any] | None:
        """The next line, which must be a message; None at the end."""
        line = self._lines.get(timeout=DEADLINE)
        if line is None:
            return None
        message = json.loads(line)
        assert isinstance(message, dict), line
        assert message["jsonrpc"] == "2.0", line
        return message

    def reply(self, request: Any) -> dict[str, Any]:
        """The answer to a request."""
        while request not in self._replies:
            message = self.next_message()
            assert message is not None, "the server ended"
            if "method" in message:
                self.notifications.append(message)
            else:
                self._replies[message["id"]] = message
        return self._replies.pop(request)

    def request(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        return self.reply(self.begin(method, params))

    def result(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        reply = self.request(method, params)
        assert "result" in reply, reply
        result: dict[str, Any] = reply["result"]
        return result

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        return self.result("tools/call", {"name": tool, "arguments": arguments})

    def wait_for_notification(self, condition: Callable[[dict[str, Any]], bool]) -> None:
        while not any(condition(each) for each in self.notifications):
            message = self.next_message()
            assert message is not None, "the server ended"
            if "method" in message:
                self.notifications.append(message)
            else:
                self._replies[message["id"]] = message

    def initialize(self, version: str = "2025-06-18") -> dict[str, Any]:
        client = {"name": "test", "version": "1"}
        result = self.result("initialize", {"protocolVersion": version, "capabilities": {}, "clientInfo": client})
        self.send("notifications/initialized")
        return result

    def leave(self) -> int:
        """Close its input and wait for its end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(DEADLINE)

    def close(self) -> None:
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
        try:
            self.leave()
        except (OSError, subprocess.TimeoutExpired):
            for pid in descendants(self.process.pid):
                os.kill(pid, signal.SIGKILL)
            self.process.kill()
            self.process.wait()
        self._reader.join(DEADLINE)
        assert self.process.stdout is not None
        self.process.stdout.close()


class HttpServer:
    """`capsule mcp --http`, with what it says of itself."""

    def __init__(self, folder: Path, *arguments: str, token: str | None = None) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "CAPSULE_MCP_TOKEN"}
        if token is not None:
            environment["CAPSULE_MCP_TOKEN"] = token
        self.process = subprocess.Popen(
            [LAUNCHER, "mcp", "--http", *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
        )
        assert self.process.stderr is not None
        found = re.fullmatch(
            r"capsule: serving MCP at (http://127\.0\.0\.1:(\d+)/mcp)\n", self.process.stderr.readline()
        )
        assert found is not None
        self.url = found[1]
        self.port = int(found[2])
        self.where = self.process.stderr.readline().removeprefix("  Its token is ").strip()
        self.token = token or Path(self.where.removeprefix("in ")).read_text(encoding="ascii").strip()

    def interrupt(self) -> int:
        """Press Ctrl-C and wait for its end."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(DEADLINE)

    def close(self) -> None:
        children = descendants(self.process.pid)
        try:
            if self.process.poll() is None:
                self.interrupt()
        except subprocess.TimeoutExpired:
            for pid in [self.process.pid, *children]:
                os.kill(pid, signal.SIGKILL)
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers in the test's folder."""
    started: list[Server] = []

    def new(*arguments: str) -> Server:
        started.append(Server(tmp_path, *arguments))
        return started[-1]

    yield new
    for server in started:
        server.close()


def text_of(result: dict[str, Any]) -> str:
    """All texts of a tool's result."""
    return "\n".join(block["text"] for block in result["content"] if block["type"] == "text")
