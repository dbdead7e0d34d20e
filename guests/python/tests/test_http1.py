from __future__ import annotations

import pytest

from capsule_guest.http1 import MAX_HEAD, NotHttp, RequestReader


def read(data: bytes, step: int) -> RequestReader:
    reader = RequestReader()
    for start in range(0, len(data), step):
        reader.feed(data[start : start + step])
    return reader


@pytest.mark.parametrize("step", [1, 3, 1000])
@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (b"GET /x?y=%20 HTTP/1.1\r\nHost: a.b\r\nX: 1\r\n\r\n", b""),
        (b"POST /x?y=%20 HTTP/1.0\r\nContent-Length: 5\r\nX: 1\r\n\r\nhello", b"hello"),
        (
            b"PUT /x?y=%20 HTTP/1.1\r\nX: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n",
            b"abc0123456789",
        ),
        (b"PUT /x?y=%20 HTTP/1.1\r\nX: 1\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\nT: x\r\n\r\n", b"a"),
    ],
)
def test_a_request_in_any_pieces(request_: bytes, body: bytes, step: int) -> None:
    reader = read(request_, step)
    assert reader.complete
    assert reader.head is not None
    assert reader.head.target == "/x?y=%20"
    assert ("X", "1") in reader.head.headers
    assert bytes(reader.body) == body


def test_headers_of_the_connection_are_left_out() -> None:
    reader = read(
        b"GET / HTTP/1.1\r\nConnection: keep-alive\r\nTE: x\r\nCookie: a=b\r\nExpect: 100-continue\r\n\r\n", 999
    )
    assert reader.head is not None
    assert reader.head.headers == [("Cookie", "a=b")]
    assert reader.head.expects_continue


def test_bytes_beyond_ascii_are_kept() -> None:
    reader = read("GET /ü HTTP/1.1\r\nX: é\r\n\r\n".encode("latin-1"), 999)
    assert reader.head is not None
    assert (reader.head.target, reader.head.headers) == ("/%FC", [("X", "é")])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x16\x03\x01", "only HTTP/1.1"),
        (b"*1\r\n$4\r\nPING\r\n", "only HTTP/1.1"),
        (b"GET / HTTP/2.0\r\n", "only HTTP/1.1"),
        (b"GET /a b HTTP/1.1\r\n", "only HTTP/1.1"),
        (b"GET /\tb HTTP/1.1\r\n", "only HTTP/1.1"),
        (b"EHLO x\r\n", "only HTTP/1.1"),
        (b"CONNECT a:443 HTTP/1.1\r\n\r\n", "proxies"),
        (b"GET http://evil/ HTTP/1.1\r\n\r\n", "proxies"),
        (b"GET * HTTP/1.1\r\n\r\n", "proxies"),
        (b"GET / HTTP/1.1\r\nnocolon\r\n\r\n", "not a header"),
        (b"GET / HTTP/1.1\r\nA : b\r\n\r\n", "not a header"),
        (b"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", "not a header"),
        (b"GET / HTTP/1.1\r\nA: b\nB: c\r\n\r\n", "not a header"),
        (b"GET / HTTP/1.1\r\nA: b\0\r\n\r\n", "not a header"),
        (b"GET / HTTP/1.1\r\nUpgrade: WebSocket\r\n\r\n", "WebSockets"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "either"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "either"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "not a Content-Length"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "not a Content-Length"),
        (b"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", "not a Content-Length"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "bad chunk"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "longer than it says"),
        (b"GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", "one request at a time"),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * MAX_HEAD, "longer than"),
        (b"x" * (MAX_HEAD + 1), "longer than"),
    ],
)
def test_what_is_no_request_says_so(data: bytes, message: str) -> None:
    with pytest.raises(NotHttp, match=message):
        read(data, 1 << 20)


def test_after_the_request_nothing_follows() -> None:
    reader = read(b"GET / HTTP/1.1\r\n\r\n", 99)
    reader.feed(b"\r\n")
    with pytest.raises(NotHttp, match="open another one"):
        reader.feed(b"GET / HTTP/1.1\r\n\r\n")
