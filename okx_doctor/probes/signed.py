"""The signed calls: one as the bot makes it, the peeling after a refusal, and the second wave after success."""

from __future__ import annotations

import threading
from typing import Final

from msgspec.structs import replace

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
from okx_doctor.peeling.budget import TIME_SPENT, Denied, cost
from okx_doctor.peeling.corrections import CallCredentials, Corrections, as_loaded, corrections_for, withheld
from okx_doctor.peeling.peel import Question, peel
from okx_doctor.probes.context import Context, Ending, Measured, Skipped, Unknown
from okx_doctor.probes.http import Reply
from okx_doctor.probes.network import ask_time, call_budget, exchange_time, short
from okx_doctor.protocol.endpoints import BALANCE, CONFIG, POSITION_BUILDER, Endpoint
from okx_doctor.protocol.outcome import Outcome, outcome
from okx_doctor.protocol.signing import DEMO_HEADER, prehash, signed_headers
from okx_doctor.protocol.timestamps import rest_timestamp

SECOND_WAVE_CALLS: Final = 2


def measure_config(context: Context, evidence: Evidence) -> Ending:
    """A signed ``GET account/config`` as the bot would make it; on refusal, peel."""
    blocking_reason = _blocking_reason(context, evidence)
    if blocking_reason:
        return blocking_reason
    chosen = corrections_for(context.credentials, context.target, context.sites, try_case=context.try_case)
    caller = _Caller(context, chosen)
    reserved = SECOND_WAVE_CALLS + context.want_websocket
    conversation = peel(caller.ask, chosen.options, chosen.start, reserved=reserved)
    used = {name for call in conversation.calls for name in call.corrections}
    observations: list[Observation] = [option.correction for option in chosen.options if option.correction.id in used]
    observations += conversation.calls
    observations += [caller.exchange_time] if caller.exchange_time else []
    observations += [PeelingEnded(reason=conversation.ended)] if conversation.ended else []
    observations += [caller.key_facts] if caller.key_facts else []
    first = conversation.calls[0] if conversation.calls else None
    if first is None:
        return Unknown(reason=conversation.ended or "no call could be made", observations=tuple(observations))
    if outcome(first.answer) is not Outcome.UNCLEAR or (
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
    """Report OKX's facts about the key; nothing is asked again."""
    if evidence.first(KeyFacts) is None:
        return Skipped(reason="OKX did not tell anything about the key")
    return Measured(observations=())


def accepted_setup(context: Context, evidence: Evidence) -> tuple[CallCredentials, tuple[str, ...]] | None:
    """The setup that the conversation ended with and OKX accepted, with its corrections; ``None`` without one."""
    asked = [call for call in evidence.all(SignedCall) if call.purpose in ("as loaded", "correction")]
    final = asked[-1] if asked else None  # a conversation goes on until it is accepted or has nothing left to try
    if final is None or outcome(final.answer) is not Outcome.ACCEPTED:
        return None
    chosen = corrections_for(context.credentials, context.target, context.sites, try_case=context.try_case)
    return chosen.apply(as_loaded(context.credentials, context.target), final.corrections), final.corrections


def stamp(context: Context, setup: CallCredentials, sample: ExchangeTime | None) -> float:
    """Unix seconds to sign with: the local clock, put right by OKX's where the setup says so."""
    return context.now() + (sample.offset_s if setup.exchange_clock and sample else 0.0)


class _Caller:
    """Makes the calls of one conversation, and keeps what they tell."""

    def __init__(self, context: Context, chosen: Corrections) -> None:
        self._context = context
        self._chosen = chosen
        self._numbered = 0
        self.exchange_time: ExchangeTime | None = None
        self.key_facts: KeyFacts | None = None

    def ask(self, question: Question) -> SignedCall | str:
        """One call within the conversation and OKX's limits, or why it may not be made."""
        context = self._context
        setup = self._chosen.apply(as_loaded(context.credentials, context.target), question.corrections)
        kept_back = withheld(setup)
        if kept_back:
            return self._call(setup, question, None, kept_back)
        if setup.exchange_clock and self.exchange_time is None:
            self.exchange_time = exchange_time(ask_time(context, setup.base_url))
            if self.exchange_time is None:
                return "OKX's time could not be read to sign with"
        began = context.elapsed_ms()
        reply = send_signed(context, setup, CONFIG, self.exchange_time, spare=question.spare)
        if isinstance(reply, Denied):
            return reply.reason
        call = replace(
            self._call(setup, question, short(reply, context.redactor), reply.failure),
            started_ms=began,
            duration_ms=context.elapsed_ms() - began,
        )
        self._keep(reply, call, setup)
        return call

    def _call(
        self, setup: CallCredentials, question: Question, answer: CallAnswer | None, failure: CallFailure | None
    ) -> SignedCall:
        self._numbered += 1
        return SignedCall(
            number=self._numbered,
            purpose=question.purpose,
            about=question.about,
            endpoint=CONFIG.name,
            base_url=setup.base_url,
            demo=setup.demo,
            corrections=question.corrections,
            answer=answer,
            failure=failure,
        )

    def _keep(self, reply: Reply, call: SignedCall, setup: CallCredentials) -> None:
        if reply.answer is None or outcome(reply.answer) is not Outcome.ACCEPTED or not reply.answer.data:
            return
        if call.purpose == "taken back":
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


def send_signed(
    context: Context, setup: CallCredentials, endpoint: Endpoint, sample: ExchangeTime | None, *, spare: int = 0
) -> Reply | Denied:
    """Sign and send one call, if the run's budget allows it, once OKX's limit on the endpoint does.

    The request target is signed exactly as it is sent. Nothing is sent where a header would carry a secret.
    """
    kept_back = withheld(setup)
    if kept_back:
        return Reply(failure=kept_back)
    if context.budget.blocking_reason:
        return Denied(reason=context.budget.blocking_reason)
    patience = context.remaining() - 1.0
    wait = context.pace.turn(setup.base_url, endpoint, context.monotonic(), patience)
    if wait is None:
        return Denied(reason=TIME_SPENT)
    if wait:
        threading.Event().wait(wait)  # time.sleep fails under a faked clock whose monotonic clock is real
    request, target = context.http.build(setup.base_url, endpoint.method, endpoint.target, endpoint.body)

    def make() -> Reply:
        timestamp = rest_timestamp(stamp(context, setup, sample))
        message = prehash(timestamp, endpoint.method, target, endpoint.body)
        headers = signed_headers(setup.api_key, setup.secret, setup.passphrase, timestamp, message)
        if setup.demo:
            headers[DEMO_HEADER] = "1"
        return context.http.call(request, headers, call_budget(context))

    return context.budget.spend(
        make,
        lambda reply: cost(short(reply, context.redactor), reply.failure),
        spare=spare,
        patience=context.remaining() - 1.0,
    )


def _second_wave(context: Context, evidence: Evidence, endpoint: Endpoint, place: int) -> Ending:
    found = accepted_setup(context, evidence)
    if found is None:
        return Skipped(reason="needs an accepted signed GET first")
    setup, corrections = found
    began = context.elapsed_ms()
    reply = send_signed(context, setup, endpoint, evidence.first(ExchangeTime))
    if isinstance(reply, Denied):
        return Unknown(reason=reply.reason)
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
    if outcome(call.answer) is Outcome.UNCLEAR:
        return Unknown(reason="the exchange gave no answer that tells", observations=(call,))
    return Measured(observations=(call,))


def _blocking_reason(context: Context, evidence: Evidence) -> Skipped | Unknown | None:
    absent = [value.slot for value in evidence.all(CredentialValue) if value.shape in ("absent", "empty")]
    if absent:
        return Unknown(reason="no credentials to sign with")
    if context.target.not_api_reason:
        return Skipped(reason="credentials are not sent to a host that is not OKX's API")
    resolution = evidence.first(Resolution)
    if resolution is not None and resolution.failure:
        return Unknown(reason="the host name does not resolve")
    return None
