"""The embedded exchange as a probe needs it: one throwaway account, and what arrived on the wire."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from okx_doctor.gate.accounts import Account, generate
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeTap:
    """A ``WireTap`` over a running exchange."""

    exchange: Exchange
    account: Account

    @property
    def base_url(self) -> str:
        return self.exchange.sites[0].rest[0]

    @property
    def api_key(self) -> str:
        return self.account.api_key

    @property
    def secret(self) -> Secret:
        return self.account.secret

    @property
    def passphrase(self) -> Secret:
        return self.account.passphrase

    def received(self) -> tuple[tuple[WireRequest, bool], ...]:
        return tuple((handled.request, handled.code == "0") for handled in self.exchange.handled)


@contextmanager
def wire_tap(now: Callable[[], float] = time.time) -> Iterator[ExchangeTap]:
    """Run an exchange with one account for as long as a probe looks at its own requests."""
    account = generate()
    with Exchange(Plan(accounts=(account,), sites=(account.site,)), now=now) as exchange:
        yield ExchangeTap(exchange=exchange, account=account)
