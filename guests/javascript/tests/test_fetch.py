"""fetch and its kin, with the host's answers scripted."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import pytest

from component import value
from fake_web import Answer, Refused, Request
from sandbox import Guest


def call(guest: Guest, body: str, *args: Any) -> Any:
    return value(guest.call(f"export async function main(...args) {{\n{textwrap.dedent(body)}\n}}", *args))


def echo(request: Request) -> Answer:
    found = {"url": request.url, "method": request.method, "headers": request.headers, "body": request.body.decode()}
    return Answer(json.dumps(found).encode(), headers=[("Content-Type", "application/json"), ("X-One", "1")])


def test_get_and_post(guest: Guest) -> None:
    guest.web.answer = echo
    get, post, form = call(
        guest,
        """
        const get = await fetch("https://a.example/p?q=ü#part", { headers: { "X-Key": "k" } });
        const post = await fetch(new Request("http://[::1]:81/x", { method: "POST", body: JSON.stringify({ a: 1 }) }));
        const form = await fetch("http://a.example/", { method: "PUT", body: new URLSearchParams({ a: "1 2" }) });
        return [{ ...(await get.json()), status: get.status, type: get.type, one: get.headers.get("x-one"), at: get.url },
                await post.json(), await form.json()];
        """,
    )
    assert (get["url"], get["method"], get["status"]) == ("https://a.example/p?q=%C3%BC", "GET", 200)
    assert (get["at"], get["one"], get["headers"]["x-key"]) == ("https://a.example/p?q=%C3%BC", "1", "k")
    # Asked for by itself, an answer is not packed: to unpack it would cost the sandbox more.
    assert "accept-encoding" not in get["headers"]
    assert (post["method"], post["body"], post["url"]) == ("POST", '{"a":1}', "http://[::1]:81/x")
    assert post["headers"]["content-type"] == "text/plain;charset=UTF-8"
    assert (form["body"], form["headers"]["content-type"]) == (
        "a=1+2",
        "application/x-www-form-urlencoded;charset=UTF-8",
    )


def test_many_at_once(guest: Guest) -> None:
    guest.web.answer = echo
    body = """
        const all = await Promise.all(Array.from({ length: 20 }, (_, i) => fetch(`http://a.example/${i}`)));
        return Promise.all(all.map(async (one) => (await one.json()).url));
    """
    assert call(guest, body) == [f"http://a.example/{number}" for number in range(20)]
    assert guest.max_at_once == 20


def test_long_bodies_stream_both_ways(guest: Guest) -> None:
    guest.web.answer = lambda request: Answer(request.body * 3)
    sent, length, parts, same = call(
        guest,
        """
        const parts = [];
        const body = new ReadableStream({
          pull(controller) {
            parts.push(1);
            controller.enqueue(new Uint8Array(100_000).fill(65 + parts.length));
            if (parts.length === 9) controller.close();
          },
        });
        const answer = await fetch("http://a.example/", { method: "POST", body, duplex: "half" });
        let length = 0, chunks = 0;
        for await (const chunk of answer.body) { length += chunk.length; chunks++; }
        return [parts.length * 100_000, length, chunks > 3, (await fetch("http://a.example/", { method: "POST", body: "x".repeat(600_000) })
          .then((one) => one.text())).length];
        """,
    )
    assert (sent, length, parts, same) == (900_000, 2_700_000, True, 1_800_000)
    assert guest.web.operations.count("http_send") >= 3
    assert guest.web.operations.count("http_read") >= 20
    assert not guest.web.open


@pytest.mark.parametrize(
    ("status", "method", "expected"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "PUT", "GET"),
        (307, "POST", "POST"),
        (308, "PUT", "PUT"),
        (302, "HEAD", "HEAD"),
    ],
)
def test_redirections_change_methods_as_the_standard_says(
    guest: Guest, status: int, method: str, expected: str
) -> None:
    def answer(request: Request) -> Answer:
        if request.url.endswith("/old"):
            return Answer(status=status, headers=[("Location", "/new?x=1")])
        return echo(request)

    guest.web.answer = answer
    body = """
        const [method] = args;
        const answer = await fetch("http://a.example/old", { method, body: method === "HEAD" ? undefined : "data" });
        return [answer.redirected, answer.url, answer.status];
    """
    assert call(guest, body, method) == [True, "http://a.example/new?x=1", 200]
    last = guest.web.requests[-1]
    assert (last.method, last.body) == (expected, b"data" if expected == method != "HEAD" else b"")


def test_redirection_to_another_origin_drops_credentials(guest: Guest) -> None:
    def answer(request: Request) -> Answer:
        if request.url == "https://a.example/":
            return Answer(status=302, headers=[("Location", "https://b.example/")])
        return echo(request)

    guest.web.answer = answer
    body = """
        const headers = { Authorization: "Bearer x", Cookie: "c=1", "X-Other": "kept" };
        return (await (await fetch("https://a.example/", { headers })).json()).headers;
    """
    headers = call(guest, body)
    assert headers["x-other"] == "kept"
    assert "authorization" not in headers
    assert "cookie" not in headers
    assert guest.web.requests[0].headers["authorization"] == "Bearer x"


def test_redirection_modes_and_limit(guest: Guest) -> None:
    guest.web.answer = lambda _: Answer(status=302, headers=[("Location", "/again")])
    manual, error, loop = call(
        guest,
        """
        const manual = await fetch("http://a.example/", { redirect: "manual" });
        const failed = (error) => [error.name, error.message, error.cause?.message];
        return [[manual.status, manual.headers.get("location")],
                await fetch("http://a.example/", { redirect: "error" }).catch(failed),
                await fetch("http://a.example/").catch(failed)];
        """,
    )
    assert manual == [302, "/again"]
    assert error == ["TypeError", "fetch failed", "unexpected redirect"]
    assert loop == ["TypeError", "fetch failed", "redirect count exceeded"]
    assert len(guest.web.requests) == 2 + 21


@pytest.mark.parametrize(
    "location", ["http://u:p@b.example/", "ftp://b.example/", "data:text/plain,x", "file:///etc/passwd"]
)
def test_redirections_to_what_is_no_server(guest: Guest, location: str) -> None:
    guest.web.answer = lambda _: Answer(status=302, headers=[("Location", location)])
    body = 'return fetch("http://a.example/").then((one) => one.url, (error) => error.message);'
    found = call(guest, body)
    assert found == "fetch failed" or location.startswith("http:")


@pytest.mark.parametrize(
    ("refused", "code", "words"),
    [
        (
            Refused(
                "policy_denied",
                'https://x.example is not granted to the task; to grant it, write allowed_hosts=["x.example"]',
            ),
            "EACCES",
            'write allowedHosts: ["x.example"]',
        ),
        (Refused("task_error", "no such host: x.example", "ConnectionError"), "ECONNRESET", "no such host"),
        (Refused("task_error", "it took too long", "TimeoutError"), "ETIMEDOUT", "too long"),
        (Refused("overloaded", "too many requests", None), "EAGAIN", "too many"),
    ],
)
def test_refusals(guest: Guest, refused: Refused, code: str, words: str) -> None:
    guest.web.refuse_early = refused
    body = """
        try { await fetch("https://x.example/"); } catch (error) {
          return [error instanceof TypeError, error.message, error.cause.code, error.cause.message];
        }
    """
    is_type_error, message, found, cause = call(guest, body)
    assert (is_type_error, message, found) == (True, "fetch failed", code)
    assert words in cause


def test_refusal_that_nobody_catches_says_how_to_grant(guest: Guest) -> None:
    guest.web.refuse_early = Refused("policy_denied", 'not granted; to grant it, write allowed_hosts=["x.example"]')
    reply = guest.call('export async function main() { await fetch("https://x.example/"); }')
    assert reply["error"]["type"] == "task_error"
    assert 'allowedHosts: ["x.example"]' in reply["error"]["traceback"]


def test_broken_answers(guest: Guest) -> None:
    guest.web.answer = lambda _: Answer(b"x" * 300_000, breaks_after=200_000)
    body = """
        const answer = await fetch("http://a.example/");
        try { await answer.text(); } catch (error) { return [answer.status, error.name, error.message, error.cause?.message]; }
    """
    assert call(guest, body) == [200, "TypeError", "terminated", "the connection broke"]


def test_abort(guest: Guest) -> None:
    guest.never_ends = {"http"}
    body = """
        const controller = new AbortController();
        setTimeout(() => controller.abort(), 1);
        const failed = (error) => [error.name, error.message];
        return [await fetch("http://a.example/", { signal: controller.signal }).catch(failed),
                await fetch("http://a.example/", { signal: AbortSignal.timeout(1) }).catch(failed)];
    """
    first, second = call(guest, body)
    assert first == ["AbortError", "This operation was aborted"]
    assert second == ["TimeoutError", "The operation was aborted due to timeout"]
    assert len(guest.cancelled) == 2


def test_abort_of_a_body_closes_the_answer(guest: Guest) -> None:
    guest.web.answer = lambda _: Answer(b"x" * 5_000_000)
    body = """
        const controller = new AbortController();
        const answer = await fetch("http://a.example/", { signal: controller.signal });
        const reader = answer.body.getReader();
        const first = (await reader.read()).value.length > 0;
        controller.abort();
        let why;
        try { while (!(await reader.read()).done); } catch (error) { why = error.name; }
        const other = await fetch("http://a.example/");
        await other.body.cancel();
        await new Promise((resolve) => setTimeout(resolve, 1));
        return [first, why];
    """
    assert call(guest, body) == [True, "AbortError"]
    assert not guest.web.open


def test_packed_answers_are_unpacked(guest: Guest) -> None:
    import gzip
    import zlib

    packed = {"gzip": gzip.compress(b"hello " * 1000), "deflate": zlib.compress(b"hello " * 1000)}

    def answer(request: Request) -> Answer:
        kind = request.url.rsplit("/", 1)[1]
        return Answer(packed[kind], headers=[("Content-Encoding", kind)])

    guest.web.answer = answer
    body = """
        const get = async (kind) => (await (await fetch(`http://a.example/${kind}`, { headers: { "accept-encoding": kind } })).text()).length;
        return [await get("gzip"), await get("deflate")];
    """
    assert call(guest, body) == [6000, 6000]
    assert [one.headers["accept-encoding"] for one in guest.web.requests] == ["gzip", "deflate"]


def test_cookies_and_repeated_headers(guest: Guest) -> None:
    guest.web.answer = lambda _: Answer(
        headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Vary", "x"), ("Vary", "y")]
    )
    body = """
        const { headers } = await fetch("http://a.example/");
        return [headers.getSetCookie(), headers.get("vary")];
    """
    assert call(guest, body) == [["a=1", "b=2"], "x, y"]


def test_forms_and_files(guest: Guest) -> None:
    guest.web.answer = echo
    body = """
        const form = new FormData();
        form.set("name", "ü");
        form.set("file", new File(["content"], "a.txt", { type: "text/plain" }));
        return (await fetch("http://a.example/", { method: "POST", body: form })).json();
    """
    found = call(guest, body)
    boundary = found["headers"]["content-type"].split("boundary=")[1]
    assert found["body"].count(boundary) == 3
    assert 'name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\ncontent' in found["body"]


def test_what_is_left_running_ends_with_the_task(guest: Guest) -> None:
    guest.never_ends = {"http"}
    assert call(guest, 'fetch("http://a.example/").catch(() => {}); return 1;') == 1
    assert len(guest.cancelled) == 1


def test_a_replaced_global_does_not_break_fetch(guest: Guest) -> None:
    guest.web.answer = echo
    body = """
        globalThis.URL = globalThis.ReadableStream = globalThis.AbortController = undefined;
        globalThis.Buffer = globalThis.process = globalThis.setTimeout = undefined;
        return (await (await fetch("http://a.example/")).json()).url;
    """
    found = guest.call(f"export async function main() {{{body}}}")
    # Either it works, or the program is told: nothing hangs, and nothing is sent that it did not ask for.
    assert found.get("ok") == "http://a.example/" or found["error"]["type"] == "task_error"
