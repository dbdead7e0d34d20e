"""Python's own clients of HTTP in the component, with the host's answers scripted."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import pytest

from component_sandbox import Guest, component, guest
from fake_web import Answer, Refused, Request

__all__ = ["component", "guest"]


def value(reply: Any) -> Any:
    assert "ok" in reply, reply
    return reply["ok"]


def call(guest: Guest, source: str, *args: Any) -> Any:
    return value(guest.call(textwrap.dedent(source), *args))


def echo(request: Request) -> Answer:
    found = {"url": request.url, "method": request.method, "headers": request.headers, "size": len(request.body)}
    return Answer(json.dumps(found).encode(), headers=[("Content-Type", "application/json"), ("X-One", "1")])


def test_urllib(guest: Guest) -> None:
    def answer(request: Request) -> Answer:
        if request.url.endswith("/old"):
            return Answer(status=302, reason="Found", headers=[("Location", "https://other.example/new?x=1#here")])
        if request.url.endswith("/missing"):
            return Answer(b"none", status=404, reason="Not Found")
        return echo(request)

    guest.web.answer = answer
    source = """
        import json, urllib.error, urllib.request as u
        def get(*args, **more):
            with u.urlopen(*args, **more) as answer:
                return json.load(answer)
        def main():
            found = [get("http://a.example/old"), get("https://b.example:8443/p?q=ü".replace("ü", "%C3%BC"), timeout=5)]
            found.append(get(u.Request("http://[::1]:81/x", data=b"abc", headers={"X-Key": "k"}, method="PUT")))
            try:
                get("http://a.example/missing")
            except urllib.error.HTTPError as error:
                found.append([error.code, error.reason, error.read().decode()])
            return found
    """
    redirected, plain, put, missing = call(guest, source)
    assert redirected["url"] == "https://other.example/new?x=1"
    assert plain["url"] == "https://b.example:8443/p?q=%C3%BC"
    assert (put["url"], put["method"], put["size"], put["headers"]["x-key"]) == ("http://[::1]:81/x", "PUT", 3, "k")
    assert missing == [404, "Not Found", "none"]
    assert [request.url for request in guest.web.requests][:2] == ["http://a.example/old", redirected["url"]]


def test_http_client_and_its_framing(guest: Guest) -> None:
    sent = [("Content-Length", "999"), ("Transfer-Encoding", "chunked"), ("Connection", "keep-alive")]
    guest.web.answer = lambda _: Answer(b"12345", headers=[*sent, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=\r\n2")])
    source = """
        import http.client
        def ask(method, **more):
            connection = http.client.HTTPSConnection("a.example", timeout=2)
            connection.request(method, "/", **more)
            answer = connection.getresponse()
            return [answer.status, answer.headers.get_all("Set-Cookie"), answer.headers["Content-Length"],
                    answer.headers["Transfer-Encoding"], answer.read().decode(), answer.will_close]
        def main():
            chunks = ask("POST", body=iter([b"a" * 10, b"b" * 5]), encode_chunked=True,
                         headers={"Transfer-Encoding": "chunked"})
            return [ask("GET"), chunks, ask("HEAD")[2:5]]
    """
    get, post, head = call(guest, source)
    assert get == post == [200, ["a=1", "b=  2"], "5", None, "12345", True]
    assert head == ["999", None, ""]
    assert [request.body for request in guest.web.requests] == [b"aaaaaaaaaabbbbb", b"", b""]


def test_bodies_stream_both_ways(guest: Guest) -> None:
    body = bytes(range(256)) * 4000
    guest.web.answer = lambda request: Answer(request.body)
    source = """
        import urllib.request as u
        def main(size):
            data = bytes(range(256)) * 4000
            with u.urlopen(u.Request("https://a.example/", data=data)) as answer:
                first = answer.read(10)
                return first + answer.read() == data
    """
    assert call(guest, source, len(body)) is True
    assert guest.web.requests[0].body == body
    assert guest.web.operations[:4] == ["http", "http_send", "http_send", "http_send"]
    assert guest.web.operations.count("http_read") == 10


def test_what_is_not_wanted_is_given_back(guest: Guest) -> None:
    guest.web.answer = lambda _: Answer(b"x" * 1_000_000)
    source = """
        import urllib.request as u
        def main():
            with u.urlopen("https://a.example/") as answer:
                answer.read(10)
            u.urlopen("https://a.example/")
    """
    assert call(guest, source) is None
    assert guest.web.operations == ["http", "http_close", "http", "http_close"]
    assert guest.web.open == {}


@pytest.mark.parametrize("early", [True, False])
def test_a_denial_is_a_permission_error(guest: Guest, early: bool) -> None:
    message = "GET https://a.example/ is not allowed: allowed_hosts=['a.example'] is missing"
    guest.web.refuse_early = Refused("policy_denied", message)
    source = """
        import http.client, urllib.error, urllib.request as u
        def main(size):
            found = []
            try:
                u.urlopen("https://a.example/", data=b"x" * size)
            except urllib.error.URLError as error:
                found.append([type(error.reason).__name__, str(error)])
            connection = http.client.HTTPSConnection("a.example")
            try:
                connection.request("POST", "/", b"x" * size)
            except PermissionError as error:
                found.append(str(error))
            return found
    """
    assert call(guest, source, 400_000 if early else 1) == [
        ["PermissionError", f"<urlopen error {message}>"],
        message,
    ]


@pytest.mark.parametrize(
    ("refused", "class_name"),
    [
        (Refused("task_error", "no route", "ConnectionError"), "ConnectionError"),
        (Refused("task_error", "too late", "TimeoutError"), "TimeoutError"),
        (Refused("overloaded", "too many requests"), "OSError"),
        (Refused("invalid_arguments", "not a URL"), "OSError"),
    ],
)
def test_failures_have_the_classes_that_libraries_know(guest: Guest, refused: Refused, class_name: str) -> None:
    guest.web.refuse_early = refused
    source = """
        import urllib.error, urllib.request as u
        def main():
            try:
                u.urlopen("https://a.example/")
            except urllib.error.URLError as error:
                return [type(error.reason).__name__, str(error.reason)]
    """
    assert call(guest, source) == [class_name, str(refused)]


def test_a_body_that_breaks_off_is_an_error(guest: Guest) -> None:
    guest.web.answer = lambda _: Answer(b"x" * 250_000, breaks_after=200_000)
    source = """
        import urllib.request as u
        def main():
            with u.urlopen("https://a.example/") as answer:
                try:
                    answer.read()
                except ConnectionError as error:
                    return str(error)
    """
    assert call(guest, source) == "the connection broke"


def test_time_limits_are_kept(guest: Guest) -> None:
    guest.never_ends = {"http"}
    source = """
        import asyncio, socket, urllib.request as u
        async def late():
            async with asyncio.timeout(0.02):
                reader, writer = await asyncio.open_connection("a.example", 80)
                writer.write(b"GET / HTTP/1.1\\r\\n\\r\\n")
                await reader.read()
        def main():
            found = []
            for attempt in (lambda: u.urlopen("https://a.example/", timeout=0.02), lambda: asyncio.run(late())):
                try:
                    attempt()
                except OSError as error:
                    found.append(isinstance(getattr(error, "reason", error), TimeoutError))
            connection = socket.create_connection(("a.example", 80), 0.02)
            connection.sendall(b"GET / HTTP/1.1\\r\\n\\r\\n")
            try:
                connection.recv(1)
            except socket.timeout as error:
                found.append(str(error))
            connection.setblocking(False)
            try:
                connection.recv(1)
            except BlockingIOError:
                found.append("blocks")
            connection.close()
            return found
    """
    assert call(guest, source) == [True, True, "timed out", "blocks"]
    assert len(guest.cancelled) == 3


def test_asyncio_streams_run_at_once(guest: Guest) -> None:
    guest.web.answer = lambda request: Answer(request.url.encode() * 20_000)
    source = """
        import asyncio, ssl
        async def get(number):
            context = ssl.create_default_context() if number % 2 else None
            reader, writer = await asyncio.open_connection("a.example", 8000, ssl=context)
            writer.write(b"GET /%d HTTP/1.1\\r\\nHost: a.example\\r\\n\\r\\n" % number)
            await writer.drain()
            status = await reader.readline()
            while await reader.readline() != b"\\r\\n":
                pass
            body = await reader.read()
            writer.close()
            await writer.wait_closed()
            return [status.decode().strip(), body[:30].decode(), len(body)]
        async def main():
            return await asyncio.gather(*(get(number) for number in range(4)))
    """
    found = call(guest, source)
    schemes = ["http", "https", "http", "https"]
    assert [each[0] for each in found] == ["HTTP/1.1 200 OK"] * 4
    urls = [f"{scheme}://a.example:8000/{number}" for number, scheme in enumerate(schemes)]
    assert [each[1][: len(url)] for each, url in zip(found, urls)] == urls
    assert [each[2] for each in found] == [len(url) * 20_000 for url in urls]
    assert guest.max_at_once == 4


def test_tls_can_start_later(guest: Guest) -> None:
    guest.web.answer = echo
    source = """
        import asyncio, ssl
        async def main():
            reader, writer = await asyncio.open_connection("a.example", 443)
            await writer.start_tls(ssl.create_default_context(), server_hostname="a.example")
            writer.write(b"POST / HTTP/1.1\\r\\nContent-Length: 600000\\r\\n\\r\\n" + b"x" * 600_000)
            await writer.drain()
            return (await reader.read()).decode()
    """
    assert '"url": "https://a.example/"' in call(guest, source)
    assert len(guest.web.requests[0].body) == 600_000


def test_select_and_poll(guest: Guest) -> None:
    guest.web.answer = echo
    source = """
        import select, selectors, socket
        def main():
            one, two = (socket.create_connection((name, 80)) for name in ("a.example", "b.example"))
            found = [select.select([one], [], [], 0.001)[0], len(select.select([one], [one, two], [])[1])]
            one.sendall(b"GET / HTTP/1.1\\r\\n\\r\\n")
            found.append(select.select([one, two], [], [], 5)[0] == [one])
            poll = select.poll()
            poll.register(one, select.POLLIN)
            poll.register(two, select.POLLIN)
            found.append(poll.poll(100) == [(one.fileno(), select.POLLIN)])
            selector = selectors.DefaultSelector()
            selector.register(one, selectors.EVENT_READ, "one")
            found.append([key.data for key, _ in selector.select(1)])
            two.close()
            try:
                select.select([two], [], [], 0)
            except (OSError, ValueError) as error:
                found.append(type(error).__name__)
            return found
    """
    assert call(guest, source) == [[], 2, True, True, ["one"], "OSError"]


ONLY = "only HTTP/1.1 requests to hosts in the task's allowed_hosts"


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        ("socket.socket(socket.AF_INET, socket.SOCK_DGRAM)", ONLY),
        ("socket.socket().bind(('', 80))", ONLY),
        ("socket.socket().listen()", ONLY),
        ("socket.create_server(('', 80))", ONLY),
        ("socket.socketpair()", ONLY),
        ("_socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)", ONLY),
        ("s = socket.create_connection(('db', 5432)); s.sendall(b'\\0\\0\\0\\x08')", ONLY),
        ("s = socket.create_connection(('redis', 6379)); s.sendall(b'*1\\r\\n$4\\r\\nPING\\r\\n')", ONLY),
        ("smtplib.SMTP('mail.example')", "no request has been sent"),
        ("s = socket.create_connection(('a', 80)); s.sendall(b'GET / HT'); s.recv(1)", "no request has been sent"),
        ("s = socket.create_connection(('a', 80)); s.sendall(b'\\x16\\x03\\x01'); s.recv(1)", "module ssl"),
        ("http.client.HTTPConnection('a').request('GET', 'http://b/')", "proxies are not available"),
        ("urllib.request.urlopen('http://a b/')", ""),
        ("socket.create_connection(('a/b', 80))", "not the name of a host"),
        ("socket.create_connection(('a@b', 80))", "not the name of a host"),
        ("socket.create_connection(('', 80))", "only clients"),
        ("socket.gethostbyaddr('127.0.0.1')", "names are not resolved inside"),
        ("ssl.create_default_context().load_cert_chain('x')", "certificates of clients and servers are not available"),
        ("ssl.create_default_context(cafile='/no/such')", ""),
        (
            "ssl.create_default_context().wrap_socket(socket.create_connection(('a', 1)), server_hostname='b')",
            "this TLS connection is to a, and cannot be to b",
        ),
        (
            "ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).wrap_socket(socket.create_connection(('a', 1)), True)",
            "TLS servers",
        ),
        ("ssl.get_server_certificate(('a', 443))", "certificates of servers are not available"),
    ],
)
def test_what_is_not_http_says_so(guest: Guest, statements: str, message: str) -> None:
    source = "import _socket, http.client, smtplib, socket, ssl, urllib.request\ndef main():\n    " + statements
    error = guest.call(source)["error"]
    assert error["type"] == "task_error"
    assert message in error["message"]
    assert 'File "main.py", line 3' in error["traceback"]
    assert guest.web.operations == []


def test_settings_of_tls_that_libraries_make(guest: Guest) -> None:
    guest.web.answer = echo
    source = """
        import ssl, urllib.request as u
        def main():
            context = ssl._create_unverified_context()
            context.set_alpn_protocols(["http/1.1"])
            context.set_ciphers("DEFAULT")
            context.options |= ssl.OP_NO_COMPRESSION
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.load_default_certs()
            strict = ssl.create_default_context()
            kinds = [strict.check_hostname, strict.verify_mode.name, context.check_hostname, context.verify_mode.name]
            with u.urlopen("https://a.example/", context=context) as answer:
                return [*kinds, answer.status, ssl.OPENSSL_VERSION.split()[0], strict.minimum_version.name]
    """
    assert call(guest, source) == [True, "CERT_REQUIRED", False, "CERT_NONE", 200, "OpenSSL", "TLSv1_2"]
