"""A WebSocket login, which has a prehash, a timestamp unit, a host and codes of its own."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidProxy, InvalidStatus, InvalidURI
from websockets.sync.client import ClientConnection, connect

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
    secure = urlsplit(url).scheme == "wss"
    proxy = http.proxy(url.replace("ws", "http", 1))
    try:
        context = http.tls_context() if secure else None
        with connect(
            url + PUBLIC_PATH,
            ssl=context,
            proxy=proxy or None,
            open_timeout=seconds,
            close_timeout=0.2,
            create_connection=_Direct,
        ):
            return ""
    except TimeoutError:
        return "times out"
    except ConnectionRefusedError:
        return "is refused"
    except ConnectionResetError:
        return "is reset"
    except (OSError, InvalidHandshake, InvalidProxy, InvalidURI, ImportError, ValueError, UnusableSetting) as error:
        return f"fails ({type(error).__name__})"


class _Throttled(InvalidHandshake):
    """HTTP 429 instead of a WebSocket."""


class _Direct(ClientConnection):
    """A connection that follows no redirect: credentials go to the address they were meant for, or nowhere."""

    def handshake(self, *args: Any, **options: Any) -> None:
        try:
            super().handshake(*args, **options)
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
    secure = urlsplit(url).scheme == "wss"
    proxy = context.http.proxy(url.replace("ws", "http", 1))
    try:
        with connect(
            url + PRIVATE_PATH,
            ssl=context.http.tls_context() if secure else None,
            proxy=proxy or None,
            proxy_ssl=context.http.tls_context() if proxy.startswith("https") else None,
            open_timeout=budget,
            close_timeout=0.2,
            max_size=1 << 20,
            create_connection=_Direct,
        ) as connection:
            timestamp = websocket_timestamp(stamp(context, setup, sample))
            connection.send(_login_message(setup, timestamp))
            while not code and context.monotonic() < end:
                event = json.loads(connection.recv(timeout=max(0.05, end - context.monotonic())))
                if isinstance(event, dict):
                    code = known_code(_code(event), context.redactor)
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
