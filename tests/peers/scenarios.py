"""What can be wrong with a client's setup, one thing at a time, and what OKX answers and the listener says to it."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from tests.peers.listeners import Keys, Line

LIVE: tuple[str, ...] = ()
DEMO = ("--demo",)
READ_ONLY = ("--permission", "read")
ELSEWHERE = ("--allow-ip", "203.0.113.8", "--allow-ip", "2001:db8::/32")

Causes = tuple[tuple[str, str], ...]
"""Pairs of id and confidence."""


class Scenario(Struct, frozen=True, kw_only=True):
    """``code`` is OKX's answer to a request, ``login_code`` to a WebSocket login, ``step`` where both stop.

    ``causes`` is what the listener names. ``account`` are the options of the listener, ``change``
    is done to the client's keys, ``demo`` is the environment that the client asks for, ``clock`` how its clock is
    shifted (faketime's words).
    """

    name: str
    code: str
    login_code: str
    causes: Causes
    step: str = ""
    account: tuple[str, ...] = LIVE
    change: Callable[[Keys], Keys] = lambda keys: keys
    demo: bool = False
    clock: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def programs(self) -> tuple[str, ...]:
        """What a test of it asks for."""
        return ("faketime",) if self.clock else ()

    @property
    def right(self) -> bool:
        return self.code == "0"


def _refused(name: str, codes: tuple[str, str], step: str, causes: Causes, change: Callable[[Keys], Keys]) -> Scenario:
    return Scenario(name=name, code=codes[0], login_code=codes[1], step=step, causes=causes, change=change)


def _late(name: str, clock: str, causes: Causes) -> Scenario:
    return Scenario(name=name, code="50102", login_code="60006", step="timestamp-fresh", causes=causes, clock=clock)


PASSPHRASE = ("50105", "60024")
SECRET = ("50113", "60007")
ALL_RIGHT = Scenario(name="all right", code="0", login_code="0", causes=())
OTHER_CASE = _refused(
    "passphrase in the other case", PASSPHRASE, "passphrase", (("passphrase-case", "stated"),),
    lambda keys: replace(keys, passphrase=keys.passphrase.swapcase()),
)  # fmt: skip
OF_ANOTHER_KEY = _refused(
    "secret of another key", SECRET, "signature", (("signature-unexplained", "likely"),),
    lambda keys: replace(keys, secret="0123456789ABCDEF0123456789ABCDEF"),
)  # fmt: skip
"""Explained by trying everything there is: for clients that send one request only."""

SCENARIOS: tuple[Scenario, ...] = (
    ALL_RIGHT,
    Scenario(name="demo trading, all right", code="0", login_code="0", causes=(), account=DEMO, demo=True),
    _refused(
        "wrong passphrase", PASSPHRASE, "passphrase", (("passphrase-differs", "stated"),),
        lambda keys: replace(keys, passphrase="Wr0ng-passphrase"),
    ),
    OTHER_CASE,
    _refused(
        "secret cut short", SECRET, "signature", (("secret-altered", "proven"),),
        lambda keys: replace(keys, secret=keys.secret[:-1]),
    ),
    _refused(
        "passphrase as secret", SECRET, "signature", (("passphrase-as-secret", "proven"),),
        lambda keys: replace(keys, secret=keys.passphrase),
    ),
    _refused(
        "another key", ("50119", "60032"), "key-known", (("api-key-differs", "stated"),),
        lambda keys: replace(keys, api_key="00000000-0000-4000-8000-000000000000"),
    ),
    _refused(
        "key that is no key", ("50111", "60005"), "key-shaped", (("api-key-malformed", "stated"),),
        lambda keys: replace(keys, api_key="not-a-key-of-okx"),
    ),
    Scenario(
        name="live key in demo trading", code="50101", login_code="50101", step="environment",
        causes=(("wrong-environment", "stated"),), demo=True,
    ),
    Scenario(
        name="demo key in live trading", code="50101", login_code="50101", step="environment",
        causes=(("wrong-environment", "stated"),), account=DEMO,
    ),
    Scenario(
        name="address not on the allowlist", code="50110", login_code="50110", step="ip-allowed",
        causes=(("ip-not-allowlisted", "stated"),), account=ELSEWHERE,
    ),
    _late("clock 45 s ahead", "+45s", (("clock-drift", "likely"),)),
    _late("clock 45 s behind", "-45s", (("clock-drift", "likely"), ("timestamp-stale", "possible"))),
    _late("clock in another time zone", "+8h", (("clock-timezone", "likely"),)),
)  # fmt: skip


def assert_judged(lines: tuple[Line, ...], scenario: Scenario, *targets: str) -> None:
    """These requests were refused for the scenario's reason and for no other, or nothing was found to refuse."""
    requests = [line for line in lines if line.kind == "request"]
    assert [line.target for line in requests] == list(targets)
    for line in requests:
        assert_line(line, scenario, scenario.code)


def assert_line(line: Line, scenario: Scenario, code: str) -> None:
    """One line says what the scenario says, with this code."""
    assert line.code == code
    assert line.accepted is scenario.right
    assert line.failed == ((scenario.step,) if scenario.step else ())
    assert line.causes == scenario.causes
