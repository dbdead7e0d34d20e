"""Connections of the event loop: while the host carries out one request, the loop goes on with everything else."""

from __future__ import annotations

import asyncio
from asyncio import protocols, transports
from asyncio.trsock import TransportSocket
from typing import Any

from capsule_guest import connections, wire
from capsule_guest.exchange import Exchange

READ_AT_ONCE = 256 * 1024
"""Bytes that a protocol is given at once."""


class HttpTransport(transports._FlowControlMixin, transports.Transport):
    """asyncio's transport over a connected socket of the sandbox."""

    _start_tls_compatible = True

    def __init__(
        self,
        loop: Any,
        sock: Any,
        protocol: asyncio.BaseProtocol,
        waiter: asyncio.Future[None] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        known = {"socket": TransportSocket(sock), "sockname": sock.getsockname(), "peername": sock.getpeername()}
        super().__init__({**(extra or {}), **known}, loop)
        self._loop = loop
        self._sock = sock
        self._exchange = _exchange_of(sock)
        self._operation: asyncio.Future[dict[str, Any]] | None = None
        self._paused = False
        self._closing = False
        self._told_of_end = False
        self.set_protocol(protocol)
        loop.call_soon(protocol.connection_made, self)
        if waiter is not None:
            loop.call_soon(_wake, waiter)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol: Any = protocol
        if not self._closing:
            self._loop.call_soon(self._deliver)

    def get_protocol(self) -> asyncio.BaseProtocol:
        protocol: asyncio.BaseProtocol = self._protocol
        return protocol

    def is_closing(self) -> bool:
        return self._closing

    def is_reading(self) -> bool:
        return not self._paused and not self._closing

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        if self._paused:
            self._paused = False
            self._loop.call_soon(self._deliver)

    def write(self, data: Any) -> None:
        if self._closing:
            return
        try:
            self._exchange.feed(memoryview(data).cast("B"))
        except OSError as problem:
            self._loop.call_soon(self._end, problem)
            return
        self._start()
        self._maybe_pause_protocol()  # type: ignore[attr-defined]
        self._loop.call_soon(self._deliver)

    def get_write_buffer_size(self) -> int:
        return self._exchange.unsent

    def can_write_eof(self) -> bool:
        return False

    def close(self) -> None:
        self._end(None)

    def abort(self) -> None:
        self._end(None)

    def _start(self) -> None:
        """Starts the next operation, if there is one to start."""
        if self._closing:
            return
        operation = self._exchange.next_operation(reading=not self._paused and not self._exchange.answer)
        if operation is not None:
            self._operation = self._loop.perform(wire.encode_ascii(operation))
            self._operation.add_done_callback(self._ended)

    def _ended(self, operation: asyncio.Future[dict[str, Any]]) -> None:
        if operation.cancelled() or self._closing:
            return
        self._operation = None
        self._exchange.completed(operation.result())
        self._start()
        self._maybe_resume_protocol()  # type: ignore[attr-defined]
        self._deliver()

    def _deliver(self) -> None:
        """Gives the protocol what has come, as long as it wants it."""
        while not self._paused and not self._closing and self._exchange.readable:
            try:
                data = self._exchange.take(READ_AT_ONCE)
            except OSError as problem:
                self._end(problem)
                return
            if not data:
                if not self._told_of_end:
                    self._told_of_end = True
                    if not self._protocol.eof_received():
                        self.close()
                return
            if isinstance(self._protocol, protocols.BufferedProtocol):
                protocols._feed_data_to_buffered_proto(self._protocol, data)  # type: ignore[attr-defined]
            else:
                self._protocol.data_received(data)
        self._start()

    def _end(self, problem: OSError | None) -> None:
        if self._closing:
            return
        self._closing = True
        if self._operation is not None:
            self._operation.cancel()
        self._loop.call_soon(self._lost, problem)

    def _lost(self, problem: OSError | None) -> None:
        self._sock.close()
        self._protocol.connection_lost(problem)


def _exchange_of(sock: Any) -> Exchange:
    connection = connections.of(sock.fileno())
    if connection is None or connection.exchange is None:
        raise OSError("the socket is not connected")
    return connection.exchange


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.cancelled():
        waiter.set_result(None)
