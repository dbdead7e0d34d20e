"""Names and addresses of hosts. The host of the sandbox resolves names; in here the address of a name is the name."""

from __future__ import annotations

import _socket
from typing import Any, NoReturn

_SERVICES = {"http": 80, "https": 443}
_IMPOSSIBLE = frozenset(" /?#@\\<>^`{|}\"'%\x7f") | {chr(code) for code in range(32)}


def refuse(*_: Any, **__: Any) -> NoReturn:
    """Raises the error for what only a resolver could tell."""
    raise _socket.gaierror(_socket.EAI_NONAME, "names are not resolved inside the sandbox, only by the host")


def host(name: Any) -> str:
    """The name or address in ASCII, without brackets. Raises gaierror for what cannot be one."""
    try:
        text = name.decode("ascii") if isinstance(name, (bytes, bytearray)) else str(name)
        text = text.removeprefix("[").removesuffix("]")
        if not text.isascii():
            text = text.encode("idna").decode("ascii")
    except UnicodeError:
        raise _socket.gaierror(_socket.EAI_NONAME, f"not the name of a host: {name!r}") from None
    if not text or len(text) > 255 or not _IMPOSSIBLE.isdisjoint(text):
        raise _socket.gaierror(_socket.EAI_NONAME, f"not the name of a host: {name!r}")
    return text


def port(number: Any) -> int:
    """The number of a port. Raises OverflowError for what is beyond, as `connect` does."""
    number = int(number)
    if not 0 < number < 1 << 16:
        raise OverflowError("connect(): port must be 1-65535")
    return int(number)


def address(name: str, number: int, family: int) -> tuple[Any, ...]:
    """The address of a socket in the form of its family."""
    return (name, number, 0, 0) if family == _socket.AF_INET6 else (name, number)


_name = host


def getaddrinfo(
    host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
) -> list[tuple[int, int, int, str, tuple[Any, ...]]]:
    """One answer, whose address is the name itself."""
    if host is None or host == "":
        raise _socket.gaierror(_socket.EAI_NONAME, "only clients' sockets are available inside the sandbox")
    name = _name(host)
    family = int(family) or (_socket.AF_INET6 if ":" in name else _socket.AF_INET)
    kind = int(type) or int(_socket.SOCK_STREAM)
    return [(family, kind, int(proto) or int(_socket.IPPROTO_TCP), "", address(name, _service(port), family))]


def getnameinfo(sockaddr: tuple[Any, ...], flags: int, /) -> tuple[str, str]:
    """The name and port that an address is made of."""
    return host(sockaddr[0]), str(sockaddr[1])


def _service(port: Any) -> int:
    if isinstance(port, (bytes, bytearray)):
        port = port.decode("ascii", "replace")
    if isinstance(port, str):
        number = _SERVICES.get(port.lower())
        if number is None and not port.isdecimal():
            raise _socket.gaierror(_socket.EAI_SERVICE, f"unknown service: {port!r}")
        return int(port) if number is None else number
    return 0 if port is None else int(port)
