"""An exchange for one connection, without an event loop: for a client in this process that looks at its own requests.

A loop would cost a short run more to import than all that it asks here.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import h11

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.answering import answer
from okx_doctor.gate.api.replies import Reply
from okx_doctor.gate.evaluate import Venue
from okx_doctor.gate.serve import LOOPBACK
from okx_doctor.gate.serve.messages import response_of, wire_request
from okx_doctor.protocol.wire import WireRequest

_READ_SECONDS = 30.0
"""How long each read waits, for the connection and for what comes over it. The client has a shorter deadline."""
_END_SECONDS = 2.0
_CHUNK = 64 * 1024


@contextmanager
def tap(account: Account) -> Iterator[tuple[str, list[tuple[WireRequest, Reply]]]]:
    """Serve the first connection; the address, and each request with its answer, as they come.

    The client closes its connection first.
    """
    handled: list[tuple[WireRequest, Reply]] = []
    with socket.create_server((LOOPBACK, 0)) as listening:
        listening.settimeout(_READ_SECONDS)
        thread = Thread(target=_serve, args=(listening, account, handled), name="wire tap", daemon=True)
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{listening.getsockname()[1]}", handled
        finally:
            thread.join(_END_SECONDS)


def _serve(listening: socket.socket, account: Account, handled: list[tuple[WireRequest, Reply]]) -> None:
    venue = Venue(site=account.site, accounts=(account,))
    with suppress(OSError, h11.RemoteProtocolError):  # the client sees that no answer comes
        connection, (caller_ip, _) = listening.accept()
        with connection:
            connection.settimeout(_READ_SECONDS)
            http = h11.Connection(h11.SERVER)
            while request := _request(connection, http):
                now = time.time()
                reply, _trace = answer(request, venue=venue, now=now, caller_ip=caller_ip)
                handled.append((request, reply))
                parts = (response_of(reply, now), h11.Data(data=reply.body), h11.EndOfMessage())
                connection.sendall(b"".join(http.send(part) or b"" for part in parts))
                http.start_next_cycle()


def _request(connection: socket.socket, http: h11.Connection) -> WireRequest | None:
    """The next request; ``None`` where the connection ended."""
    head, body = None, b""
    while not isinstance(event := http.next_event(), h11.EndOfMessage):
        if event is h11.NEED_DATA:
            http.receive_data(connection.recv(_CHUNK))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        else:
            return None
    return wire_request(head, body) if head else None
