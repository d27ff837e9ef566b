"""What can be wrong with a client's setup, one thing at a time, and an exchange on which it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from okx_doctor.gate.accounts import generate
from okx_doctor.gate.events import Handled
from okx_doctor.gate.exchange import Exchange, Plan
from okx_doctor.gate.steps import REST_RULES
from okx_doctor.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """``code`` is OKX's answer. The account is right; what is named here deviates from it or from the plan.

    ``api_key``, ``secret``, ``passphrase`` and ``demo_header`` are the client's, the rest is the exchange's.
    """

    name: str
    code: str
    api_key: str | None = None
    secret: str | None = None
    passphrase: str | None = None
    demo_account: bool = False
    demo_header: bool = False
    site: str = "global"
    allowlist: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ("read_only", "trade")
    clock_offset: float = 0.0

    def __str__(self) -> str:
        return self.name


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(name="all right", code="0"),
    Scenario(name="demo trading, all right", code="0", demo_account=True, demo_header=True),
    Scenario(name="wrong passphrase", code="50105", passphrase="Wr0ng-passphrase"),
    Scenario(name="passphrase in the wrong case", code="50105", passphrase="rIGHT-PASSPHRASE7$#"),
    Scenario(name="wrong secret", code="50113", secret="0123456789ABCDEF0123456789ABCDEF"),
    Scenario(name="passphrase as secret", code="50113", secret="Right-Passphrase7$#"),
    Scenario(name="live key in demo trading", code="50101", demo_header=True),
    Scenario(name="demo key in live trading", code="50101", demo_account=True),
    Scenario(name="key of another site", code="50119", site="eea"),
    Scenario(name="unknown key", code="50119", api_key="00000000-0000-4000-8000-000000000000"),
    Scenario(name="key that is no key", code="50111", api_key="your-api-key"),
    Scenario(name="clock 45 s behind", code="50102", clock_offset=45.0),
    Scenario(name="clock 45 s ahead", code="50102", clock_offset=-45.0),
    Scenario(name="address not on the allowlist", code="50110", allowlist=("203.0.113.8", "2001:db8::/32")),
)
LIVE_TRADING = tuple(scenario for scenario in SCENARIOS if not scenario.demo_header)
READ_ONLY = Scenario(name="read-only key places an order", code="50120", permissions=("read_only",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A running exchange and the setup that a client is given for it."""

    exchange: Exchange
    base_url: str
    api_key: str
    secret: str
    passphrase: str
    demo_header: bool

    def for_a_driver(self) -> dict[str, object]:
        """What a client in another process is told."""
        return {
            "baseUrl": self.base_url,
            "apiKey": self.api_key,
            "secret": self.secret,
            "passphrase": self.passphrase,
            "demo": self.demo_header,
        }


@contextmanager
def stand(scenario: Scenario, *, tls: bool = False, websocket: bool = False) -> Iterator[Stand]:
    """Run an exchange for a scenario; on leaving, make sure that it never crashed."""
    account = generate(
        passphrase=Secret("Right-Passphrase7$#"),
        demo=scenario.demo_account,
        site=scenario.site,
        ip_allowlist=scenario.allowlist,
        permissions=scenario.permissions,
    )
    plan = Plan(
        accounts=(account,),
        sites=("global",),
        clock_offset=scenario.clock_offset,
        tls="trusted" if tls else "off",
        websocket=websocket,
    )
    with Exchange(plan) as exchange:
        yield Stand(
            exchange=exchange,
            base_url=exchange.sites[0].rest[0],
            api_key=scenario.api_key or account.api_key,
            secret=scenario.secret or account.secret.reveal(),
            passphrase=scenario.passphrase or account.passphrase.reveal(),
            demo_header=scenario.demo_header,
        )
    assert list(exchange.crashes) == []


def assert_judged(handled: Handled, scenario: Scenario, path: str) -> None:
    """The exchange refused for the scenario's reason and for no other, or found nothing to refuse."""
    assert handled.request.path == path
    assert handled.code == scenario.code
    assert handled.trace is not None
    failed = [step.id for step in handled.trace.steps if step.passed is False]
    assert failed == [rule.id for rule in REST_RULES if rule.code == scenario.code]
