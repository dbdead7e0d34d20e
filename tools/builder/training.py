"""Makes the AOT caches (JEP 514): runs both programs once on real work and lets the JVM write down what it loaded."""

from __future__ import annotations

import json
import os
import select
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from builder.errors import BuildError
from builder.tool import run_tool, tail

if TYPE_CHECKING:
    from builder.jdk import Jdk
    from builder.layout import Layout

_COMMAND_LINE = "dev.capsule.repl.Main"
_MAIN_CLASSES = {
    "sidecar": "dev.capsule.sidecar.Main",
    "cli": _COMMAND_LINE,
    "mcp": _COMMAND_LINE,
    "repl": _COMMAND_LINE,
}

PROGRAMS = tuple(_MAIN_CLASSES)
_PATIENCE = 30.0  # seconds
_STEPS = 1_000

# What an MCP client sends: it looks around, and runs some code.
_MCP_REQUESTS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "initialize",
        {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "build", "version": "0"}},
    ),
    ("tools/list", {}),
    ("resources/list", {}),
    ("tools/call", {"name": "main", "arguments": {"words": ["a"]}, "_meta": {"progressToken": 1}}),
    ("tools/call", {"name": "fails", "arguments": {}}),
    ("tools/call", {"name": "run_python", "arguments": {"code": "print(1)\n[1 + 1]"}}),
)

# Prints, fails, calls another task and is called with arguments: what most programs do.
_PROGRAM = """\
from capsule import task

@task(name="part", compute="LOW", ram="64MB", timeout="10s")
def part(n: int) -> int:
    return n * n

@task(name="main", max_retries=1)
def main(*words: str) -> dict:
    print("training", *words)
    return {"words": list(words), "part": part(7)}

@task(name="fails")
def fails() -> None:
    raise ValueError("on purpose")
"""


def train(layout: Layout, jdk: Jdk) -> None:
    """Writes a cache for each program to build/aot. Raises BuildError if a training run fails."""
    layout.aot("cli").parent.mkdir(parents=True, exist_ok=True)
    for program in _MAIN_CLASSES:
        layout.aot(program).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="capsule-training-") as folder:
        program_file = Path(folder) / "main.py"
        program_file.write_text(_PROGRAM, encoding="utf-8")
        (Path(folder) / ".capsule").mkdir(mode=0o700)  # where the journal is then kept
        _train_sidecar(layout, jdk, program_file)
        _train_cli(layout, jdk, program_file)
        _train_mcp(layout, jdk, program_file)
        _train_repl(layout, jdk, Path(folder))


def _environment(folder: Path) -> dict[str, str]:
    """Traces are kept, as by the command line, but not among the user's."""
    return {**os.environ, "XDG_DATA_HOME": str(folder / "data")}


def java_command(layout: Layout, jdk: Jdk, program: str, *flags: str) -> list[str]:
    """What the launcher runs for ``sidecar``, ``cli``, ``mcp`` or ``repl``, but for the flags that name a cache."""
    common = [f"@{layout.jvm_options}", *flags, f"-Dcapsule.home={layout.build}"]
    return [str(jdk.java), *common, "-cp", str(layout.jar), _MAIN_CLASSES[program]]


def _train_sidecar(layout: Layout, jdk: Jdk, program_file: Path) -> None:
    output = layout.aot("sidecar").with_suffix(".new")
    log = layout.log("aot-sidecar")
    log.parent.mkdir(parents=True, exist_ok=True)
    command = java_command(layout, jdk, "sidecar", f"-XX:AOTCacheOutput={output}", "-Dcapsule.training=true")
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_environment(program_file.parent),
        ) as sidecar,
    ):
        try:
            _exercise(sidecar, program_file)
        except (OSError, EOFError, ValueError, KeyError) as error:
            sidecar.kill()
            sidecar.wait()
            raise BuildError(f"the sidecar's training run failed: {error!r}\n{tail(log)}") from error
    _keep(output, layout.aot("sidecar"), "the sidecar's training run", sidecar.returncode, log)


def _keep(output: Path, cache: Path, run: str, status: int, log: Path) -> None:
    """Puts the cache that a training run has made into its place. Raises BuildError if it has made none."""
    if status != 0 or not output.exists():
        raise BuildError(f"{run} ended with status {status}:\n{tail(log)}")
    os.replace(output, cache)


def _exercise(sidecar: subprocess.Popen[bytes], program_file: Path) -> None:
    assert sidecar.stdin is not None
    assert sidecar.stdout is not None
    client = _Client(sidecar.stdin, sidecar.stdout)
    about = {"processId": os.getpid(), "clientInfo": {"name": "build", "version": "0"}}
    client.request("initialize", {**about, "trace": {"store": True}})
    where = {"language": "python", "root": str(program_file.parent), "module": "main", "file": str(program_file)}
    program = client.request("loadProgram", where)["result"]["program"]
    options = {"ram": "128MB", "timeout": "30s", "compute": "HIGH"}
    for task, arguments in (("main", ["a", "b"]), ("fails", []), ("main", []), ("unknown", [])):
        params = {"program": program, "task": task, "args": arguments, "options": options}
        client.request("runTask", {**params, "events": ["output", "lifecycle"]})
    _exercise_journal(client, program, {"id": "training", "root": where["root"], "file": where["file"]})
    client.request("loadProgram", {**where, "source": "def broken(:\n"})
    client.request("runTask", {"program": program, "options": {"ram": "none"}})
    client.request("shutdown", None)
    client.send({"jsonrpc": "2.0", "method": "exit"})
    sidecar.stdin.close()


def _exercise_journal(client: _Client, program: str, workflow: dict[str, Any]) -> None:
    """Goes on with a workflow of many steps: what is done for each of them is then known as worth compiling."""
    handle = client.request("openWorkflow", workflow)["result"]["workflow"]
    for number in range(_STEPS):
        client.request("runTask", {"program": program, "task": "part", "args": [number], "workflow": handle})
    client.request("closeWorkflow", {"workflow": handle, "outcome": "released"})
    for outcome in ("released", "released", "finished"):
        handle = client.request("openWorkflow", workflow)["result"]["workflow"]
        page = client.request("replaySteps", {"workflow": handle, "after": None})["result"]
        keys = [step["key"] for step in page["steps"]]
        client.notify("workflow/replayed", {"workflow": handle, "steps": keys})
        client.request("runTask", {"program": program, "task": "part", "args": [outcome], "workflow": handle})
        end = {"workflow": handle, "outcome": outcome}
        client.request("closeWorkflow", {**end, "result": None} if outcome == "finished" else end)


class _Client:
    """As much of docs/protocol.md as a training run needs."""

    def __init__(self, to_sidecar: IO[bytes], from_sidecar: IO[bytes]) -> None:
        self._to_sidecar = to_sidecar
        self._from_sidecar = from_sidecar
        self._last_id = 0

    def request(self, method: str, params: dict[str, Any] | None) -> dict[str, Any]:
        """Sends a request and returns its reply, a result or an error; skips notifications."""
        self._last_id += 1
        message = {"jsonrpc": "2.0", "id": self._last_id, "method": method}
        self.send(message if params is None else {**message, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._last_id:
                return message

    def notify(self, method: str, params: dict[str, Any]) -> None:
        """Sends what has no reply."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def send(self, message: dict[str, Any]) -> None:
        """Writes one message."""
        body = json.dumps(message).encode()
        self._to_sidecar.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._to_sidecar.flush()

    def _receive(self) -> dict[str, Any]:
        length = 0
        while line := self._from_sidecar.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise EOFError("the sidecar ended its output")
        message: dict[str, Any] = json.loads(self._from_sidecar.read(length))
        return message


def _train_cli(layout: Layout, jdk: Jdk, program_file: Path) -> None:
    output = layout.aot("cli").with_suffix(".new")
    run_tool(
        [*_command_line(layout, jdk, "cli", output), "run", program_file, "a", "--timeout", "30s", "--ram", "128MB"],
        log=layout.log("aot-cli"),
        cwd=layout.root,
        environment=_environment(program_file.parent),
    )
    os.replace(output, layout.aot("cli"))


def _train_mcp(layout: Layout, jdk: Jdk, program_file: Path) -> None:
    output = layout.aot("mcp").with_suffix(".new")
    log = layout.log("aot-mcp")
    command = [
        *_command_line(layout, jdk, "mcp", output),
        "mcp",
        str(program_file),
        "--mount",
        f"{program_file.parent}:ro",
    ]
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors) as server,
    ):
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            for number, (method, params) in enumerate(_MCP_REQUESTS):
                message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
                server.stdin.write(json.dumps(message).encode() + b"\n")
                server.stdin.flush()
                while json.loads(server.stdout.readline()).get("id") != number:
                    pass
            server.stdin.close()
        except (OSError, ValueError) as error:
            server.kill()
            server.wait()
            raise BuildError(f"the training run of `capsule mcp` failed: {error!r}\n{tail(log)}") from error
    _keep(output, layout.aot("mcp"), "the training run of `capsule mcp`", server.returncode, log)


def _train_repl(layout: Layout, jdk: Jdk, folder: Path) -> None:
    """Types a few cells at a pseudo-terminal; where there is none, the shell only starts more slowly."""
    try:
        import pty  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    output = layout.aot("repl").with_suffix(".new")
    log = layout.log("aot-repl")
    command = [*_command_line(layout, jdk, "repl", output), "repl"]
    terminal, other = pty.openpty()
    state = {"XDG_STATE_HOME": str(folder), "TERM": "xterm-256color"}
    try:
        with (
            log.open("wb") as errors,
            subprocess.Popen(
                command,
                stdin=other,
                stdout=other,
                stderr=errors,
                cwd=folder,
                env={**os.environ, **state},
                start_new_session=True,
            ) as shell,
        ):
            try:
                for keys in (b"x = {'a': 1}\r", b"x.ite\t()\r", b"def f():\rreturn 1\r\r", b":limits\r"):
                    _await(terminal, b"py> ")
                    os.write(terminal, keys)
                _await(terminal, b"py> ")
                os.write(terminal, b"\x04")
                shell.wait(_PATIENCE)
            except (OSError, ValueError, subprocess.TimeoutExpired) as error:
                shell.kill()
                raise BuildError(f"the training run of `capsule repl` failed: {error!r}\n{tail(log)}") from error
    finally:
        os.close(terminal)
        os.close(other)
    _keep(output, layout.aot("repl"), "the training run of `capsule repl`", shell.returncode, log)


def _await(terminal: int, answer: bytes) -> None:
    """Reads what a terminal shows until an answer is there."""
    shown = b""
    deadline = time.monotonic() + _PATIENCE
    while answer not in shown:
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise ValueError(f"no {answer!r} in {shown!r}")
        shown += os.read(terminal, 4096)


def _command_line(layout: Layout, jdk: Jdk, program: str, output: Path) -> list[str]:
    sidecar = java_command(layout, jdk, "sidecar", f"-XX:AOTCache={layout.aot('sidecar')}")
    training = [
        f"-XX:AOTCacheOutput={output}",
        "-Djdk.reflect.useNativeAccessorOnly=true",
        "-Dcapsule.terminals=inout",
        "-Dcapsule.sidecar=" + "\n".join(sidecar),
    ]
    return java_command(layout, jdk, program, *training)
