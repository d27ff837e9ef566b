"""A WebSocket login, which has a prehash, a timestamp unit, a host and codes of its own.

In one thread: Python's TLS sockets may not be read and written at the same time, which a client with a thread for
reading does. About one in a thousand of its connections then waits in vain
(https://github.com/miguelgrinberg/python-socketio/issues/1568).
"""

from __future__ import annotations

import asyncio
import errno
import json
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidProxy, InvalidStatus, InvalidURI

from okx_doctor.observations import CallFailure, Evidence, ExchangeTime, SocketLogin
from okx_doctor.peeling.budget import Denied, login_cost
from okx_doctor.peeling.corrections import CallCredentials, withheld
from okx_doctor.probes.context import Context, Ending, Measured, Skipped, Unknown
from okx_doctor.probes.http import Http, UnusableSetting
from okx_doctor.probes.network import known_code
from okx_doctor.probes.signed import accepted_setup, stamp
from okx_doctor.protocol.signing import login_argument
from okx_doctor.protocol.timestamps import websocket_timestamp

PRIVATE_PATH = "/ws/v5/private"
PUBLIC_PATH = "/ws/v5/public"


def measure_login(context: Context, evidence: Evidence) -> Ending:
    """Log in to the private socket of the site, with what the signed GET was accepted with."""
    found = accepted_setup(context, evidence)
    if found is None:
        return Skipped(reason="needs an accepted signed GET first")
    setup, _ = found
    url = socket_url(context, setup)
    if not url:
        return Skipped(reason="no WebSocket address is known for this site")
    login = context.budget.spend(
        lambda: _login(context, setup, url, evidence.first(ExchangeTime)),
        login_cost,
        patience=context.remaining() - 1.0,
    )
    if isinstance(login, Denied):
        return Unknown(reason=login.reason)
    if login.failure is not None:
        return Unknown(reason="the WebSocket gave no answer", observations=(login,))
    return Measured(observations=(login,))


def socket_url(context: Context, setup: CallCredentials) -> str:
    """The socket that belongs to the setup's host and environment; ``""`` where none is known."""
    for site in context.sites:
        if setup.base_url in site.rest and (site.websocket or site.websocket_demo):
            return (site.websocket_demo if setup.demo else site.websocket) or ""
    if setup.base_url == context.target.base_url:
        return context.websocket_url
    return ""


def try_to_open(http: Http, url: str, seconds: float) -> str:
    """Open the public socket at an address and close it; how it failed, in a few words, or ``""``. Never raises."""

    async def opened() -> None:
        async with _connection(http, url + PUBLIC_PATH, seconds):
            pass

    try:
        asyncio.run(opened())
    except TimeoutError:
        return "times out"
    except ConnectionRefusedError:
        return "is refused"
    except ConnectionResetError:
        return "is reset"
    except (OSError, InvalidHandshake, InvalidProxy, InvalidURI, ImportError, ValueError, UnusableSetting) as error:
        return f"fails ({type(error).__name__})"
    return ""


@asynccontextmanager
async def _connection(http: Http, url: str, seconds: float) -> AsyncIterator[ClientConnection]:
    """An open socket, on the way and with the trust of every other call. Raises what the library raises."""
    proxy = http.proxy(url.replace("ws", "http", 1))
    options: dict[str, Any] = {"proxy_ssl": http.tls_context()} if proxy.startswith("https") else {}
    opening = connect(
        url,
        ssl=http.tls_context() if urlsplit(url).scheme == "wss" else None,
        proxy=proxy or None,
        open_timeout=seconds,
        close_timeout=0.2,
        max_size=1 << 20,
        create_connection=_Direct,
        **options,
    )
    try:
        connection = await opening
    except OSError as error:
        if _refused_everywhere(error):
            raise ConnectionRefusedError(errno.ECONNREFUSED, "every address refuses") from None
        raise
    try:
        yield connection
    finally:
        await connection.close()


def _refused_everywhere(error: OSError) -> bool:
    """Whether several addresses were tried and each refused: asyncio then tells their errors in one text alone."""
    told = set(re.findall(r"\[Errno (\d+)\]", str(error)))
    return error.errno is None and told == {str(errno.ECONNREFUSED)}


class _Throttled(InvalidHandshake):
    """HTTP 429 instead of a WebSocket."""


class _Direct(ClientConnection):
    """A connection that follows no redirect: credentials go to the address they were meant for, or nowhere."""

    async def handshake(self, *args: Any, **options: Any) -> None:
        try:
            await super().handshake(*args, **options)
        except InvalidStatus as error:
            status = error.response.status_code
            if status == 429:
                raise _Throttled from None
            raise InvalidHandshake(f"HTTP {status} instead of a WebSocket") from None


def _login(context: Context, setup: CallCredentials, url: str, sample: ExchangeTime | None) -> SocketLogin:
    kept_back = withheld(setup)
    if kept_back:
        return SocketLogin(url=url, demo=setup.demo, code="", failure=kept_back)
    budget = max(0.1, min(5.0, context.remaining() - 0.5))
    end = context.monotonic() + budget
    code = ""
    failure: CallFailure | None = None

    async def answered() -> str:
        async with _connection(context.http, url + PRIVATE_PATH, budget) as connection:
            await connection.send(_login_message(setup, websocket_timestamp(stamp(context, setup, sample))))
            while context.monotonic() < end:
                async with asyncio.timeout(max(0.05, end - context.monotonic())):
                    event = json.loads(await connection.recv())
                if isinstance(event, dict) and (told := _code(event)):
                    return known_code(told, context.redactor)
        return ""

    try:
        code = asyncio.run(answered())
    except ConnectionClosed as closed:
        code = known_code(str(closed.rcvd.code), context.redactor) if closed.rcvd else ""
        failure = None if code else CallFailure(kind="cut-off", detail="the socket was closed")
    except UnusableSetting as error:
        failure = error.failure
    except (OSError, InvalidHandshake, InvalidProxy, InvalidURI, ImportError, ValueError, RecursionError) as error:
        failure = _failure(error)
    return SocketLogin(url=url, demo=setup.demo, code=code, failure=failure)


def _code(event: Mapping[str, object]) -> str:
    """The code, or other word, with which an event answers the login; ``""`` where it is about something else."""
    if event.get("event") not in ("login", "error"):
        return ""
    code = event.get("code")
    told = str(code) if isinstance(code, (str, int)) and not isinstance(code, bool) else ""
    return "none" if told == "" or (told == "0" and event["event"] == "error") else told


def _login_message(setup: CallCredentials, timestamp: str) -> str:
    argument = login_argument(setup.api_key, setup.secret, setup.passphrase, timestamp)
    return json.dumps({"op": "login", "args": [argument]})


def _failure(error: Exception) -> CallFailure:
    match error:
        case ssl.SSLCertVerificationError():
            return CallFailure(kind="tls", detail=error.verify_message, tls_code=error.verify_code)
        case TimeoutError():
            return CallFailure(kind="timeout", detail="no complete answer in time")
        case ConnectionRefusedError():
            return CallFailure(kind="refused", detail="connection refused")
        case _Throttled():
            return CallFailure(kind="throttled", detail="HTTP 429 instead of a WebSocket")
        case InvalidProxy() | ImportError():
            return CallFailure(kind="proxy", detail=type(error).__name__)
        case OSError():
            return CallFailure(kind="cut-off", detail="the connection failed")
        case _:
            return CallFailure(kind="unreadable", detail=type(error).__name__)
