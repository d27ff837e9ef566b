"""The steps of OKX's check of a signed request, once: code, header or field, what corrects it, and who says so.

OKX publishes no order. This one is put together from published runs in which one or several things were wrong.
The gate answers by it, and the outcome of a call, what is corrected next and what `decode` rules out derive from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, Literal

from msgspec import Struct

from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER, SIGN_HEADER, TIMESTAMP_HEADER

Channel = Literal["rest", "websocket"]
Provenance = Literal["documented", "observed", "assumed"]
Layer = Literal["gateway", "business", "router"]
Stage = Literal["headers", "time", "key", "account", "call"]


class Rule(Struct, frozen=True, kw_only=True):
    """How a step answers on one channel, and where that is known from.

    ``day`` is the source's, or of one without a day of its own the month in which it was last read.
    """

    code: str
    provenance: Provenance
    source: str
    note: str
    day: str = "2026-11"


class Step(Struct, frozen=True, kw_only=True):
    """One step. ``rest`` or ``login`` is ``None`` where that channel has no such step.

    ``stage`` "call" is what is asked only of a call that has signed rightly. ``header`` and ``field`` are what is
    missing, of a request and of a login. ``correction`` is what a correction that gets past the step changes.
    ``proves_key``: over REST only a site that knows the key answers so; ``seen_elsewhere``: once another site did, too.
    ``tied``: nobody saw whether it comes before or
    after the step above it. ``placed`` is false where its place is not known.
    """

    id: str
    stage: Stage
    rest: Rule | None
    login: Rule | None = None
    header: str = ""
    field: str = ""
    correction: Literal["", "clock", "environment", "api_key", "passphrase", "secret"] = ""
    layer: Layer = "gateway"
    proves_key: bool = False
    seen_elsewhere: bool = False
    tied: bool = False
    placed: bool = True

    def on(self, channel: Channel) -> Rule:
        """Its rule on a channel. Raises ``LookupError`` where the channel has no such step."""
        rule = self.rest if channel == "rest" else self.login
        if rule is None:
            raise LookupError(f"{self.id} on {channel}")
        return rule

    def code(self, channel: Channel = "rest") -> str:
        """Its code on a channel. Raises ``LookupError`` where the channel has no such step."""
        return self.on(channel).code

    @property
    def codes(self) -> tuple[str, ...]:
        """Its codes, REST's first."""
        return tuple(dict.fromkeys(rule.code for rule in (self.rest, self.login) if rule))


_DOCS: Final = "https://www.okx.com/docs-v5/en/#error-code-rest-api"
_DOCS_DAY: Final = "2026-07-13"
_SOCKET_DOCS: Final = "https://www.okx.com/docs-v5/en/#error-code-websocket-public"
_SOCKET_DAY: Final = "2026-07-20"
_LIVE: Final = "a public client's source, September 2026 (live test)"
_LIVE_DAY: Final = "2026-09-04"
_MOJO: Final = "a public Mojo client's source, December 2023"
_MOJO_DAY: Final = "2023-12"


def _documented(code: str, note: str, provenance: Provenance = "documented") -> Rule:
    return Rule(code=code, provenance=provenance, source=_DOCS, day=_DOCS_DAY, note=note)


def _documented_login(code: str, note: str, provenance: Provenance = "documented") -> Rule:
    return Rule(code=code, provenance=provenance, source=_SOCKET_DOCS, day=_SOCKET_DAY, note=note)


def _seen_live(code: str, note: str) -> Rule:
    return Rule(code=code, provenance="observed", source=_LIVE, day=_LIVE_DAY, note=note)


_AS_IN_REST: Final = "REST's code; no socket capture exists"

STEPS: Final[tuple[Step, ...]] = (
    Step(
        id="key-present",
        stage="headers",
        header=KEY_HEADER,
        field="apiKey",
        rest=_seen_live("50103", "401 and text"),
    ),
    Step(
        id="passphrase-present",
        stage="headers",
        header=PASSPHRASE_HEADER,
        field="passphrase",
        tied=True,
        rest=_documented("50104", "the order among the four missing headers is not known, taken as that of the codes"),
    ),
    Step(
        id="signature-present",
        stage="headers",
        header=SIGN_HEADER,
        field="sign",
        tied=True,
        rest=_documented("50106", "order as above"),
    ),
    Step(
        id="timestamp-present",
        stage="headers",
        header=TIMESTAMP_HEADER,
        field="timestamp",
        tied=True,
        rest=_documented("50107", "order as above"),
    ),
    Step(
        id="fields-present",
        stage="headers",
        rest=None,
        login=_documented_login(
            "60027", "that it answers a login's missing field is assumed since 60001-60003 were retired", "assumed"
        ),
    ),
    Step(
        id="timestamp-readable",
        stage="time",
        rest=Rule(
            code="50112",
            provenance="observed",
            source=_MOJO,
            day=_MOJO_DAY,
            note="text and place after the headers, once; a number is read as seconds "
            "(https://github.com/okxapi/python-okx/issues/55)",
        ),
        login=_documented_login("60004", "fractions of a second are taken as readable, as OKX's own sample makes them"),
    ),
    Step(
        id="timestamp-fresh",
        stage="time",
        correction="clock",
        rest=_seen_live(
            "50102",
            "120 s late is 401/50102; 30 s either way: docs of 2026-06; its place before the key is assumed from "
            f"{_MOJO}",
        ),
        login=Rule(
            code="60006",
            provenance="observed",
            source="https://github.com/okxapi/python-okx/issues/64",
            note="milliseconds get 60006, not 60004; place assumed",
        ),
    ),
    Step(
        id="key-shaped",
        stage="key",
        correction="api_key",
        rest=_seen_live("50111", "a key that is no UUID; the exact check is not known, taken as 8-4-4-4-12 hex digits"),
        login=Rule(
            code="60005",
            provenance="observed",
            source="a public client's source, 2026 (tests against the live socket)",
            day="2026-01",
            note="a made-up key that is no UUID",
        ),
    ),
    Step(
        id="key-known",
        stage="key",
        correction="api_key",
        rest=_seen_live(
            "50119",
            "401, not the documented 200; also live notes on eea.okx.com of 2026-09-06, freqtrade#10967: before "
            "passphrase, environment and signature",
        ),
        login=Rule(
            code="60032",
            provenance="observed",
            source="https://github.com/okxapi/python-okx/issues/81",
            note="an EEA key on the global sockets",
        ),
    ),
    Step(
        id="key-active",
        stage="account",
        rest=_documented("50100", "code and status; its place in the order is assumed", "assumed"),
        login=_documented("50100", _AS_IN_REST, "assumed"),
    ),
    Step(
        id="ip-allowed",
        stage="account",
        proves_key=True,
        rest=Rule(
            code="50110",
            provenance="observed",
            source=f"{_MOJO}; several public captures",
            day=_MOJO_DAY,
            note="text with address and key: the captures; before the environment: the client, once",
        ),
        login=_documented("50110", _AS_IN_REST, "assumed"),
    ),
    Step(
        id="environment",
        stage="account",
        correction="environment",
        proves_key=True,
        seen_elsewhere=True,
        rest=_seen_live(
            "50101",
            "demo key without the header; after the key lookup: live notes of 2026-09-06; before the passphrase is "
            "assumed; once to a key of another site (a public client's source, November 2026), which contradicts these",
        ),
        login=Rule(
            code="50101",
            provenance="observed",
            source="https://github.com/amir-the-h/okex/issues/51",
            note="a demo key on a live socket gets REST's code; place assumed",
        ),
    ),
    Step(
        id="passphrase",
        stage="account",
        correction="passphrase",
        proves_key=True,
        rest=_seen_live(
            "50105",
            "that it comes before the signature is assumed: no run had both wrong; so is that a header of UTF-8 bytes "
            "is understood",
        ),
        login=_documented_login("60024", "place assumed"),
    ),
    Step(
        id="signature",
        stage="account",
        correction="secret",
        tied=True,
        proves_key=True,
        rest=_seen_live("50113", "over the raw target and body as several clients show; exact text match is assumed"),
        login=_documented_login("60007", "place assumed"),
    ),
    Step(
        id="permission",
        stage="call",
        proves_key=True,
        rest=Rule(
            code="50120",
            provenance="observed",
            source="a public client's source, November 2026",
            note="a read-only key placing an order got 401/50120, once; 200 is documented",
        ),
    ),
    Step(
        id="path",
        stage="call",
        layer="router",
        rest=Rule(
            code="404",
            provenance="assumed",
            source="https://github.com/ccxt/ccxt/issues/15597",
            note="authentication runs before routing: an undocumented path with a made-up key was 401/50111 "
            "(2026-09-24); the 404's body is made like the 500 of the source",
        ),
    ),
    Step(id="method", stage="call", layer="business", rest=_documented("50115", "place assumed")),
    Step(
        id="account-open",
        stage="call",
        layer="business",
        rest=_documented(
            "50027",
            "which calls a restricted account is refused is not published; here all but account/config",
            "assumed",
        ),
    ),
    Step(id="content-type", stage="call", layer="business", rest=_documented("50006", "place assumed")),
    Step(id="body-present", stage="call", layer="business", rest=_documented("50000", "place assumed")),
    Step(
        id="body-json",
        stage="call",
        layer="business",
        rest=_documented(
            "50002",
            "place assumed; also for an object where a list is expected (https://github.com/nicelgueta/pyokx/issues/4)",
        ),
    ),
    Step(id="broker-id", stage="key", placed=False, rest=_documented("50108", "seen nowhere")),
    Step(id="broker-domain", stage="key", placed=False, rest=_documented("50109", "seen nowhere")),
    Step(id="authority", stage="account", placed=False, rest=_documented("50114", "seen on withdrawals")),
    Step(id="caller-region", stage="key", placed=False, rest=_documented("50121", "OKX's own block of an address")),
    Step(
        id="entitlement",
        stage="call",
        layer="business",
        placed=False,
        rest=_documented("50030", "not a permission of the key in every case"),
    ),
)
"""Every step, those with a place first and in OKX's order."""


@cache
def order(channel: Channel) -> tuple[Step, ...]:
    """The steps of a channel that have a place, in OKX's order."""
    return tuple(step for step in STEPS if step.placed and (step.rest if channel == "rest" else step.login))


@cache
def _by_id() -> Mapping[str, Step]:
    return {step.id: step for step in STEPS}


@cache
def _by_code() -> Mapping[str, Step]:
    return {code: step for step in STEPS for code in step.codes}


def step_named(step_id: str) -> Step:
    """The step with this id. Raises ``KeyError`` for another."""
    return _by_id()[step_id]


def step_of(code: str) -> Step | None:
    """The step that answers a code, on whichever channel: no code belongs to two."""
    return _by_code().get(code)


def refuses(code: str, *step_ids: str) -> bool:
    """Whether a code is what one of these steps answers, on whichever channel."""
    found = _by_code().get(code)
    return found is not None and found.id in step_ids


def correction_of(code: str) -> str:
    """The part of a call that a correction must change to get past a code; ``""`` where none helps."""
    found = step_of(code)
    return found.correction if found else ""


def as_rest(code: str) -> str:
    """The REST code that means the same as a socket's (paired by their documented texts); another as it is."""
    found = step_of(code)
    return found.rest.code if found and found.rest else code
