"""`capsule mcp --http` and those who should not get in, or send what is none."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import select
import socket
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import DEADLINE, LAUNCHER, TICK, HttpServer, descendants, eventually, is_running

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = "from capsule import task\n\n" + TICK
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
PREFIX = "io.modelcontextprotocol/"
META = {PREFIX + "protocolVersion": "2026-07-28", PREFIX + "clientCapabilities": {}}
MEMBERS = {"tools/call": "name", "resources/read": "uri"}


class Attacker:
    """Sends what it likes."""

    def __init__(self, server: HttpServer) -> None:
        self.server = server
        self.headers = {
            "Authorization": f"Bearer {server.token}",
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
        }

    def ask(
        self, body: Any = None, *, method: str = "POST", path: str = "/mcp", **headers: str | None
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """Send a request; a header that is None is left out. Return status, headers and body."""
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        merged = {name: value for name, value in {**self.headers, **changed}.items() if value is not None}
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=DEADLINE)
        try:
            connection.request(method, path, content, merged)
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode()
        finally:
            connection.close()

    def status(self, body: Any = None, **more: Any) -> int:
        return self.ask(body, **more)[0]

    def initialize(self) -> str:
        """Shake hands, and return the session's id."""
        status, headers, _ = self.ask(message("initialize", HELLO))
        assert status == 200
        session = headers["Mcp-Session-Id"]
        assert session is not None
        return session

    def result(self, session: str, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer within a session, whether it is JSON or the end of a stream."""
        status, headers, text = self.ask(message(method, params or {}), Mcp_Session_Id=session)
        assert status == 200, text
        if headers["Content-Type"] == "text/event-stream":
            text = re.findall(r"^data: (.*)$", text, re.MULTILINE)[-1]
        result: dict[str, Any] = json.loads(text)["result"]
        return result

    def is_served(self) -> bool:
        return self.status(message("initialize", HELLO)) == 200


def message(method: str, params: Any = None, number: Any = 1) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params or {}}


def alone(method: str, **params: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """A request that says all of itself, and its headers."""
    headers = {"MCP_Protocol_Version": "2026-07-28", "Mcp_Method": method}
    if method in MEMBERS:
        headers["Mcp_Name"] = params[MEMBERS[method]]
    return message(method, {**params, "_meta": META}), headers


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("http")
    (folder / "main.py").write_text(PROGRAM, encoding="utf-8")
    (folder / "data").mkdir()
    return folder


@pytest.fixture(scope="module")
def attacker(folder: Path) -> Iterator[Attacker]:
    server = HttpServer(folder, "main.py")
    yield Attacker(server)
    server.close()


def test_the_token_is_kept_for_its_user_and_goes_with_the_server(folder: Path) -> None:
    server = HttpServer(folder, "main.py")
    try:
        file = Path(server.where.removeprefix("in "))
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert re.fullmatch(r"[\w-]{43}", server.token)
        children = descendants(server.process.pid)
        assert children
        assert Attacker(server).is_served()
        assert server.interrupt() == 130
        eventually(lambda: not any(map(is_running, children)), f"the end of {children}")
        assert not file.exists()
        with pytest.raises(ConnectionRefusedError):
            Attacker(server).is_served()
        assert server.process.stdout is not None
        assert server.process.stdout.read() == ""
    finally:
        server.close()


def test_a_token_may_be_given_and_no_program_sees_it(folder: Path) -> None:
    server = HttpServer(folder, token="t" * 32)
    try:
        assert server.where == "that of CAPSULE_MCP_TOKEN"
        assert Attacker(server).is_served()
        for pid in descendants(server.process.pid):
            assert b"CAPSULE_MCP_TOKEN" not in Path(f"/proc/{pid}/environ").read_bytes()
    finally:
        server.close()


@pytest.mark.parametrize("token", ["", "short", "x" * 31, "x" * 31 + "\n", "ä" * 40, "x" * 600, "with space " * 5])
def test_a_token_that_is_none_is_refused(folder: Path, token: str) -> None:
    ended = subprocess.run(
        [LAUNCHER, "mcp", "--http"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CAPSULE_MCP_TOKEN": token},
        timeout=DEADLINE,
    )
    assert ended.returncode == 2
    assert "CAPSULE_MCP_TOKEN must have 32 to 512" in ended.stderr
    assert token == "" or token not in ended.stderr


@pytest.mark.parametrize("port", ["x", "-1", "65536", "", "80.5"])
def test_a_port_that_is_none_is_refused(folder: Path, port: str) -> None:
    command = [str(LAUNCHER), "mcp", f"--http={port}"]
    ended = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=DEADLINE
    )
    assert ended.returncode == 2, ended.stderr


def test_a_port_that_is_taken_is_told(attacker: Attacker, folder: Path) -> None:
    command = [str(LAUNCHER), "mcp", f"--http={attacker.server.port}"]
    ended = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=DEADLINE
    )
    assert ended.returncode == 3
    assert f"cannot listen on port {attacker.server.port}" in ended.stderr


def test_it_listens_on_this_machine_alone(attacker: Attacker) -> None:
    listening = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    port = f":{attacker.server.port:04X}"
    addresses = {each[1] for each in listening if each[1].endswith(port) and each[3] == "0A"}
    assert addresses == set() or addresses == {"0100007F" + port}
    for line in Path("/proc/net/tcp6").read_text("ascii").splitlines()[1:]:
        local, state = line.split()[1], line.split()[3]
        if local.endswith(port) and state == "0A":
            assert local.startswith("0000000000000000FFFF00000100007F"), local


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE", "OPTIONS", "PUT", "HEAD", "TRACE"])
@pytest.mark.parametrize(
    "given",
    [None, "", "Bearer", "Bearer ", "Bearer x", "Basic dTpw", "TOKEN", "Bearer TOKENx", "Bearer TOKE", "Bearer  TOKEN"],
)
def test_without_the_token_nobody_gets_anything(attacker: Attacker, method: str, given: str | None) -> None:
    token = attacker.server.token
    header = given and given.replace("TOKEN", token).replace("TOKE", token[:-1])
    status, headers, text = attacker.ask(message("initialize", HELLO), method=method, Authorization=header)
    assert status == 401
    assert headers["WWW-Authenticate"] == "Bearer"
    assert "Mcp-Session-Id" not in headers
    assert "capsule" not in text


@pytest.mark.parametrize(
    "origin",
    [
        *(
            "https://evil.example",
            "null",
            "http://127.0.0.1",
            "http://127.0.0.1:1",
            "https://127.0.0.1:PORT",
            "file://",
        ),
        *("http://localhost:PORT.evil.example", "http://127.0.0.1:PORT/", "HTTP://LOCALHOST:PORT", ""),
    ],
)
def test_web_pages_are_refused(attacker: Attacker, origin: str) -> None:
    given = origin.replace("PORT", str(attacker.server.port))
    status, headers, _ = attacker.ask(message("initialize", HELLO), Origin=given)
    assert status == 403
    assert not [name for name in headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:PORT",
        "127.0.0.1",
        "localhost:1",
        "[::1]:PORT",
        "127.0.0.1.:PORT",
        "",
        "a@localhost:PORT",
    ],
)
def test_other_names_of_this_machine_are_refused(attacker: Attacker, host: str) -> None:
    given = host.replace("PORT", str(attacker.server.port))
    assert attacker.status(message("initialize", HELLO), Host=given) == 403


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_its_own_names_are_served(attacker: Attacker, name: str) -> None:
    own = f"{name}:{attacker.server.port}"
    assert attacker.status(message("initialize", HELLO), Host=own, Origin=f"http://{own}") == 200


def raw(attacker: Attacker, request: bytes) -> bytes:
    """What comes back for these bytes, until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", attacker.server.port), timeout=DEADLINE) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
        return received


@pytest.mark.parametrize("twice", ["Host: evil.example", "Authorization: Bearer x", "Origin: http://evil.example"])
def test_a_second_header_does_not_slip_past(attacker: Attacker, twice: str) -> None:
    body = json.dumps(message("initialize", HELLO)).encode()
    own = {"Host": f"127.0.0.1:{attacker.server.port}", **attacker.headers, "Content-Length": str(len(body))}
    for lines in ([twice], []):
        head = [f"{name}: {value}" for name, value in own.items()]
        request = "\r\n".join(["POST /mcp HTTP/1.1", *head, *lines, "Connection: close", "", ""]).encode() + body
        status = raw(attacker, request).split(b" ")[1]
        assert (status == b"200") == (not lines), status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": None}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({"Accept": None}, 406),
        ({"Accept": "application/json"}, 406),
        ({"Accept": "text/event-stream"}, 406),
        ({"Transfer_Encoding": "chunked"}, 411),
        ({"Content_Length": str(33 * 1024 * 1024)}, 413),
        ({"Content_Length": "99999999999"}, 413),
        ({"MCP_Protocol_Version": "1999-01-01"}, 400),
    ],
)
def test_what_is_no_message_by_its_headers_is_refused(attacker: Attacker, headers: Any, status: int) -> None:
    assert attacker.status(message("initialize", HELLO), **headers) == status


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"\xff\xfe", -32600),
        (b"[]", -32600),
        (b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600),
        (b"7", -32600),
        (b'{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' + b"[" * 300 + b"]" * 300 + b"}", -32700),
    ],
)
def test_what_is_no_message_by_its_text_is_refused(attacker: Attacker, body: bytes, code: int) -> None:
    status, _, text = attacker.ask(body)
    assert status == 400
    assert json.loads(text)["error"]["code"] == code


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/mcp", 405),
        ("PUT", "/mcp", 405),
        ("OPTIONS", "/mcp", 405),
        ("POST", "/", 404),
        ("POST", "/mcp/x", 404),
        ("POST", "/mcp?x", 404),
        ("POST", "/mcpx", 404),
        ("POST", "//mcp", 404),
    ],
)
def test_there_is_one_place_and_two_methods(attacker: Attacker, method: str, path: str, status: int) -> None:
    assert attacker.status(message("initialize", HELLO), method=method, path=path) == status


def test_a_session_is_needed_and_nobody_gets_at_anothers(attacker: Attacker) -> None:
    assert attacker.status(message("tools/list")) == 400
    assert attacker.status(message("tools/list"), Mcp_Session_Id="x" * 43) == 404
    one, other = attacker.initialize(), attacker.initialize()
    assert one != other
    assert re.fullmatch(r"[\w-]{43}", one)
    made = attacker.result(one, "tools/call", {"name": "session_create", "arguments": {"language": "python"}})
    session = made["structuredContent"]["session_id"]
    code = {"session_id": session, "code": "open('mine', 'w').write('secret')"}
    assert not attacker.result(one, "tools/call", {"name": "session_run", "arguments": code})["isError"]
    assert len(attacker.result(one, "resources/list")["resources"]) == 1

    for tool in ("session_run", "session_reset", "session_close", "run_python"):
        refused = attacker.result(other, "tools/call", {"name": tool, "arguments": code})
        assert refused["isError"]
        assert "unknown_session" in refused["content"][0]["text"]
    assert attacker.result(other, "resources/list")["resources"] == []
    read = message("resources/read", {"uri": f"capsule://session/{session}/mine"})
    assert "not found" in attacker.ask(read, Mcp_Session_Id=other)[2]

    assert attacker.status(method="DELETE") == 400
    assert attacker.status(method="DELETE", Mcp_Session_Id="x") == 404
    assert attacker.status(method="DELETE", Mcp_Session_Id=one) == 204
    assert attacker.status(message("ping"), Mcp_Session_Id=one) == 404
    assert attacker.result(other, "ping") == {}


def test_a_request_that_cannot_begin_a_session_leaves_none(attacker: Attacker) -> None:
    for _ in range(20):
        status, headers, text = attacker.ask(message("initialize", {}))
        assert status == 200
        assert "Mcp-Session-Id" not in headers
        assert json.loads(text)["error"]["code"] == -32602


def test_the_idlest_of_too_many_clients_makes_room(attacker: Attacker) -> None:
    first = attacker.initialize()
    second = attacker.initialize()
    for _ in range(15):
        assert attacker.result(second, "ping") == {}
        attacker.initialize()
    assert attacker.status(message("ping"), Mcp_Session_Id=first) == 404
    assert attacker.result(second, "ping") == {}


def test_notifications_and_replies_are_taken(attacker: Attacker) -> None:
    session = attacker.initialize()
    for body in ({"jsonrpc": "2.0", "method": "notifications/initialized"}, {"jsonrpc": "2.0", "id": 9, "result": {}}):
        status, _, text = attacker.ask(body, Mcp_Session_Id=session)
        assert (status, text) == (202, "")
    assert attacker.status({"jsonrpc": "2.0", "method": "notifications/initialized"}) == 400


def test_a_request_that_says_all_of_itself_needs_no_session(attacker: Attacker) -> None:
    body, headers = alone("tools/call", name="run_python", arguments={"code": "6 * 7"})
    status, answered, text = attacker.ask(body, **headers)
    assert status == 200
    assert "Mcp-Session-Id" not in answered
    assert json.loads(text)["result"]["structuredContent"]["value"] == 42
    body, headers = alone("no/such")
    assert attacker.status(body, **headers) == 404


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"MCP_Protocol_Version": None}, -32020),
        ({"MCP_Protocol_Version": "2025-11-25"}, -32020),
        ({"Mcp_Method": None}, -32020),
        ({"Mcp_Method": "tools/list"}, -32020),
        ({"Mcp_Name": None}, -32020),
        ({"Mcp_Name": "run_javascript"}, -32020),
        ({"Mcp_Name": "=?base64?cnVuX2phdmFzY3JpcHQ=?="}, -32020),
        ({"Mcp_Name": "=?base64?%%?="}, -32020),
    ],
)
def test_headers_must_say_what_the_message_says(attacker: Attacker, change: dict[str, Any], code: int) -> None:
    body, headers = alone("tools/call", name="run_python", arguments={"code": "1"})
    status, _, text = attacker.ask(body, **{**headers, **change})
    assert status == 400
    assert json.loads(text)["error"]["code"] == code
    assert attacker.status(body, **{**headers, "Mcp_Name": "=?base64?cnVuX3B5dGhvbg==?="}) == 200


def is_still(folder: Path, attacker: Attacker) -> bool:
    before = (folder / "data" / "ticks").stat().st_mtime_ns
    for _ in range(20):  # long enough for the file's time to change
        body, headers = alone("tools/call", name="run_python", arguments={"code": "1"})
        assert attacker.status(body, **headers) == 200
    return before == (folder / "data" / "ticks").stat().st_mtime_ns


def begin(attacker: Attacker, body: dict[str, Any], **headers: str) -> http.client.HTTPConnection:
    """Call `tick`, and return once it has begun."""
    connection = http.client.HTTPConnection("127.0.0.1", attacker.server.port, timeout=DEADLINE)
    sent = {**attacker.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection.request("POST", "/mcp", json.dumps(body), sent)
    response = connection.getresponse()
    assert response.headers["Content-Type"] == "text/event-stream"
    while b"begun" not in response.readline():
        assert not response.isclosed()
    return connection


def test_who_closes_the_stream_of_a_request_without_session_cancels_it(attacker: Attacker, folder: Path) -> None:
    body, headers = alone("tools/call", name="tick", arguments={})
    body["params"]["_meta"] = {**META, "progressToken": 1}
    begin(attacker, body, **headers).close()
    eventually(lambda: is_still(folder, attacker), "the end of the task")


def test_a_call_of_a_session_is_cancelled_by_a_notification(attacker: Attacker, folder: Path) -> None:
    session = attacker.initialize()
    other = attacker.initialize()
    body = message("tools/call", {"name": "tick", "_meta": {"progressToken": 1}}, "id")
    connection = begin(attacker, body, Mcp_Session_Id=session)
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "id"}}
    assert attacker.status(cancel, Mcp_Session_Id=other) == 202
    assert not is_still(folder, attacker)
    assert attacker.status(cancel, Mcp_Session_Id=session) == 202
    eventually(lambda: is_still(folder, attacker), "the end of the task")
    connection.close()


def test_a_session_that_is_ended_stops_what_goes_on_in_it(attacker: Attacker, folder: Path) -> None:
    session = attacker.initialize()
    body = message("tools/call", {"name": "tick", "_meta": {"progressToken": 1}})
    connection = begin(attacker, body, Mcp_Session_Id=session)
    assert attacker.status(method="DELETE", Mcp_Session_Id=session) == 204
    eventually(lambda: is_still(folder, attacker), "the end of the task")
    connection.close()


SLOW = [
    b"POST /mcp HT",
    b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX: ",
    (
        b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nAuthorization: Bearer TOKEN\r\nContent-Length: 100\r\n"
        b"Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\r\n{"
    ),
    b"POST /mcp HTTP/1.1\r\nHost: evil\r\nContent-Length: 100\r\n\r\n",
]


def test_slow_clients_are_cut_off_and_others_are_served(attacker: Attacker) -> None:
    connections = []
    for start in SLOW * 5:
        connection = socket.create_connection(("127.0.0.1", attacker.server.port), timeout=DEADLINE)
        port, token = str(attacker.server.port).encode(), attacker.server.token.encode()
        connection.sendall(start.replace(b"PORT", port).replace(b"TOKEN", token))
        connections.append(connection)
    assert attacker.is_served()
    for connection in connections:
        with connection, contextlib.suppress(ConnectionResetError):
            while connection.recv(65536):
                pass


def test_too_many_connections_are_turned_away_and_nothing_stays(attacker: Attacker) -> None:
    address = ("127.0.0.1", attacker.server.port)
    connections = [socket.create_connection(address, timeout=DEADLINE) for _ in range(200)]

    readable, _, _ = select.select(connections, [], [], DEADLINE)
    assert readable  # they were closed: nothing was asked that could be answered
    for connection in connections:
        connection.close()

    def served() -> bool:
        try:
            return attacker.is_served()
        except (OSError, http.client.HTTPException):
            return False

    eventually(served, "an answer")


def test_huge_headers_are_refused(attacker: Attacker) -> None:
    own = f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{attacker.server.port}\r\n".encode()
    for more in (b"X: " + b"x" * 1_000_000, b"".join(b"X%d: x\r\n" % number for number in range(1_000))):
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            assert b" 200 " not in raw(attacker, own + more + b"\r\n\r\n")
    assert attacker.is_served()
