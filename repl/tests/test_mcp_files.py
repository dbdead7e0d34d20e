"""`capsule mcp` and sessions whose code makes files that are hostile to whoever reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Server


@pytest.fixture
def server(start: Callable[..., Server]) -> Server:
    server = start()
    server.initialize()
    return server


def opened(server: Server, code: str) -> str:
    """Open a session, run code in it, and return where its files are."""
    session: str = server.call("session_create", language="python")["structuredContent"]["session_id"]
    result = server.call("session_run", session_id=session, code=code)
    assert not result["isError"], result
    return f"capsule://session/{session}/"


def listed(server: Server) -> list[dict[str, Any]]:
    """All resources, page by page."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    while True:
        page = server.result("resources/list", cursor)
        assert len(page["resources"]) <= 500
        found += page["resources"]
        if "nextCursor" not in page:
            return found
        cursor = {"cursor": page["nextCursor"]}


def test_hostile_names_are_encoded_and_can_be_read(server: Server) -> None:
    names = ["a\nb", "\x1b]0;title\x07", "\u202egnp.exe", "%2e%2e", "e\u0301", "a b?c#d", "-", "~", "...", "<&\"'>"]
    base = opened(server, f"for name in {names!r}: open(name, 'w').write(name)")
    found = listed(server)
    assert len(found) == len(names)
    texts = set()
    for resource in found:
        assert resource["uri"].startswith(base)
        assert resource["uri"].isascii()
        assert resource["uri"].isprintable()
        assert resource["name"].isprintable()
        texts.add(server.result("resources/read", {"uri": resource["uri"]})["contents"][0]["text"])
    assert texts == set(names)


@pytest.mark.parametrize(
    "path",
    [
        *("", ".", "..", "../x", "%2e%2e/x", "a/%2E%2E/%2e%2e/x", "a%00b", "a%5cb", "link", "up/file", "missing", "d"),
        *("/etc/passwd", "%2fetc%2fpasswd", "x" * 300, "d/" * 200, "d/file?query", "d/file#fragment", "%ff%fe"),
    ],
)
def test_what_is_no_file_of_the_session_is_not_found(server: Server, path: str) -> None:
    files = "import os; os.mkdir('d'); open('d/file', 'w').close()"
    base = opened(server, files + "; os.symlink('d/file', 'link'); os.symlink('d', 'up')")
    reply = server.request("resources/read", {"uri": base + path})
    assert reply["error"]["code"] == -32002, reply
    assert reply["error"]["message"].startswith("Resource not found")
    assert [resource["uri"] for resource in listed(server)] == [base + "d/file"]


@pytest.mark.parametrize(
    "authority", ["session/s-00000000000000000000000000000000", "session/", "session", "sessions/x"]
)
def test_a_session_that_is_not_open_is_not_found(server: Server, authority: str) -> None:
    reply = server.request("resources/read", {"uri": f"capsule://{authority}/x"})
    assert reply["error"]["code"] == -32002, reply


def test_a_flood_of_files_is_cut_and_hides_no_other_session(server: Server) -> None:
    flood = "import os\nfor i in range(60):\n  os.mkdir(f'd{i}')\n  for j in range(200): open(f'd{i}/{j}', 'w').close()"
    flooded = opened(server, flood)
    other = opened(server, "open('here', 'w').close()")
    uris = [resource["uri"] for resource in listed(server)]
    assert other + "here" in uris
    assert sum(uri.startswith(flooded) for uri in uris) == 5_000


def test_folders_within_folders_and_one_that_is_too_large_end_the_list(server: Server) -> None:
    deep = "import os\nfor i in range(300):\n  os.mkdir('d'); os.chdir('d')\n  open('f', 'w').close()"
    huge = "os.chdir('/workspace'); os.mkdir('huge')\nfor i in range(10_001): open(f'huge/{i}', 'w').close()"
    base = opened(server, deep + "\n" + huge)
    uris = [resource["uri"] for resource in listed(server)]
    assert base + "d/f" in uris
    assert len(uris) <= 64


def test_a_huge_file_is_refused_and_the_next_one_is_read(server: Server) -> None:
    base = opened(server, "for n in (9, 33): open(str(n), 'wb').truncate(n << 20)\nopen('small', 'w').write('x')")
    for name in ("9", "33"):
        reply = server.request("resources/read", {"uri": base + name})
        assert reply["error"]["code"] == -32602, reply
        assert "is larger than 8388608 bytes" in reply["error"]["message"]
    assert server.result("resources/read", {"uri": base + "small"})["contents"][0]["text"] == "x"


def test_files_are_read_while_a_cell_runs(server: Server) -> None:
    base = opened(server, "open('before', 'w').write('x')")
    session = base.split("/")[3]
    arguments = {"session_id": session, "code": "print('begun', flush=True)\nwhile True: pass"}
    running = server.begin("tools/call", {"name": "session_run", "arguments": arguments, "_meta": {"progressToken": 1}})
    server.wait_for_notification(lambda each: each["params"].get("message") == "begun")
    assert server.result("resources/read", {"uri": base + "before"})["contents"][0]["text"] == "x"
    server.send("notifications/cancelled", {"requestId": running})
