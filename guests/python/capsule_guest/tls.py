"""The sandbox's `_ssl`: Python's own module `ssl` is built on it, and so is everything that uses that.

TLS is the host's: it connects, and always verifies the server's certificate against the host's own authorities. In here
a handshake only notes that the connection is https, and what is read and written is the plain text. So settings of a
context change nothing, and those that a program could not do without are refused.
"""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

from capsule_guest.exchange import HELLO
from capsule_guest.sockets import HttpSocket


class SSLError(OSError):
    """An error of TLS."""

    library: str | None = None
    reason: str | None = None

    def __str__(self) -> str:
        return str(self.strerror or (self.args[0] if self.args else ""))


class SSLZeroReturnError(SSLError):
    """The other end has closed the connection."""


class SSLWantReadError(SSLError):
    """There is nothing to read yet."""


class SSLWantWriteError(SSLError):
    """Nothing can be written yet."""


class SSLSyscallError(SSLError):
    """The connection failed."""


class SSLEOFError(SSLError):
    """The connection has ended early."""


class SSLCertVerificationError(SSLError, ValueError):
    """The server's certificate was refused."""

    verify_code = 1
    verify_message = ""


class SSLSession:
    """A session of TLS; there are none in here."""


class MemoryBIO:
    """A buffer of bytes with an end."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._ended = False

    @property
    def pending(self) -> int:
        """Bytes in it."""
        return len(self._data)

    @property
    def eof(self) -> bool:
        """True when its end has been read."""
        return self._ended and not self._data

    def read(self, size: int = -1, /) -> bytes:
        size = len(self._data) if size < 0 else size
        found = bytes(self._data[:size])
        del self._data[:size]
        return found

    def write(self, data: Any, /) -> int:
        if self._ended:
            raise SSLError("cannot write() after write_eof()")
        view = memoryview(data).cast("B")
        self._data += view
        return len(view)

    def write_eof(self) -> None:
        self._ended = True


def _refuse(what: str) -> NoReturn:
    raise SSLError(f"{what} not available inside the sandbox: TLS is the host's")


class Context:
    """`_ssl._SSLContext`: remembers its settings."""

    def __new__(cls, protocol: int, /) -> Context:  # noqa: PYI034
        self = object.__new__(cls)
        is_client = protocol == _PROTOCOLS["PROTOCOL_TLS_CLIENT"]
        self.__dict__.update(
            _protocol=int(protocol),
            _check_hostname=is_client,
            _verify_mode=_CERTS["CERT_REQUIRED" if is_client else "CERT_NONE"],
            _options=_OPTIONS["OP_ALL"] | _OPTIONS["OP_NO_SSLv3"],
            _verify_flags=_VERIFY["VERIFY_X509_TRUSTED_FIRST"],
            _minimum_version=_VERSIONS["PROTO_TLSv1_2"],
            _maximum_version=_VERSIONS["PROTO_MAXIMUM_SUPPORTED"],
            _msg_callback=None,
        )
        return self

    _host_flags = 0
    keylog_filename: str | None = None
    num_tickets = 2
    post_handshake_auth = False
    security_level = 2
    sni_callback: Any = None

    @property
    def protocol(self) -> int:
        """Always the one that it was made with."""
        return int(self.__dict__["_protocol"])

    @property
    def check_hostname(self) -> bool:
        """What was set: the host checks the name in any case."""
        return bool(self.__dict__["_check_hostname"])

    @check_hostname.setter
    def check_hostname(self, value: bool) -> None:
        if value and self.__dict__["_verify_mode"] == _CERTS["CERT_NONE"]:
            self.__dict__["_verify_mode"] = _CERTS["CERT_REQUIRED"]
        self.__dict__["_check_hostname"] = bool(value)

    @property
    def verify_mode(self) -> int:
        """What was set: the host verifies certificates in any case."""
        return int(self.__dict__["_verify_mode"])

    @verify_mode.setter
    def verify_mode(self, value: int) -> None:
        if value not in _CERTS.values():
            raise ValueError("invalid value for verify_mode")
        if value == _CERTS["CERT_NONE"] and self.__dict__["_check_hostname"]:
            raise ValueError("Cannot set verify_mode to CERT_NONE when check_hostname is enabled.")
        self.__dict__["_verify_mode"] = int(value)

    def _setting(name: str) -> Any:  # type: ignore[misc]  # noqa: N805
        def read(self: Context) -> int:
            return int(self.__dict__[name])

        def write(self: Context, value: int) -> None:
            self.__dict__[name] = int(value)

        return property(read, write, doc="A number that is only remembered.")

    options = _setting("_options")
    verify_flags = _setting("_verify_flags")
    minimum_version = _setting("_minimum_version")
    maximum_version = _setting("_maximum_version")

    def load_verify_locations(self, cafile: Any = None, capath: Any = None, cadata: Any = None) -> None:
        """Has no effect but for a file that is not there: the host has its own authorities."""
        if cafile is None and capath is None and cadata is None:
            raise TypeError("cafile, capath and cadata cannot be all omitted")
        for path in (cafile, capath):
            if path is not None:
                os.stat(path)

    def load_cert_chain(self, *_: Any, **__: Any) -> NoReturn:
        _refuse("certificates of clients and servers are")

    def load_dh_params(self, *_: Any) -> NoReturn:
        _refuse("TLS servers are")

    def set_default_verify_paths(self) -> None:
        """Has no effect."""

    def set_ciphers(self, _: str, /) -> None:
        """Has no effect."""

    def set_ecdh_curve(self, _: str, /) -> None:
        """Has no effect."""

    def _set_alpn_protocols(self, _: Any, /) -> None:
        """Has no effect: the protocol in here is HTTP/1.1."""

    def get_ciphers(self) -> list[Any]:
        return []

    def get_ca_certs(self, binary_form: bool = False) -> list[Any]:
        return []

    def cert_store_stats(self) -> dict[str, int]:
        return {"x509": 0, "crl": 0, "x509_ca": 0}

    def session_stats(self) -> dict[str, int]:
        return {}

    def _wrap_socket(self, sock: HttpSocket, server_side: bool, name: str | None = None, **more: Any) -> TlsSocket:
        return TlsSocket(self, sock, server_side, name, more.get("owner"))

    def _wrap_bio(self, incoming: Any, outgoing: Any, server_side: bool, name: Any = None, **more: Any) -> TlsBuffer:
        return TlsBuffer(self, incoming, outgoing, server_side, name, more.get("owner"))


class _Tls:
    """What both kinds of TLS connection answer alike: the host knows, and in here nobody does."""

    session: Any = None
    session_reused = False

    def __init__(self, context: Context, server_side: bool, name: Any, owner: Any) -> None:
        if server_side:
            _refuse("TLS servers are")
        self.context = context
        self.owner = owner
        self.server_side = False
        self.server_hostname: str | None = name.decode("ascii") if isinstance(name, bytes) else name

    def getpeercert(self, binary_form: bool = False, /) -> dict[str, Any]:
        if binary_form:
            _refuse("certificates of servers are")
        return {}

    def get_verified_chain(self) -> list[Any]:
        return []

    get_unverified_chain = get_verified_chain

    def get_channel_binding(self, cb_type: str = "tls-unique") -> None:
        return None

    def _unknown(self) -> None:
        """None: not known in here."""

    cipher = compression = group = selected_alpn_protocol = shared_ciphers = version = _unknown

    def verify_client_post_handshake(self) -> NoReturn:
        _refuse("TLS servers are")


class TlsSocket(_Tls):
    """TLS over one of the sandbox's sockets."""

    def __init__(self, context: Context, sock: HttpSocket, server_side: bool, name: Any, owner: Any) -> None:
        super().__init__(context, server_side, name, owner)
        self._sock = sock

    def do_handshake(self) -> None:
        self._sock.start_tls(self.server_hostname)

    def read(self, size: int = 1024, buffer: Any = None, /) -> Any:
        if buffer is None:
            return HttpSocket.recv(self._sock, size)
        return HttpSocket.recv_into(self._sock, buffer, size)

    def write(self, data: Any, /) -> int:
        return HttpSocket.send(self._sock, data)

    def pending(self) -> int:
        return 0

    def shutdown(self) -> HttpSocket:
        return self._sock


class TlsBuffer(_Tls):
    """TLS over two buffers, as asyncio and anyio use it."""

    def __init__(
        self, context: Context, incoming: MemoryBIO, outgoing: MemoryBIO, server_side: bool, name: Any, owner: Any
    ) -> None:
        super().__init__(context, server_side, name, owner)
        self._incoming = incoming
        self._outgoing = outgoing
        self._is_open = False

    def do_handshake(self) -> None:
        if not self._is_open:
            self._is_open = True
            self._outgoing.write(HELLO + (self.server_hostname or "").encode("ascii") + b"\n")

    def read(self, size: int = 1024, buffer: Any = None, /) -> Any:
        if not self._incoming.pending and not self._incoming.eof:
            raise SSLWantReadError(_ERRORS["SSL_ERROR_WANT_READ"], "The operation did not complete (read)")
        if buffer is None:
            return self._incoming.read(size)
        view = memoryview(buffer).cast("B")
        data = self._incoming.read(min(size, len(view)) if size > 0 else len(view))
        view[: len(data)] = data
        return len(data)

    def write(self, data: Any, /) -> int:
        self.do_handshake()
        return self._outgoing.write(data)

    def pending(self) -> int:
        return self._incoming.pending

    def shutdown(self) -> None:
        """There is no farewell to wait for."""


_CERTS = {"CERT_NONE": 0, "CERT_OPTIONAL": 1, "CERT_REQUIRED": 2}
_PROTOCOLS = {
    "PROTOCOL_TLS": 2,
    "PROTOCOL_TLSv1": 3,
    "PROTOCOL_TLSv1_1": 4,
    "PROTOCOL_TLSv1_2": 5,
    "PROTOCOL_TLS_CLIENT": 16,
    "PROTOCOL_TLS_SERVER": 17,
}
_VERSIONS = {
    "PROTO_MINIMUM_SUPPORTED": -2,
    "PROTO_MAXIMUM_SUPPORTED": -1,
    "PROTO_SSLv3": 0x300,
    "PROTO_TLSv1": 0x301,
    "PROTO_TLSv1_1": 0x302,
    "PROTO_TLSv1_2": 0x303,
    "PROTO_TLSv1_3": 0x304,
}
_OPTIONS = {
    "OP_LEGACY_SERVER_CONNECT": 1 << 2,
    "OP_ENABLE_KTLS": 1 << 3,
    "OP_IGNORE_UNEXPECTED_EOF": 1 << 7,
    "OP_NO_TICKET": 1 << 14,
    "OP_NO_COMPRESSION": 1 << 17,
    "OP_ENABLE_MIDDLEBOX_COMPAT": 1 << 20,
    "OP_CIPHER_SERVER_PREFERENCE": 1 << 22,
    "OP_NO_SSLv2": 0,
    "OP_NO_SSLv3": 1 << 25,
    "OP_NO_TLSv1": 1 << 26,
    "OP_NO_TLSv1_2": 1 << 27,
    "OP_NO_TLSv1_1": 1 << 28,
    "OP_NO_TLSv1_3": 1 << 29,
    "OP_NO_RENEGOTIATION": 1 << 30,
    "OP_SINGLE_DH_USE": 0,
    "OP_SINGLE_ECDH_USE": 0,
    "OP_ALL": 0x80000050,
}
_VERIFY = {
    "VERIFY_DEFAULT": 0,
    "VERIFY_CRL_CHECK_LEAF": 4,
    "VERIFY_CRL_CHECK_CHAIN": 12,
    "VERIFY_X509_STRICT": 0x20,
    "VERIFY_ALLOW_PROXY_CERTS": 0x40,
    "VERIFY_X509_TRUSTED_FIRST": 0x8000,
    "VERIFY_X509_PARTIAL_CHAIN": 0x80000,
}
_ERRORS = {
    "SSL_ERROR_SSL": 1,
    "SSL_ERROR_WANT_READ": 2,
    "SSL_ERROR_WANT_WRITE": 3,
    "SSL_ERROR_WANT_X509_LOOKUP": 4,
    "SSL_ERROR_SYSCALL": 5,
    "SSL_ERROR_ZERO_RETURN": 6,
    "SSL_ERROR_WANT_CONNECT": 7,
    "SSL_ERROR_EOF": 8,
    "SSL_ERROR_INVALID_ERROR_CODE": 10,
}
_ALERTS = {
    "CLOSE_NOTIFY": 0,
    "UNEXPECTED_MESSAGE": 10,
    "BAD_RECORD_MAC": 20,
    "RECORD_OVERFLOW": 22,
    "DECOMPRESSION_FAILURE": 30,
    "HANDSHAKE_FAILURE": 40,
    "BAD_CERTIFICATE": 42,
    "UNSUPPORTED_CERTIFICATE": 43,
    "CERTIFICATE_REVOKED": 44,
    "CERTIFICATE_EXPIRED": 45,
    "CERTIFICATE_UNKNOWN": 46,
    "ILLEGAL_PARAMETER": 47,
    "UNKNOWN_CA": 48,
    "ACCESS_DENIED": 49,
    "DECODE_ERROR": 50,
    "DECRYPT_ERROR": 51,
    "PROTOCOL_VERSION": 70,
    "INSUFFICIENT_SECURITY": 71,
    "INTERNAL_ERROR": 80,
    "USER_CANCELLED": 90,
    "NO_RENEGOTIATION": 100,
    "UNSUPPORTED_EXTENSION": 110,
    "CERTIFICATE_UNOBTAINABLE": 111,
    "UNRECOGNIZED_NAME": 112,
    "BAD_CERTIFICATE_STATUS_RESPONSE": 113,
    "BAD_CERTIFICATE_HASH_VALUE": 114,
    "UNKNOWN_PSK_IDENTITY": 115,
}
_OBJECTS = (
    (129, "serverAuth", "TLS Web Server Authentication", "1.3.6.1.5.5.7.3.1"),
    (130, "clientAuth", "TLS Web Client Authentication", "1.3.6.1.5.5.7.3.2"),
)


def _txt2obj(txt: str, name: bool = False) -> tuple[int, str, str, str]:
    for each in _OBJECTS:
        if txt == each[3] or (name and txt in each[1:3]):
            return each
    raise ValueError(f"unknown object '{txt[:100]}'")


def _nid2obj(nid: int, /) -> tuple[int, str, str, str]:
    for each in _OBJECTS:
        if nid == each[0]:
            return each
    raise ValueError(f"unknown NID {nid}")


def install() -> None:
    """Makes this module `_ssl`. Must come before `ssl` is imported."""
    values: dict[str, Any] = {
        **_CERTS,
        **_PROTOCOLS,
        **_VERSIONS,
        **_OPTIONS,
        **_VERIFY,
        **_ERRORS,
        **{f"ALERT_DESCRIPTION_{name}": code for name, code in _ALERTS.items()},
        **{f"HAS_{name}": False for name in ("SSLv2", "SSLv3", "TLSv1", "TLSv1_1", "NPN", "PSK", "PHA", "PSK_TLS13")},
        **{f"HAS_{name}": True for name in ("SNI", "ECDH", "ALPN", "TLSv1_2", "TLSv1_3")},
        "HOSTFLAG_ALWAYS_CHECK_SUBJECT": 1,
        "HOSTFLAG_NEVER_CHECK_SUBJECT": 0x20,
        # libraries look for this name, and warn of any other
        "OPENSSL_VERSION": "OpenSSL 3.5.0 (its names only: TLS is the host's)",
        "OPENSSL_VERSION_INFO": (3, 5, 0, 0, 0),
        "OPENSSL_VERSION_NUMBER": 0x30500000,
        "_OPENSSL_API_VERSION": (3, 5, 0, 0, 0),
        "_DEFAULT_CIPHERS": "DEFAULT",
        "_SSLContext": Context,
        "RAND_add": lambda *_: None,
        "RAND_bytes": os.urandom,
        "RAND_status": lambda: True,
        "get_default_verify_paths": lambda: ("SSL_CERT_FILE", "/ssl/cert.pem", "SSL_CERT_DIR", "/ssl/certs"),
        "nid2obj": _nid2obj,
        "txt2obj": _txt2obj,
    }
    globals().update(values)
    sys.modules["_ssl"] = sys.modules[__name__]
