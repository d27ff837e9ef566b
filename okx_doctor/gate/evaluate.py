"""OKX's authentication as a pure function: a request, the accounts of a site and a clock in; every step out.

Imports ``okx_doctor.protocol``, ``okx_doctor.secrets`` and the gate's own data.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.api.endpoints import Endpoint, route
from okx_doctor.gate.body import document_of
from okx_doctor.gate.steps import Refusal, Step, Trace
from okx_doctor.protocol import codes, signing, sites, steps
from okx_doctor.protocol.keyed import Signer
from okx_doctor.protocol.scheme import LOGIN, OKX, Names
from okx_doctor.protocol.timestamps import WINDOW_SECONDS, parse_rest_timestamp, parse_websocket_timestamp
from okx_doctor.protocol.wire import LoginRequest, Manner, WireRequest
from okx_doctor.secrets.secret import Secret

__all__ = ["Refusal", "Step", "Trace", "Venue", "evaluate", "evaluate_login"]

_KEY = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_NAMES = Names(*(name.lower() for name in OKX.headers))
_DEMO_HEADER = OKX.demo_header.lower()

Outcomes = Mapping[str, bool | None]
_NO_BODY: Outcomes = {}


class Venue(Struct, frozen=True, kw_only=True, eq=False):
    """One server of OKX: the site it serves and every account there is, those of other sites included.

    One is the same as itself alone, so that what is remembered for it is found without comparing accounts.
    """

    site: str
    accounts: tuple[Account, ...]

    def account(self, api_key: str) -> Account | None:
        """The account of a key on this server. The US and Australia share theirs."""
        for account in self.accounts:
            if account.api_key == api_key and sites.site(account.site).rest == sites.site(self.site).rest:
                return account
        return None


class _Standing(Struct, frozen=True, kw_only=True):
    """The steps that fare alike whenever a bot asks for the same thing, with the account and its signer.

    ``posted`` is the endpoint where it is one that takes a body. ``accepted`` is the trace of a request that passes all
    others too; ``None`` where one of these is not passed.
    """

    account: Account | None
    signer: Signer | None
    outcomes: Outcomes
    posted: Endpoint | None
    accepted: Trace | None


def evaluate(request: WireRequest, *, venue: Venue, now: float, caller_ip: str) -> Trace:
    """Every step of OKX's check of a signed REST request, evaluated as far as it can be.

    ``now`` is the exchange's clock in Unix seconds; ``caller_ip`` the address the request came from. Never
    raises, whatever the headers hold. Order and provenance: ``protocol/steps.py``.
    """
    given = request.first
    signature, timestamp = given.get(_NAMES.sign, ""), given.get(_NAMES.timestamp, "")
    passphrase = given.get(_NAMES.passphrase, "")
    standing = _standing(venue, request.manner, caller_ip, request.method, request.path)
    account = standing.account
    moment = parse_rest_timestamp(timestamp)
    is_fresh = _is_fresh(moment, now)
    is_owners = _same(passphrase, account.passphrase) if account and passphrase else None
    is_signed = (
        _is_signed(signature, standing.signer, timestamp, request.method.upper(), request.origin_form, request.body)
        if account and signature and timestamp
        else None
    )
    body = _body_outcomes(request, standing.posted) if standing.posted else _NO_BODY
    if standing.accepted and is_fresh and is_owners and is_signed and all(body.values()):
        return standing.accepted
    outcomes = {
        **standing.outcomes,
        "passphrase-present": bool(passphrase),
        "signature-present": bool(signature),
        "timestamp-present": bool(timestamp),
        **_time_outcomes(timestamp, moment, is_fresh),
        "passphrase": is_owners,
        "signature": is_signed,
        **body,
    }
    return _trace("rest", outcomes, account, key=given.get(_NAMES.key, ""), caller_ip=caller_ip)


def evaluate_login(login: LoginRequest, *, venue: Venue, demo_socket: bool, now: float, caller_ip: str) -> Trace:
    """Every step of OKX's check of a WebSocket login; refusals carry status 0. Never raises."""
    account = venue.account(login.api_key) if login.api_key else None
    parameter = _absent_field(login)
    moment = parse_websocket_timestamp(login.timestamp)
    outcomes: dict[str, bool | None] = {
        "fields-present": not parameter,
        **_time_outcomes(login.timestamp, moment, _is_fresh(moment, now)),
        **_key_outcomes(login.api_key, account),
        **_account_outcomes(account, caller_ip, demo_socket),
        "passphrase": _same(login.passphrase, account.passphrase) if account else None,
        "signature": _is_signed(login.sign, _signer(account.secret), login.timestamp, LOGIN.method, LOGIN.path)
        if account
        else None,
    }
    return _trace("websocket", outcomes, account, key=login.api_key, caller_ip=caller_ip, parameter=parameter)


def _time_outcomes(text: str, moment: float | None, is_fresh: bool | None) -> Outcomes:
    return {"timestamp-readable": moment is not None if text else None, "timestamp-fresh": is_fresh}


def _is_fresh(moment: float | None, now: float) -> bool | None:
    return None if moment is None else abs(now - moment) <= WINDOW_SECONDS


def _key_outcomes(key: str, account: Account | None) -> Outcomes:
    shaped = bool(_KEY.fullmatch(key))
    return {"key-shaped": shaped if key else None, "key-known": account is not None if shaped else None}


@lru_cache(maxsize=128)
def _standing(venue: Venue, manner: Manner, caller_ip: str, method: str, path: str) -> _Standing:
    """Made once, however often a bot asks."""
    key = manner.first(_NAMES.key)
    demo = manner.first(_DEMO_HEADER) == "1"
    account = venue.account(key) if key else None
    there = route(method, path)
    served = there.served
    no_body = None if served is None else True
    outcomes = {
        "key-present": bool(key),
        **_key_outcomes(key, account),
        **_account_outcomes(account, caller_ip, demo),
        "permission": _has_permission(there.judged, account),
        "path": there.judged is not None,
        "method": served is not None if there.judged else None,
        "account-open": account.state != "restricted" or served.open_to_restricted if account and served else None,
        "content-type": no_body,
        "body-present": no_body,
        "body-json": no_body,
    }
    passing = {rule.id: True for rule in steps.order("rest")}
    return _Standing(
        account=account,
        signer=_signer(account.secret) if account else None,
        outcomes=outcomes,
        posted=served if served and served.method == "POST" else None,
        accepted=_trace("rest", passing, account, key=key, caller_ip=caller_ip) if all(outcomes.values()) else None,
    )


def _account_outcomes(account: Account | None, caller_ip: str, demo: bool) -> Outcomes:
    return {
        "key-active": account.state != "frozen" if account else None,
        "ip-allowed": _is_allowed(caller_ip, account.ip_allowlist) if account else None,
        "environment": account.demo == demo if account else None,
    }


def _body_outcomes(request: WireRequest, endpoint: Endpoint) -> Outcomes:
    given = bool(request.body)
    return {
        "content-type": not given or _is_json_type(request),
        "body-present": given,
        "body-json": not given or _is_json(request.body, endpoint.takes),
    }


def _has_permission(endpoint: Endpoint | None, account: Account | None) -> bool | None:
    if endpoint is None or account is None:
        return None
    if endpoint.permission is None:
        return True
    if endpoint.permission == "read_only":
        return bool(account.permissions)  # every key may read; only a key without any permission may not
    return endpoint.permission in account.permissions


def _is_json_type(request: WireRequest) -> bool:
    kind = (request.header("content-type") or "").partition(";")[0]
    return kind.strip().lower() == "application/json"


def _is_json(body: bytes, kind: Literal["object", "list", "either"]) -> bool:
    try:
        document = document_of(body)
    except (ValueError, RecursionError):
        return False
    match kind:
        case "object":
            return isinstance(document, dict)
        case "list":
            return isinstance(document, list)
        case "either":
            return isinstance(document, dict | list)


def _signer(secret: Secret) -> Signer | None:
    """``None`` where half a pair of surrogates is in the secret: with it nothing could have been signed."""
    try:
        return Signer(secret)
    except UnicodeEncodeError:
        return None


def _is_signed(
    signature: str, signer: Signer | None, timestamp: str, method: str, target: str, body: bytes = b""
) -> bool:
    if signer is None or not signature.isascii():
        return False
    try:
        expected = signer.sign(signing.prehash(timestamp, method, target, body))
    except UnicodeEncodeError:  # so too in what was signed
        return False
    return hmac.compare_digest(expected, signature)


def _same(given: str, wanted: Secret) -> bool:
    """Header text comes from the wire as Latin-1; a client that sent UTF-8 is understood too (assumed)."""
    text = wanted.reveal()
    if given.isascii():
        return text.isascii() and hmac.compare_digest(text, given)
    expected = text.encode("utf-8", "surrogatepass")
    as_text = hmac.compare_digest(expected, given.encode("utf-8", "surrogatepass"))
    as_bytes = hmac.compare_digest(expected, given.encode("latin-1", "replace"))
    return as_text or (as_bytes and all(ord(char) < 256 for char in given))


def _is_allowed(caller_ip: str, allowlist: tuple[str, ...]) -> bool:
    if not allowlist:
        return True
    try:
        caller = ipaddress.ip_address(caller_ip.partition("%")[0])
    except ValueError:
        return False
    if isinstance(caller, ipaddress.IPv6Address) and caller.ipv4_mapped:
        caller = caller.ipv4_mapped
    return any(caller in network for entry in allowlist if (network := _network(entry)))


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry.strip(), strict=False)
    except ValueError:
        return None


def _absent_field(login: LoginRequest) -> str:
    fields = signing.login_entry(login.api_key, login.sign, login.timestamp, login.passphrase)
    return next((name for name, value in fields.items() if not value), "")


def _trace(
    channel: steps.Channel,
    outcomes: Outcomes,
    account: Account | None,
    *,
    key: str,
    caller_ip: str,
    parameter: str = "",
) -> Trace:
    rules = steps.order(channel)
    first = next((rule for rule in rules if outcomes.get(rule.id) is False), None)
    if first is None:
        passed = tuple(_step(rule, channel, outcomes.get(rule.id)) for rule in rules)
        return Trace(steps=passed, account=account, stopped=None)
    filled = {"{ip}": caller_ip, "{api-key-uuid}": key, "{0}": parameter}
    # That one alone has a refusal: the work for later ones would tell a guessed passphrase from the right one by time.
    stopped = _step(first, channel, False, _refusal(first, channel, filled))
    evaluated = tuple(stopped if rule is first else _step(rule, channel, outcomes.get(rule.id)) for rule in rules)
    return Trace(steps=evaluated, account=account, stopped=stopped)


def _step(rule: steps.Step, channel: steps.Channel, passed: bool | None, refusal: Refusal | None = None) -> Step:
    return Step(id=rule.id, passed=passed, provenance=rule.on(channel).provenance, refusal=refusal)


def _refusal(rule: steps.Step, channel: steps.Channel, filled: Mapping[str, str]) -> Refusal:
    code = rule.code(channel)
    if rule.layer == "router":
        return Refusal(status=404, code=code, message="Not Found", layer="router")
    row = codes.find(code, channel)
    if row is None:
        raise LookupError(code)  # the table is the package's own: a hole in it is a programming error
    text = row.wire_text
    for mark, value in filled.items():
        text = text.replace(mark, value)
    return Refusal(status=row.wire_status if channel == "rest" else 0, code=code, message=text, layer=rule.layer)
