"""The signed calls: one as the bot makes it, the peeling after a refusal, and the second wave after success."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Final

from okx_doctor.observations import (
    CallAnswer,
    CallFailure,
    CredentialValue,
    Evidence,
    ExchangeTime,
    KeyFacts,
    Observation,
    PeelingEnded,
    Resolution,
    SignedCall,
)
from okx_doctor.probes.check import Context, Ending, Measured, Skipped, Unknown
from okx_doctor.probes.corrections import Choices, Setup, as_loaded, choices, unsendable
from okx_doctor.probes.http import Reply
from okx_doctor.probes.network import ask_time, call_budget, exchange_time, short
from okx_doctor.probes.peeling import Purpose, converse
from okx_doctor.protocol.endpoints import BALANCE, CONFIG, POSITION_BUILDER, Endpoint
from okx_doctor.protocol.signing import DEMO_HEADER, prehash, signed_headers
from okx_doctor.protocol.timestamps import rest_timestamp
from okx_doctor.standing import Standing, standing

SECOND_WAVE_CALLS: Final = 2


def measure_config(context: Context, evidence: Evidence) -> Ending:
    """A signed ``GET account/config`` as the bot would make it; on refusal, peel."""
    why_not = _why_not(context, evidence)
    if why_not:
        return why_not
    chosen = choices(context.credentials, context.target, context.sites, try_case=context.try_case)
    caller = _Caller(context, chosen)
    conversation = converse(
        caller.ask,
        chosen.options,
        chosen.start,
        try_case=context.try_case,
        reserved=SECOND_WAVE_CALLS + context.want_websocket,
    )
    used = {name for call in conversation.calls for name in call.corrections}
    observations: list[Observation] = [option.correction for option in chosen.options if option.correction.id in used]
    observations += conversation.calls
    observations += [caller.exchange_time] if caller.exchange_time else []
    observations += [PeelingEnded(reason=conversation.ended)] if conversation.ended else []
    observations += [caller.key_facts] if caller.key_facts else []
    first = conversation.calls[0] if conversation.calls else None
    if first is None:
        return Unknown(reason=conversation.ended or "no call could be made", observations=tuple(observations))
    if standing(first.answer, first.failure) in (Standing.ACCEPTED, Standing.REFUSED) or (
        first.failure is not None and first.failure.kind in ("unsendable", "withheld")
    ):
        return Measured(observations=tuple(observations))
    return Unknown(reason="the exchange gave no answer that tells", observations=tuple(observations))


def measure_query(context: Context, evidence: Evidence) -> Ending:
    """A signed GET whose query is signed with it."""
    return _second_wave(context, evidence, BALANCE, 1)


def measure_body(context: Context, evidence: Evidence) -> Ending:
    """A signed POST whose body is signed with it; the endpoint computes and changes nothing."""
    return _second_wave(context, evidence, POSITION_BUILDER, 2)


def measure_key(context: Context, evidence: Evidence) -> Ending:
    """What OKX told of the key; nothing is asked again."""
    if evidence.first(KeyFacts) is None:
        return Skipped(reason="OKX did not tell anything about the key")
    return Measured(observations=())


def accepted_setup(context: Context, evidence: Evidence) -> tuple[Setup, tuple[str, ...]] | None:
    """The setup that OKX accepted, with its corrections; ``None`` when none was."""
    for call in evidence.all(SignedCall):
        if standing(call.answer, call.failure) is Standing.ACCEPTED:
            chosen = choices(context.credentials, context.target, context.sites, try_case=context.try_case)
            return chosen.apply(as_loaded(context.credentials, context.target), call.corrections), call.corrections
    return None


def stamp(context: Context, setup: Setup, sample: ExchangeTime | None) -> float:
    """Unix seconds to sign with: the local clock, put right by OKX's where the setup says so."""
    return context.now() + (sample.offset_s if setup.exchange_clock and sample else 0.0)


class _Caller:
    """Makes the calls of one conversation, within the endpoint's limit, and keeps what they tell."""

    def __init__(self, context: Context, chosen: Choices) -> None:
        self._context = context
        self._chosen = chosen
        self._made: list[tuple[str, float]] = []
        self._numbered = 0
        self.exchange_time: ExchangeTime | None = None
        self.key_facts: KeyFacts | None = None

    def ask(self, corrections: tuple[str, ...], purpose: Purpose, about: tuple[str, ...]) -> SignedCall | str:
        """One call within the conversation, or why it may not be made."""
        context = self._context
        setup = self._chosen.apply(as_loaded(context.credentials, context.target), corrections)
        why_not = unsendable(setup)
        if why_not:
            return self._call(setup, corrections, purpose, about, None, CallFailure(kind="withheld", detail=why_not))
        if setup.exchange_clock and self.exchange_time is None:
            self.exchange_time = exchange_time(ask_time(context, setup.base_url))
            if self.exchange_time is None:
                return "OKX's time could not be read to sign with"
        wait = self._wait(setup.base_url)
        if wait > context.remaining() - 1.0:
            return "the time allowed for the run is nearly used up"
        if wait:
            threading.Event().wait(wait)  # time.sleep fails under a faked clock whose monotonic clock is real
        self._made.append((setup.base_url, context.monotonic()))
        began = context.elapsed_ms()
        reply = send_signed(context, setup, CONFIG, stamp(context, setup, self.exchange_time))
        call = replace(
            self._call(setup, corrections, purpose, about, short(reply, context.redactor), reply.failure),
            started_ms=began,
            duration_ms=context.elapsed_ms() - began,
        )
        self._keep(reply, call, setup)
        return call

    def _call(
        self,
        setup: Setup,
        corrections: tuple[str, ...],
        purpose: Purpose,
        about: tuple[str, ...],
        answer: CallAnswer | None,
        failure: CallFailure | None,
    ) -> SignedCall:
        self._numbered += 1
        return SignedCall(
            number=self._numbered,
            purpose=purpose,
            about=about,
            endpoint=CONFIG.name,
            base_url=setup.base_url,
            demo=setup.demo,
            corrections=corrections,
            answer=answer,
            failure=failure,
        )

    def _wait(self, base_url: str) -> float:
        """Seconds until the endpoint's documented limit allows one more call on this host."""
        now = self._context.monotonic()
        recent = [at for url, at in self._made if url == base_url and now - at < CONFIG.seconds]
        return max(0.0, recent[-CONFIG.limit] + CONFIG.seconds - now) if len(recent) >= CONFIG.limit else 0.0

    def _keep(self, reply: Reply, call: SignedCall, setup: Setup) -> None:
        if reply.answer is None or call.answer is None or call.answer.code != "0" or not reply.answer.data:
            return
        row = reply.answer.data[0]
        addresses = [part for part in str(row.get("ip") or "").replace(" ", ",").split(",") if part]
        self.key_facts = KeyFacts(
            permissions=tuple(
                name for name in ("read_only", "trade", "withdraw") if name in str(row.get("perm") or "").split(",")
            ),
            bound_addresses=len(addresses),
            sub_account=bool(row.get("mainUid")) and row.get("uid") != row.get("mainUid"),
            demo=setup.demo,
        )


def send_signed(context: Context, setup: Setup, endpoint: Endpoint, unix_seconds: float) -> Reply:
    """Sign and send one call; what is signed is the request target as it stands on the wire."""
    request, target = context.http.build(setup.base_url, endpoint.method, endpoint.target, endpoint.body)
    timestamp = rest_timestamp(unix_seconds)
    message = prehash(timestamp, endpoint.method, target, endpoint.body)
    headers = signed_headers(setup.api_key, setup.secret, setup.passphrase, timestamp, message)
    if setup.demo:
        headers[DEMO_HEADER] = "1"
    return context.http.call(request, headers, call_budget(context))


def _second_wave(context: Context, evidence: Evidence, endpoint: Endpoint, place: int) -> Ending:
    found = accepted_setup(context, evidence)
    if found is None:
        return Skipped(reason="needs an accepted signed GET first")
    setup, corrections = found
    began = context.elapsed_ms()
    reply = send_signed(context, setup, endpoint, stamp(context, setup, evidence.first(ExchangeTime)))
    call = SignedCall(
        number=len(evidence.all(SignedCall)) + place,
        purpose="second wave",
        about=(),
        endpoint=endpoint.name,
        base_url=setup.base_url,
        demo=setup.demo,
        corrections=corrections,
        answer=short(reply, context.redactor),
        failure=reply.failure,
        started_ms=began,
        duration_ms=context.elapsed_ms() - began,
    )
    if call.answer is not None and call.answer.status == 404:
        return Skipped(reason="this site does not serve the endpoint", observations=(call,))
    if standing(call.answer, call.failure) in (Standing.ACCEPTED, Standing.REFUSED):
        return Measured(observations=(call,))
    return Unknown(reason="the exchange gave no answer that tells", observations=(call,))


def _why_not(context: Context, evidence: Evidence) -> Skipped | Unknown | None:
    absent = [value.slot for value in evidence.all(CredentialValue) if value.shape in ("absent", "empty")]
    if absent:
        return Unknown(reason="no credentials to sign with")
    if context.target.not_api_reason:
        return Skipped(reason="credentials are not sent to a host that is not OKX's API")
    resolution = evidence.first(Resolution)
    if resolution is not None and resolution.failure:
        return Unknown(reason="the host name does not resolve")
    return None
