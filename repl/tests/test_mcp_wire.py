"""`capsule mcp` and clients that are broken, hostile, or gone."""

from __future__ import annotations

import json
import os
import random
import signal
from typing import TYPE_CHECKING, Any

import pytest

from conftest import TICK, descendants, eventually, is_running, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Server

PROGRAM = (
    """\
import os
from capsule import task

@task(name="loud")
def loud():
    print('{"jsonrpc":"2.0","id":1,"result":"forged"}')
    os.write(1, b"raw\\n")
    return "done"

@task(name="echo")
def echo(value):
    return value

"""
    + TICK
)


@pytest.fixture
def server(tmp_path: Path, start: Callable[..., Server]) -> Server:
    (tmp_path / "main.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "data").mkdir()
    return start("main.py")


def test_answers_with_a_revision_that_it_speaks(start: Callable[..., Server]) -> None:
    assert start().initialize("2024-11-05")["protocolVersion"] == "2024-11-05"
    assert start().initialize("1999-01-01")["protocolVersion"] == "2025-11-25"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", -32700),
        (b"nonsense", -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping"} {}', -32700),
        (b"{'jsonrpc':'2.0'}", -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":NaN}}', -32700),
        (b"\xff\xfe", -32600),
        (b"[]", -32600),
        (b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600),
        (b"7", -32600),
        (b"null", -32600),
        (b"{}", -32600),
        (b'{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":"' + b"x" * 300 + b'","method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":7}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":3}}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"no/such"}', -32601),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/call"}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":3}}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":[]}}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{}}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"resources/list","params":{"cursor":"x"}}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' + b"[" * 300 + b"]" * 300 + b"}", -32700),
    ],
)
def test_what_is_no_message_is_an_error_and_the_next_one_is_answered(server: Server, line: bytes, code: int) -> None:
    server.initialize()
    server.send_bytes(line)
    message = server.next_message()
    assert message is not None
    assert message["error"]["code"] == code, message
    assert "\tat " not in json.dumps(message)
    assert server.result("ping") == {}


def test_empty_lines_and_replies_that_nobody_asked_for_are_passed_over(server: Server) -> None:
    server.initialize()
    for line in (b"", b"\r", b'{"jsonrpc":"2.0","id":99,"result":{}}', b'{"jsonrpc":"2.0","method":"no/such"}'):
        server.send_bytes(line)
    assert server.result("ping") == {}


def test_only_ping_and_discovery_come_before_the_handshake(server: Server) -> None:
    assert server.result("ping") == {}
    assert "2026-07-28" in server.result("server/discover")["supportedVersions"]
    early = server.request("tools/list")
    assert early["error"]["code"] == -32600
    assert "initialize first" in early["error"]["message"]


def test_a_revision_without_handshake_says_all_in_each_request(server: Server) -> None:
    prefix = "io.modelcontextprotocol/"
    meta: dict[str, Any] = {prefix + "protocolVersion": "2026-07-28", prefix + "clientCapabilities": {}}
    result = server.result("tools/list", {"_meta": meta})
    assert result["resultType"] == "complete"
    assert result["cacheScope"] == "private"
    assert result["_meta"][prefix + "serverInfo"]["name"] == "capsule"

    other = server.request("tools/list", {"_meta": {**meta, prefix + "protocolVersion": "2030-01-01"}})
    assert other["error"]["code"] == -32022
    assert other["error"]["data"] == {"supported": ["2026-07-28"], "requested": "2030-01-01"}
    del meta[prefix + "clientCapabilities"]
    assert server.request("tools/list", {"_meta": meta})["error"]["code"] == -32602


def test_standard_output_is_the_protocols_alone(server: Server) -> None:
    server.initialize()
    result = server.call("loud")  # every line must be a message, see next_message
    assert result["structuredContent"]["result"] == "done"
    assert "forged" in result["structuredContent"]["stdout"]
    assert "raw" in result["structuredContent"]["stdout"]


def test_an_id_that_is_in_use_is_refused(server: Server) -> None:
    server.initialize()
    server.send("tools/call", {"name": "tick"}, id="same")
    server.send("tools/call", {"name": "tick"}, id="same")
    assert "still under way" in server.reply("same")["error"]["message"]


def test_a_cancelled_call_is_not_answered_and_its_task_stops(tmp_path: Path, server: Server) -> None:
    server.initialize()
    request = server.begin("tools/call", {"name": "tick", "_meta": {"progressToken": "t"}})
    server.wait_for_notification(lambda each: each["params"].get("message") == "begun")
    server.send("notifications/cancelled", {"requestId": request, "reason": "enough"})

    def stands_still() -> bool:
        before = (tmp_path / "data" / "ticks").stat().st_mtime_ns
        server.call("echo", value=1)
        return before == (tmp_path / "data" / "ticks").stat().st_mtime_ns

    eventually(stands_still, "the end of the task")
    assert server.leave() == 0
    while (message := server.next_message()) is not None:
        assert message.get("id") != request


def test_a_client_that_vanishes_in_the_middle_of_a_call_leaves_nothing(server: Server) -> None:
    server.initialize()
    server.begin("tools/call", {"name": "tick", "_meta": {"progressToken": 1}})
    server.wait_for_notification(lambda each: each["params"].get("message") == "begun")
    children = descendants(server.process.pid)
    assert children
    assert server.leave() == 0
    eventually(lambda: not any(map(is_running, children)), f"the end of {children}")


def test_a_killed_server_takes_its_sidecar_with_it(server: Server) -> None:
    server.initialize()
    server.call("echo", value=1)
    children = descendants(server.process.pid)
    assert children
    server.process.kill()
    eventually(lambda: not any(map(is_running, children)), f"the end of {children}")


def test_a_sidecar_that_dies_is_told_and_replaced(server: Server) -> None:
    server.initialize()
    request = server.begin("tools/call", {"name": "tick", "_meta": {"progressToken": 1}})
    server.wait_for_notification(lambda each: each["params"].get("message") == "begun")
    for pid in descendants(server.process.pid):
        os.kill(pid, signal.SIGKILL)
    lost = server.reply(request)["result"]
    assert lost["isError"] is True
    assert "worker_lost" in text_of(lost)
    assert server.call("echo", value=7)["structuredContent"]["result"] == 7


def test_a_message_that_is_too_large_is_refused_and_the_next_one_is_not(server: Server) -> None:
    server.initialize()
    server.send_bytes(b'{"jsonrpc":"2.0","id":5,"method":"ping","params":{"x":"' + b"x" * (33 * 1024 * 1024) + b'"}}')
    message = server.next_message()
    assert message is not None
    assert message["id"] is None
    assert message["error"]["code"] == -32600
    assert "33554432 bytes" in message["error"]["message"]
    assert server.result("ping") == {}


def test_large_arguments_pass_and_large_results_are_cut(server: Server) -> None:
    server.initialize()
    big = "ä" * 1_000_000
    result = server.call("echo", value=big)
    assert text_of(result).startswith("ä" * 1000)
    assert "900000 more characters" in text_of(result)
    assert len(text_of(result)) < 110_000


def test_numbers_keep_their_digits(server: Server) -> None:
    server.initialize()
    server.send_bytes(
        b'{"jsonrpc":"2.0","id":"n","method":"tools/call","params":'
        b'{"name":"echo","arguments":{"value":[12345678901234567890123,1e2]}}}'
    )
    assert text_of(server.reply("n")["result"]) == "[12345678901234567890123,100.0]"


def test_random_damage_never_ends_the_server(server: Server) -> None:
    server.initialize()
    chance = random.Random(7)  # noqa: S311 - the same damage every time
    whole = [
        b'{"jsonrpc":"2.0","id":"f","method":"tools/call","params":{"name":"echo","arguments":{"value":[1,{"a":"b"}]}}}',
        b'{"jsonrpc":"2.0","id":"f","method":"tools/list","params":{"_meta":{"progressToken":1}}}',
        b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"f"}}',
        b'{"jsonrpc":"2.0","id":"f","method":"resources/read","params":{"uri":"capsule:///data/x"}}',
        b'{"jsonrpc":"2.0","id":"f","method":"initialize","params":{"protocolVersion":"2025-06-18"}}',
    ]
    for _ in range(400):
        line = bytearray(chance.choice(whole))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(line))
            damage = chance.choice((b"", b'"', b"{", b"}", b"[", b",", b"\\", b"\xc3", b"0", b"null", b"\x00"))
            line[at : at + chance.randint(0, 3)] = damage
        server.send_bytes(bytes(line.replace(b"\n", b" ")))
    assert server.result("ping") == {}
    assert server.process.poll() is None
