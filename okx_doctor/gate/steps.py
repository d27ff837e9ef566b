"""The steps of OKX's authentication in their order, as data: what each checks, what it answers, who says so.

OKX publishes no order. It is put together from published runs in which one or several things were wrong.
Imports ``okx_doctor.protocol`` and the standard library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from okx_doctor.gate.accounts import Account

Provenance = Literal["documented", "observed", "assumed"]
Layer = Literal["gateway", "business", "router"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What is answered: HTTP status (0 on a socket), code, text; the layer decides the envelope."""

    status: int
    code: str
    message: str
    layer: Layer = "gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. ``passed`` is ``None`` where it could not be evaluated because an earlier one failed.

    ``refusal`` is what OKX answers, at the first step that failed.
    """

    id: str
    passed: bool | None
    provenance: Provenance
    note: str
    refusal: Refusal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """All steps in OKX's order, and the account whose key was presented where this site knows it."""

    steps: tuple[Step, ...]
    account: Account | None
    stopped: Step | None
    """The first step that failed; ``None`` when all pass."""

    @property
    def refusal(self) -> Refusal | None:
        """What OKX answers: the refusal of the first failed step; ``None`` when all steps pass."""
        return self.stopped.refusal if self.stopped else None

    @property
    def stopped_at(self) -> str:
        """The id of the first failed step; ``""`` when all steps pass."""
        return self.stopped.id if self.stopped else ""

    def step(self, step_id: str) -> Step:
        """The step with this id. Raises ``KeyError`` for another."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A step before it is evaluated."""

    id: str
    code: str
    provenance: Provenance
    note: str
    layer: Layer = "gateway"


_SEC1 = "a published live rejection test of 2026-09-04"
_DOCS = "https://www.okx.com/docs-v5/en/#error-code-rest-api (2026-07-13)"
_SOCKET_DOCS = "https://www.okx.com/docs-v5/en/#error-code-websocket-public (2026-07-20)"

REST_RULES: tuple[Rule, ...] = (
    Rule(id="key-present", code="50103", provenance="observed", note=f"401 and text: {_SEC1}"),
    Rule(
        id="passphrase-present",
        code="50104",
        provenance="documented",
        note=f"{_DOCS}; the order among the four missing headers is not known, taken as that of the codes",
    ),
    Rule(id="signature-present", code="50106", provenance="documented", note=f"{_DOCS}; order as above"),
    Rule(id="timestamp-present", code="50107", provenance="documented", note=f"{_DOCS}; order as above"),
    Rule(
        id="timestamp-readable",
        code="50112",
        provenance="observed",
        note="text and place after the headers: a Mojo client's successive errors (2023-12), once; "
        "a number is read as seconds (https://github.com/okxapi/python-okx/issues/55)",
    ),
    Rule(
        id="timestamp-fresh",
        code="50102",
        provenance="observed",
        note=f"120 s late is 401/50102: {_SEC1}; 30 s either way: docs of 2026-06; its place before the key "
        "is assumed from the Mojo client's successive errors",
    ),
    Rule(
        id="key-shaped",
        code="50111",
        provenance="observed",
        note=f"a key that is no UUID: {_SEC1}; the exact check is not known, taken as 8-4-4-4-12 hex digits",
    ),
    Rule(
        id="key-known",
        code="50119",
        provenance="observed",
        note=f"401, not the documented 200: {_SEC1}, live notes on eea.okx.com of 2026-09-06, "
        "freqtrade#10967: before passphrase, environment and signature",
    ),
    Rule(
        id="key-active",
        code="50100",
        provenance="assumed",
        note=f"code and status: {_DOCS}; its place in the order is assumed",
    ),
    Rule(
        id="ip-allowed",
        code="50110",
        provenance="observed",
        note="text with address and key: several public captures; before the environment: the Mojo "
        "client's successive errors, once",
    ),
    Rule(
        id="environment",
        code="50101",
        provenance="observed",
        note=f"demo key without the header: {_SEC1}; after the key lookup: live notes of 2026-09-06; before "
        "the passphrase is assumed",
    ),
    Rule(
        id="passphrase",
        code="50105",
        provenance="observed",
        note=f"{_SEC1}; that it comes before the signature is assumed: no run had both wrong; "
        "so is that a header of UTF-8 bytes is understood",
    ),
    Rule(
        id="signature",
        code="50113",
        provenance="observed",
        note=f"{_SEC1}; over the raw target and body as several clients show; exact text match is assumed",
    ),
    Rule(
        id="permission",
        code="50120",
        provenance="observed",
        note="a read-only key placing an order got 401/50120, once; 200 is documented",
    ),
    Rule(
        id="path",
        code="404",
        provenance="assumed",
        note="authentication runs before routing: an undocumented path with a made-up key was 401/50111 "
        "(2026-09-24); the 404's body is made like the 500 of https://github.com/ccxt/ccxt/issues/15597",
        layer="router",
    ),
    Rule(id="method", code="50115", provenance="documented", note=f"{_DOCS}; place assumed", layer="business"),
    Rule(
        id="account-open",
        code="50027",
        provenance="assumed",
        note=f"{_DOCS}; which calls a restricted account is refused is not published; here all but account/config",
        layer="business",
    ),
    Rule(
        id="content-type",
        code="50006",
        provenance="documented",
        note=f"{_DOCS}; place assumed",
        layer="business",
    ),
    Rule(
        id="body-present",
        code="50000",
        provenance="documented",
        note=f"{_DOCS}; place assumed",
        layer="business",
    ),
    Rule(
        id="body-json",
        code="50002",
        provenance="documented",
        note=f"{_DOCS}; place assumed; also for an object where a list is expected "
        "(https://github.com/nicelgueta/pyokx/issues/4)",
        layer="business",
    ),
)

LOGIN_RULES: tuple[Rule, ...] = (
    Rule(
        id="fields-present",
        code="60027",
        provenance="assumed",
        note=f"text: {_SOCKET_DOCS}; that it answers a login's missing field is assumed since 60001-60003 were retired",
    ),
    Rule(
        id="timestamp-readable",
        code="60004",
        provenance="documented",
        note=f"{_SOCKET_DOCS}; fractions of a second are taken as readable, as OKX's own sample makes them",
    ),
    Rule(
        id="timestamp-fresh",
        code="60006",
        provenance="observed",
        note="milliseconds get 60006, not 60004: https://github.com/okxapi/python-okx/issues/64; place assumed",
    ),
    Rule(
        id="key-shaped",
        code="60005",
        provenance="observed",
        note="a made-up key that is no UUID: one client's tests against the live socket (2026)",
    ),
    Rule(
        id="key-known",
        code="60032",
        provenance="observed",
        note="an EEA key on the global sockets: https://github.com/okxapi/python-okx/issues/81",
    ),
    Rule(id="key-active", code="50100", provenance="assumed", note="REST's code; no socket capture exists"),
    Rule(id="ip-allowed", code="50110", provenance="assumed", note="REST's code; no socket capture exists"),
    Rule(
        id="environment",
        code="50101",
        provenance="observed",
        note="a demo key on a live socket gets REST's code: https://github.com/amir-the-h/okex/issues/51; "
        "place assumed",
    ),
    Rule(id="passphrase", code="60024", provenance="documented", note=f"{_SOCKET_DOCS}; place assumed"),
    Rule(id="signature", code="60007", provenance="documented", note=f"{_SOCKET_DOCS}; place assumed"),
)
