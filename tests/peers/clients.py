"""Clients that nobody here wrote, each behind a driver that does what it is told, one setup per line."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence

from msgspec import Struct

from tests.another_time import shifted
from tests.peers.listeners import Keys, Listener, clean_environment, line_of

END_SECONDS = 120
BOTH = "BTC,ETH"
ORDER: Mapping[str, object] = {
    "instId": "BTC-USDT",
    "tdMode": "cash",
    "side": "buy",
    "ordType": "limit",
    "sz": "0.001",
    "px": "1",
}


class Client(Struct, frozen=True, kw_only=True):
    """A client. ``query`` is how it writes the comma of ``ccy=BTC,ETH``; ``tls``: its WebSockets are wss or nothing."""

    name: str
    driver: str
    query: str
    tls: bool = False

    @property
    def programs(self) -> tuple[str, ...]:
        """What a test of it asks for."""
        return ("node", "npm") if self.driver.endswith(".mjs") else ()

    def __str__(self) -> str:
        return self.name


class Report(Struct, frozen=True, kw_only=True):
    """OKX's codes as the client reports them.

    ``rest``: account configuration, balance, an order, two orders at once. ``socket``: the login, then whatever the
    client has to say of the rest.
    """

    rest: tuple[str, ...]
    socket: tuple[str, ...]


class Driver:
    """A driver that runs: asked with ``drive``, until ``close``."""

    def __init__(self, command: Sequence[str], clock: str, ca_file: str) -> None:
        whole = [*shifted(clock), *command]
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  closed in close()
        trusted = {"SSL_CERT_FILE": ca_file} if ca_file else {}
        self._process = subprocess.Popen(
            whole,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
            env=clean_environment(PYTHONWARNINGS="ignore", **trusted),
        )

    def drive(
        self,
        at: Listener,
        keys: Keys,
        *,
        demo: bool = False,
        ccy: str = BOTH,
        order: Mapping[str, object] = ORDER,
    ) -> Report:
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        setup = {
            "url": at.url,
            "ws": f"{at.ws_demo_url if demo else at.ws_url}/ws/v5",
            "key": keys.api_key,
            "secret": keys.secret,
            "passphrase": keys.passphrase,
            "demo": demo,
            "ccy": ccy,
            "order": dict(order),
        }
        process.stdin.write(f"{json.dumps(setup)}\n")
        process.stdin.flush()
        answer = line_of(process.stdout, process)
        assert answer, self._said()
        found = json.loads(answer)
        return Report(rest=tuple(found["rest"]), socket=tuple(found["socket"]))

    def close(self) -> None:
        """A driver ends where its input does; one that was killed would leave behind what faketime shares."""
        try:
            self._process.communicate(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise
        finally:
            self._errors.close()

    def _said(self) -> str:
        self._errors.seek(0)
        return self._errors.read()
