"""Makes the AOT caches (JEP 514): runs both programs once on real work and lets the JVM write down what it loaded."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from builder.errors import BuildError
from builder.tool import run_tool, tail

if TYPE_CHECKING:
    from builder.jdk import Jdk
    from builder.layout import Layout

_MAIN_CLASSES = {"sidecar": "dev.capsule.sidecar.Main", "cli": "dev.capsule.repl.Main"}

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
    """Writes build/aot/sidecar.aot and build/aot/cli.aot. Raises BuildError if a training run fails."""
    layout.aot("cli").parent.mkdir(parents=True, exist_ok=True)
    for program in _MAIN_CLASSES:
        layout.aot(program).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="capsule-training-") as folder:
        program_file = Path(folder) / "main.py"
        program_file.write_text(_PROGRAM, encoding="utf-8")
        (Path(folder) / ".capsule").mkdir(mode=0o700)  # where the journal is then kept
        _train_sidecar(layout, jdk, program_file)
        _train_cli(layout, jdk, program_file)


def _environment(folder: Path) -> dict[str, str]:
    """Traces are kept, as by the command line, but not among the user's."""
    return {**os.environ, "XDG_DATA_HOME": str(folder / "data")}


def java_command(layout: Layout, jdk: Jdk, program: str, *flags: str) -> list[str]:
    """What the launcher runs for ``sidecar`` or ``cli``, but for the flags that name a cache."""
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
    if sidecar.returncode != 0 or not output.exists():
        raise BuildError(f"the sidecar's training run ended with status {sidecar.returncode}:\n{tail(log)}")
    os.replace(output, layout.aot("sidecar"))


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
    workflow = {"id": "training", "root": where["root"], "file": where["file"]}
    handle = client.request("openWorkflow", workflow)["result"]["workflow"]
    client.request("runTask", {"program": program, "task": "part", "args": [1], "workflow": handle})
    client.request("closeWorkflow", {"workflow": handle, "outcome": "finished", "result": None})
    client.request("loadProgram", {**where, "source": "def broken(:\n"})
    client.request("runTask", {"program": program, "options": {"ram": "none"}})
    client.request("shutdown", None)
    client.send({"jsonrpc": "2.0", "method": "exit"})
    sidecar.stdin.close()


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
    sidecar = java_command(layout, jdk, "sidecar", f"-XX:AOTCache={layout.aot('sidecar')}")
    training = [
        f"-XX:AOTCacheOutput={output}",
        "-Djdk.reflect.useNativeAccessorOnly=true",
        "-Dcapsule.sidecar=" + "\n".join(sidecar),
    ]
    command = java_command(layout, jdk, "cli", *training)
    run_tool(
        [*command, "run", program_file, "a", "--timeout", "30s", "--ram", "128MB"],
        log=layout.log("aot-cli"),
        cwd=layout.root,
        environment=_environment(program_file.parent),
    )
    os.replace(output, layout.aot("cli"))
