"""Times a short task beside tasks that compute. Argument: the folder of the programs.

A request is a line of JSON: ``spinners`` that a client starts one by one, ``nested`` ones that one task starts, and
``calls`` of the short task, one after the other. The reply: ``each`` call's seconds, and ``cancelled``, the seconds
until the sidecar had answered that all spinners were stopped.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import importlib
import json
import os
import sys
import time
from typing import Any

from capsule import _client, _errors
from capsule._connection import RpcError

SETTLED = 0.5  # seconds until the spinners spin


def main() -> None:
    """Answers requests until standard input ends."""
    sys.path.insert(0, sys.argv[1])
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sys.stdout = sys.stderr
    program = importlib.import_module("fairness")
    for number in range(50):
        program.quick.call(number)
    for line in sys.stdin:
        print(json.dumps(measure(program, json.loads(line))), file=replies, flush=True)


def measure(program: Any, request: dict[str, int]) -> dict[str, Any]:  # noqa: ANN401 - a module
    """One request."""
    with concurrent.futures.ThreadPoolExecutor(64) as threads:
        spinning = [threads.submit(stopped, program.spin.call) for _ in range(request["spinners"])]
        if request["nested"]:
            spinning.append(threads.submit(stopped, program.spin_many.call, request["nested"]))
        if spinning:
            time.sleep(SETTLED)
        each = []
        for number in range(request["calls"]):
            began = time.perf_counter()
            if program.quick.call(number) != number + 1:
                raise ValueError("a wrong result")
            each.append(time.perf_counter() - began)
        began = time.perf_counter()
        cancelled = cancel_all()
        concurrent.futures.wait(spinning)
        return {"each": each, "cancelled": time.perf_counter() - began if cancelled else 0.0}


def stopped(call: Any, *args: int) -> None:  # noqa: ANN401 - a function
    """Runs a task that does not end by itself."""
    with contextlib.suppress(_errors.Cancelled, RpcError):
        call(*args)


def cancel_all() -> int:
    """Cancels what is in flight, as the protocol has it, so that the sidecar's answers are waited for."""
    connection = _client.connection()
    requests = list(connection._pending)  # noqa: SLF001 - the SDK's own way forgets a request that it cancels
    for number in requests:
        connection.notify("$/cancelRequest", json.dumps({"id": number}))
    return len(requests)


if __name__ == "__main__":
    main()
