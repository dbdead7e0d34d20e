"""The sandbox's `_socket.socket`: Python's own module `socket` is built on it, and so is everything that uses that.

A connection speaks HTTP/1.1 and nothing else, because its other end is not the server but the host, which carries out
each request if the task may. Names are not resolved in here either: a name's address is the name.
"""

from __future__ import annotations

import _socket
import errno
import math
from time import monotonic
from typing import Any, NoReturn

from capsule_guest import connections, names
from capsule_guest.connections import Connection
from capsule_guest.exchange import Exchange
from capsule_guest.http1 import ONLY_HTTP

_defaults: dict[str, float | None] = {"timeout": None}


def refuse(*_: Any, **__: Any) -> NoReturn:
    """Raises the error for everything that a client of HTTP does not need."""
    raise OSError(errno.ENOTSUP, ONLY_HTTP)


class HttpSocket:
    """`_socket.socket` as far as a client of HTTP needs it."""

    __slots__ = ("_address_family", "_descriptor", "_kind", "_option", "_protocol", "_timeout")

    def __init__(self, family: int = -1, type: int = -1, proto: int = -1, fileno: int | None = None) -> None:
        self._descriptor = -1
        self._option: dict[tuple[int, int], Any] = {}
        self._timeout = _defaults["timeout"]
        self._address_family = _socket.AF_INET if family == -1 else int(family)
        self._kind = _socket.SOCK_STREAM if type == -1 else int(type)
        self._protocol = 0 if proto == -1 else int(proto)
        flags = int(getattr(_socket, "SOCK_NONBLOCK", 0)) | int(getattr(_socket, "SOCK_CLOEXEC", 0))
        if self._kind & ~flags != _socket.SOCK_STREAM or self._address_family not in (
            _socket.AF_INET,
            _socket.AF_INET6,
        ):
            refuse()
        if fileno is None:
            self._descriptor = connections.add(Connection())
        elif connections.of(fileno) is None:
            raise OSError(errno.EBADF, f"file descriptor {fileno} is not a socket")
        else:
            self._descriptor = fileno

    def connect(self, address: Any, /) -> None:
        """Notes where to: the host connects when the request is there."""
        connection = self._connection()
        if connection.exchange is not None:
            raise OSError(errno.EISCONN, "the socket is connected already")
        if not isinstance(address, tuple) or len(address) < 2:
            raise TypeError(f"an address is a tuple of a host and a port, not {address!r}")
        connection.exchange = Exchange(names.host(address[0]), names.port(address[1]))

    def connect_ex(self, address: Any, /) -> int:
        try:
            self.connect(address)
        except OSError as error:
            if error.errno is None:
                raise
            return error.errno
        return 0

    def send(self, data: Any, flags: int = 0, /) -> int:
        view = memoryview(data).cast("B")
        self._connection().send(view, self._deadline())
        return len(view)

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        self.send(data)

    def sendmsg(self, buffers: Any, *_: Any) -> int:
        return self.send(b"".join(buffers))

    def sendto(self, data: Any, *_: Any) -> int:
        refuse()

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        if flags:
            refuse()
        if size < 0:
            raise ValueError("negative buffersize in recv")
        return self._connection().receive(size, self._deadline()) if size else b""

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        view = memoryview(buffer).cast("B")
        data = self.recv(nbytes or len(view), flags)
        view[: len(data)] = data
        return len(data)

    def recvfrom(self, size: int, flags: int = 0, /) -> tuple[bytes, Any]:
        return self.recv(size, flags), None

    def recvfrom_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> tuple[int, Any]:
        return self.recv_into(buffer, nbytes, flags), None

    bind = listen = _accept = refuse

    def close(self) -> None:
        connections.remove(self.detach())

    def detach(self) -> int:
        """The file descriptor, which is not this object's any more."""
        descriptor, self._descriptor = self._descriptor, -1
        return descriptor

    def fileno(self) -> int:
        return self._descriptor

    def shutdown(self, how: int, /) -> None:
        if self._connection().exchange is None:
            raise OSError(errno.ENOTCONN, "the socket is not connected")

    def getpeername(self) -> tuple[Any, ...]:
        exchange = self._connection().exchange
        if exchange is None:
            raise OSError(errno.ENOTCONN, "the socket is not connected")
        return names.address(exchange.host, exchange.port, self._address_family)

    def getsockname(self) -> tuple[Any, ...]:
        self._connection()
        return names.address("::" if self._address_family == _socket.AF_INET6 else "0.0.0.0", 0, self._address_family)

    def setsockopt(self, level: int, option: int, value: Any, length: int | None = None, /) -> None:
        """Takes any option: they are about a connection that is the host's."""
        self._option[level, option] = value

    def getsockopt(self, level: int, option: int, length: int = 0, /) -> Any:
        if level == _socket.SOL_SOCKET and option == _socket.SO_TYPE:
            return self._kind
        return self._option.get((level, option), bytes(length) if length else 0)

    @property
    def family(self) -> int:
        """The family of addresses."""
        return self._address_family

    @property
    def type(self) -> int:
        """Always a stream's."""
        return self._kind

    @property
    def proto(self) -> int:
        """The number that it was made with."""
        return self._protocol

    @property
    def timeout(self) -> float | None:
        """Seconds; None: no limit."""
        return self._timeout

    def gettimeout(self) -> float | None:
        return self._timeout

    def settimeout(self, value: float | None, /) -> None:
        if value is not None:
            value = float(value)
            if value < 0:
                raise ValueError("Timeout value out of range")
            if math.isnan(value):
                raise ValueError("Invalid value NaN (not a number)")
        self._timeout = value

    def getblocking(self) -> bool:
        return self._timeout != 0.0

    def setblocking(self, flag: bool, /) -> None:
        self._timeout = None if flag else 0.0

    def start_tls(self, name: str | None) -> None:
        """For `_ssl`: what is written from here on goes by https."""
        exchange = self._connection().exchange
        if exchange is None:
            raise OSError(errno.ENOTCONN, "the socket is not connected")
        exchange.start_tls(name)

    def _connection(self) -> Connection:
        connection = connections.of(self._descriptor)
        if connection is None:
            raise OSError(errno.EBADF, "the socket is closed")
        return connection

    def _deadline(self) -> float:
        if self._timeout is None:
            return math.inf
        return monotonic() + self._timeout if self._timeout else 0.0

    def __del__(self) -> None:
        if getattr(self, "_descriptor", -1) != -1:
            self.close()


def _dup(descriptor: int, /) -> int:
    connection = connections.of(descriptor)
    if connection is None:
        raise OSError(errno.EBADF, f"file descriptor {descriptor} is not a socket")
    return connections.add(connection)


def _set_default_timeout(seconds: float | None, /) -> None:
    _defaults["timeout"] = None if seconds is None else float(seconds)


def install() -> None:
    """Replaces the names of `_socket`. Must come before `socket` is imported, which copies them."""
    replaced: dict[str, Any] = {
        "socket": HttpSocket,
        "SocketType": HttpSocket,
        "close": connections.remove,
        "dup": _dup,
        "getaddrinfo": names.getaddrinfo,
        "getdefaulttimeout": lambda: _defaults["timeout"],
        "setdefaulttimeout": _set_default_timeout,
        "gethostbyaddr": names.refuse,
        "gethostbyname": names.host,
        "gethostbyname_ex": lambda name: (names.host(name), [], [names.host(name)]),
        "gethostname": lambda: "sandbox",
        "getnameinfo": names.getnameinfo,
        "has_ipv6": False,  # no server sockets: libraries try it by binding one
    }
    for name, value in replaced.items():
        setattr(_socket, name, value)
