"""A scripted peer for the tests of framing and teardown: it speaks the protocol and runs nothing.

What it does with a task follows from the task's name; see `ANSWERS`. Everything that concerns tasks
themselves is tested with the real sidecar.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fake_journal

if TYPE_CHECKING:
    from collections.abc import Callable

LOADED: set[str] = set()
ASKING: dict[str, Any] = {}
"""What `ask` waits for: the run's request, how many answers, and those that have come."""


def send(message: dict[str, Any]) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    send_raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))


def send_raw(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def receive() -> dict[str, Any] | None:
    length = 0
    while (line := sys.stdin.buffer.readline()) not in {b"\r\n", b""}:
        length = int(line.split(b":")[1])
    body = sys.stdin.buffer.read(length)
    return json.loads(body) if body else None


def note(text: str) -> None:
    """Leave a line for the test to read."""
    with Path(os.environ["FAKE_LOG"]).open("a", encoding="utf-8") as log:
        log.write(text + "\n")


def envelope(task: str, result: Any) -> dict[str, Any]:
    execution = {
        "task_name": task,
        "duration_ms": 1,
        "retries": 0,
        "fuel_consumed": 1,
        "ram_used": None,
        "host_requests": [],
        "limits": None,
        "run_id": "r",
        "trace_id": "t",
        "step_id": None,
        "replayed": False,
    }
    return {"success": True, "result": result, "error": None, "execution": execution}


def echo(request_id: int, params: dict[str, Any]) -> None:
    result = envelope("echo", params.get("args", []))
    if "workflow" in params:
        key = fake_journal.key_of("wf/echo", params)
        result["execution"].update(step_id=key, replayed=key in fake_journal.KNOWN)
        fake_journal.keep(key, {})
    send({"id": request_id, "result": result})


def die_once(request_id: int, _: dict[str, Any]) -> None:
    marker = Path(os.environ["FAKE_LOG"]).with_suffix(".died")
    if marker.exists():
        send({"id": request_id, "result": envelope("die_once", "survived")})
    else:
        marker.touch()
        os._exit(7)


def revoke(_: int, params: dict[str, Any]) -> None:
    reason = params["args"][0]
    told = {"workflow": "w1", "id": "wf", "reason": reason, "message": f"it was {reason}"}
    send({"method": "workflow/revoked", "params": told})


def forget(request_id: int, _: dict[str, Any]) -> None:
    LOADED.clear()
    send({"id": request_id, "result": envelope("forget", None)})


def option(request_id: int, _: dict[str, Any]) -> None:
    data = {"field": "options.ram", "value": "abc", "allowed": "a size", "where": "p.py:3"}
    error = {"code": -32602, "message": "options.ram: 'abc' is no size", "data": data}
    send({"id": request_id, "error": error})


def internal(request_id: int, _: dict[str, Any]) -> None:
    send({"id": request_id, "error": {"code": -32603, "message": "internal error"}})


def huge_integer(request_id: int, _: dict[str, Any]) -> None:
    body = b'{"jsonrpc":"2.0","id":%d,"result":%b}' % (request_id, b"9" * 5000)
    send_raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))


def hang(_: int, __: dict[str, Any]) -> None:
    note("hanging")


def deaf(_: int, __: dict[str, Any]) -> None:
    """Neither read any more nor end."""
    note("deaf")
    time.sleep(600)


def die(_: int, __: dict[str, Any]) -> None:
    os._exit(7)


def broken(data: bytes) -> Callable[[int, dict[str, Any]], None]:
    def answer(_: int, __: dict[str, Any]) -> None:
        send_raw(data)
        time.sleep(600)

    return answer


def truncated(_: int, __: dict[str, Any]) -> None:
    send_raw(b"Content-Length: 100\r\n\r\n{")
    os._exit(0)


def ask(request_id: int, params: dict[str, Any]) -> None:
    """Send the messages of the first argument; the result is as many answers as the second says.

    In them RUN stands for the run's id. The result begins with what came with the run.
    """
    messages, count = params["args"]
    ASKING.update(request=request_id, count=count, answers=[params])
    run = str(params.get("run"))
    for message in messages:
        send(json.loads(json.dumps(message).replace("RUN", run)))
    answered()


def answered(*answers: dict[str, Any]) -> None:
    ASKING["answers"] += answers
    if len(ASKING["answers"]) == ASKING["count"] + 1:
        send({"id": ASKING["request"], "result": envelope("ask", ASKING["answers"])})


ANSWERS = {
    "ask": ask,
    "echo": echo,
    "forget": forget,
    "option": option,
    "internal": internal,
    "huge_integer": huge_integer,
    "die_once": die_once,
    "revoke": revoke,
    "hang": hang,
    "deaf": deaf,
    "die": die,
    "truncated": truncated,
    "garbage": broken(b"this is not a header\r\n\r\n"),
    "too_long": broken(b"Content-Length: 99999999999\r\n\r\n"),
    "not_json": broken(b"Content-Length: 3\r\n\r\n{]}"),
}


def run_task(request_id: int, params: dict[str, Any]) -> None:
    if params["program"] in LOADED:
        ANSWERS[params["task"]](request_id, params)
    else:
        send({"id": request_id, "error": {"code": -32011, "message": "unknown program"}})


def initialize(request_id: int, mode: str) -> None:
    if mode == "die":
        sys.exit("fake: no engine found")
    if mode != "mute":
        version = "9.9" if mode == "future" else "0.1"
        send({"id": request_id, "result": {"protocolVersion": version}})


def load_program(request_id: int, params: dict[str, Any]) -> None:
    LOADED.add(params["module"])
    loaded = {"program": params["module"], "entry": None, "tasks": [], "env": ["A_SETTING"]}
    send({"id": request_id, "result": loaded})


def main() -> None:
    note(f"started {os.getpid()}")
    mode = sys.argv[1] if len(sys.argv) > 1 else ""
    while (message := receive()) is not None:
        note(str(message.get("method")))
        if message.get("method") == "exit":
            break
        serve(message, mode)


def serve(message: dict[str, Any], mode: str) -> None:
    method, request_id = message.get("method"), message.get("id", 0)
    params = message.get("params", {})
    if method is None:
        answered(message)
    elif method == "initialize":
        initialize(request_id, mode)
    elif method == "loadProgram":
        load_program(request_id, params)
    elif method == "runTask":
        run_task(request_id, params)
    elif method in fake_journal.METHODS:
        note(json.dumps(params))
        send({"id": request_id, "result": fake_journal.METHODS[method](params)})
    elif method == "workflow/replayed":
        note(json.dumps(params))
    elif method == "shutdown":
        if mode == "stubborn":
            time.sleep(600)
        send({"id": request_id, "result": None})
    elif method == "$/cancelRequest":
        error = {"code": -32800, "message": "cancelled"}
        send({"id": params["id"], "error": error})


with contextlib.suppress(KeyboardInterrupt):
    main()
