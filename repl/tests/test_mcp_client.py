"""`capsule mcp` with the official client for Python, in both eras of the protocol, by pipe and by HTTP."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from conftest import DEADLINE, LAUNCHER, HttpServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from mcp_types import CallToolResult

pytestmark = pytest.mark.anyio

PROGRAM = """\
import sys
from typing import Literal

from capsule import task

@task(name="search", timeout="20s")
def search(query: str, *, limit: int = 10, order: Literal["up", "down"] = "up", tags: list[str] | None = None) -> dict:
    print("searching", query)
    print("careful", file=sys.stderr)
    return {"query": query, "limit": limit, "order": order, "tags": tags}

@task(name="fails")
def fails():
    return {}["missing"]

@task(name="slow", timeout="200ms", compute="HIGH")
def slow():
    while True:
        pass

@task(name="endless", compute="HIGH")
def endless():
    print("begun", flush=True)
    while True:
        pass
"""
WORDS = """\
import { task } from "@capsule/sdk";
export const count = task({ name: "count words" }, (text: string, minimum = 1) =>
  text.split(/\\s+/).filter((word) => word.length >= minimum).length);
"""


@pytest.fixture(params=["legacy", "auto", "legacy http", "auto http"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextlib.asynccontextmanager
async def connected(folder: Path, mode: Any, *arguments: str) -> AsyncIterator[Client]:
    era, _, http = mode.partition(" ")
    if not http:
        parameters = StdioServerParameters(command=str(LAUNCHER), args=["mcp", *arguments], cwd=folder)
        async with Client(parameters, mode=era) as client:
            yield client
        return
    server = HttpServer(folder, *arguments)
    try:
        headers = {"Authorization": f"Bearer {server.token}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=DEADLINE) as http_client,
            Client(streamable_http_client(server.url, http_client=http_client), mode=era) as client,
        ):
            yield client
    finally:
        server.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "main.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "words.ts").write_text(WORDS, encoding="utf-8")
    (tmp_path / "capsule.toml").write_text('[workflow]\nentrypoint = "main.py"\n', encoding="utf-8")
    return tmp_path


def text(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if block.type == "text")


async def test_agrees_on_the_newest_revision_that_the_client_asks_for(project: Path, mode: str) -> None:
    async with connected(project, mode) as client:
        assert client.protocol_version == ("2025-11-25" if mode.startswith("legacy") else "2026-07-28")
        assert client.server_info is not None
        assert client.server_info.name == "capsule"
        assert client.instructions is not None
        assert "list_tasks" in client.instructions


async def test_each_task_is_a_tool_with_the_schema_of_its_signature(project: Path, mode: str) -> None:
    async with connected(project, mode, "main.py", "words.ts") as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert {"list_tasks", "search", "fails", "slow", "endless", "count_words"} <= set(tools)
        assert tools["search"].input_schema == {
            "type": "object",
            "properties": {
                "query": {"type": "string"},
                "limit": {"type": "integer", "default": 10},
                "order": {"enum": ["up", "down"], "default": "up"},
                "tags": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}], "default": None},
            },
            "required": ["query"],
            "additionalProperties": False,
        }
        assert tools["count_words"].input_schema["properties"] == {
            "text": {"type": "string"},
            "minimum": {"default": 1},
        }
        description = tools["search"].description or ""
        assert "main.py:6" in description
        assert "20s of time" in description
        assert "256MB of memory" in description
        assert "without files, network" in description


async def test_calls_a_task_and_tells_what_it_printed(project: Path, mode: str) -> None:
    async with connected(project, mode) as client:
        messages: list[str] = []

        async def progressed(progress: float, total: float | None, message: str | None) -> None:
            messages.append(message or "")

        result = await client.call_tool("search", {"query": "cats", "tags": ["a"]}, progress_callback=progressed)

        assert not result.is_error
        assert result.structured_content is not None
        assert result.structured_content["result"] == {"query": "cats", "limit": 10, "order": "up", "tags": ["a"]}
        assert result.structured_content["stdout"] == "searching cats\n"
        assert result.structured_content["stderr"] == "careful\n"
        assert '{"query":"cats","limit":10,"order":"up","tags":["a"]}' in text(result)
        assert "running search" in messages


async def test_calls_typescript_by_the_places_of_its_parameters(project: Path, mode: str) -> None:
    async with connected(project, mode, "words.ts") as client:
        assert text(await client.call_tool("count_words", {"text": "to be or not"})) == "4"
        assert text(await client.call_tool("count_words", {"text": "to be or not", "minimum": 3})) == "1"
        gap = await client.call_tool("count_words", {"minimum": 3})
        assert gap.is_error
        assert "give text, too" in text(gap)


async def test_failures_are_results_that_a_model_can_act_on(project: Path, mode: str) -> None:
    async with connected(project, mode) as client:
        failed = await client.call_tool("fails", {})
        assert failed.is_error
        assert "task_error: KeyError: 'missing'" in text(failed)
        assert 'File "main.py", line 14' in text(failed)

        wrong = await client.call_tool("search", {"nonsense": 1})
        assert wrong.is_error
        assert "invalid_arguments" in text(wrong)
        assert "query" in text(wrong)

        slow = await client.call_tool("slow", {})
        assert slow.is_error
        assert "timeout" in text(slow)
        assert "What to do: do less in one call, which may take 0.2 s" in text(slow)


async def test_an_unknown_tool_is_a_wrong_request(project: Path, mode: str) -> None:
    async with connected(project, mode) as client:
        with pytest.raises(MCPError, match="Unknown tool: nope") as caught:
            await client.call_tool("nope", {})
        assert caught.value.code == -32602


async def test_a_cancelled_call_stops_and_others_go_on(project: Path, mode: str) -> None:
    async with connected(project, mode) as client:
        begun = anyio.Event()

        async def progressed(progress: float, total: float | None, message: str | None) -> None:
            if message == "begun":
                begun.set()

        async with anyio.create_task_group() as group:

            async def call() -> None:
                await client.call_tool("endless", {}, progress_callback=progressed)

            group.start_soon(call)
            with anyio.fail_after(60):
                await begun.wait()
            group.cancel_scope.cancel()
        assert not (await client.call_tool("search", {"query": "after"})).is_error


async def test_a_program_that_cannot_be_loaded_is_told_and_others_work(project: Path, mode: str) -> None:
    (project / "broken.py").write_text("def main(:\n    pass\n", encoding="utf-8")
    async with connected(project, mode, "main.py", "broken.py") as client:
        listed = await client.call_tool("list_tasks", {})
        assert "search(query: str" in text(listed)
        assert "Not loaded: broken.py: source_error: broken.py:1:10" in text(listed)
        assert not (await client.call_tool("search", {"query": "cats"})).is_error


async def test_a_changed_program_is_seen_at_the_next_call(project: Path, mode: str) -> None:
    async with connected(project, mode) as client:
        assert "changed" not in {tool.name for tool in (await client.list_tools()).tools}
        (project / "main.py").write_text(
            "from capsule import task\n@task\ndef changed():\n    return 2\n", encoding="utf-8"
        )
        assert text(await client.call_tool("changed", {})) == "2"
        assert "changed" in {tool.name for tool in (await client.list_tools()).tools}


async def test_files_that_the_user_shares_are_resources(project: Path, mode: str) -> None:
    data = project / "data"
    (data / "deep er").mkdir(parents=True)
    (data / "ünï.csv").write_text("a,b\n", encoding="utf-8")
    (data / "deep er" / "x.bin").write_bytes(b"\xff\x00")
    (project / "secret.txt").write_text("secret", encoding="utf-8")
    (data / "link.txt").symlink_to(project / "secret.txt")
    (data / "up").symlink_to(project)
    async with connected(project, mode, "--mount", "./data:ro") as client:
        found = {resource.uri: resource for resource in (await client.list_resources()).resources}
        assert set(found) == {"capsule:///data/%C3%BCn%C3%AF.csv", "capsule:///data/deep%20er/x.bin"}
        contents = (await client.read_resource("capsule:///data/%C3%BCn%C3%AF.csv")).contents[0]
        assert getattr(contents, "text", None) == "a,b\n"
        binary = (await client.read_resource("capsule:///data/deep%20er/x.bin")).contents[0]
        assert getattr(binary, "blob", None) == "/wA="
        for hidden in (
            "capsule:///data/link.txt",
            "capsule:///data/up/secret.txt",
            "capsule:///data/../secret.txt",
            "capsule:///data/%2e%2e/secret.txt",
            "capsule:///secret.txt",
            "capsule:///data",
            "capsule://host/data/x",
            "file:///etc/passwd",
            "capsule:///data/\x00",
        ):
            with pytest.raises(MCPError, match="Resource not found"):
                await client.read_resource(hidden)


async def test_a_ceiling_holds_for_every_task(project: Path, mode: str) -> None:
    async with connected(project, mode, "--max-timeout", "100ms") as client:
        result = await client.call_tool("endless", {})
        assert result.is_error
        assert "which may take 0.1 s" in text(result)


async def test_files_of_the_clients_sessions_are_resources(project: Path, mode: str) -> None:
    async with connected(project, mode, "main.py") as client:
        made = await client.call_tool("session_create", {"language": "python"})
        assert made.structured_content is not None
        session = made.structured_content["session_id"]
        code = (
            "import os; os.mkdir('deep er'); open('x.bin', 'wb').write(b'\\xff\\0')\n"
            "open('deep er/ä?#%.csv', 'w').write('a,b')"
        )
        assert not (await client.call_tool("session_run", {"session_id": session, "code": code})).is_error

        base = f"capsule://session/{session}/"
        found = {resource.uri: resource.size for resource in (await client.list_resources()).resources}
        # Without a handshake nobody knows whose request this is.
        whole = {} if mode == "auto http" else {base + "deep%20er/%C3%A4%3F%23%25.csv": 3, base + "x.bin": 2}
        assert found == whole
        templates = {each.uri_template for each in (await client.list_resource_templates()).resource_templates}
        assert templates == {"capsule://session/{session_id}/{+path}"}
        contents = (await client.read_resource(base + "deep%20er/%C3%A4%3F%23%25.csv")).contents[0]
        assert getattr(contents, "text", None) == "a,b"
        binary = (await client.read_resource(base + "x.bin")).contents[0]
        assert getattr(binary, "blob", None) == "/wA="

        await client.call_tool("session_close", {"session_id": session})
        assert (await client.list_resources()).resources == []
        with pytest.raises(MCPError, match="no session with this id is open here"):
            await client.read_resource(base + "x.bin")
