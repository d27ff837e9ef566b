"""Rules about OKX beyond the key: its other products, its markets, and how old what is known of it is."""

from __future__ import annotations

from functools import partial

from okx_doctor.catalogue.clients.client import Client
from okx_doctor.catalogue.clients.words import Words, base_url_lines
from okx_doctor.causes.clients import own_words
from okx_doctor.causes.clock import exchange_offset
from okx_doctor.causes.conversation import READS as CONVERSATION
from okx_doctor.causes.conversation import accepted, is_refused_at
from okx_doctor.causes.rule import Abstains, Excluded, Holds, Judgement, Rule
from okx_doctor.causes.rules.key import unasked_sites
from okx_doctor.model import Confidence, Remedy, Severity
from okx_doctor.observations import (
    BotClient,
    Evidence,
    ExchangeTime,
    FactsAge,
    Machine,
    ProjectId,
    RetiredSocket,
    SignedCall,
    Target,
)
from okx_doctor.protocol.codes import find
from okx_doctor.protocol.facts import OLD_AFTER_DAYS
from okx_doctor.protocol.sites import RETIRED_PORTS, SITES

WEB3_KEY = Remedy(
    text="Make a key under API management on the exchange (www.okx.com, or the site of your account). A key from "
    "web3.okx.com works only for the Web3 API, and okx-doctor can sign for it but not ask about it."
)


def judge_web3(evidence: Evidence) -> Judgement:
    """``web3-key``: no site knows the key, and beside it is set what only the Web3 product wants."""
    project = evidence.first(ProjectId)
    if accepted(evidence) is not None:
        return Excluded(because="the exchange knows the key")
    if project is None:
        return Excluded(because="no project id of OKX's Web3 product is set beside the credentials")
    if not is_refused_at(evidence, "key-known"):
        return Abstains(missing="the word of OKX's sites on the key")
    unasked = unasked_sites(evidence)
    if unasked:
        return Abstains(missing=unasked)
    return Holds(
        confidence=Confidence.LIKELY,
        because=(
            "no site of the exchange knows the key",
            f"{project.source} sets {project.variable}, which belongs to keys of OKX's Web3 product (web3.okx.com)",
        ),
        remedy=WEB3_KEY,
        checks=("signed.config",),
        slots=("api_key",),
    )


def judge_port(evidence: Evidence) -> Judgement:
    """``websocket-port-retired``: a variable has an address with that port, or an installed client dials it."""
    found = evidence.all(RetiredSocket)
    if not found:
        return Excluded(because="no address and no client that is known here has a port that OKX has retired")
    variables = tuple(dict.fromkeys(seen.variable for seen in found if seen.variable))
    ends = {port.port: port for port in RETIRED_PORTS}
    because = [
        f"{seen.source} sets {seen.variable} to an address with port {seen.port}"
        if seen.variable
        else f"{seen.client}, which is installed here, dials port {seen.port} by itself"
        for seen in found
    ]
    because += [
        f"OKX announced that port {port} stops on {ends[port].retired}; {ends[port].instead} serves the same paths"
        for port in dict.fromkeys(seen.port for seen in found)
        if port in ends
    ]
    steps = [f"Take the port out of {', '.join(variables)}."] if variables else []
    if len(variables) < len(found):
        steps.append("Take a newer release of the client, or give it the address without the port.")
    return Holds(
        confidence=Confidence.LIKELY if variables else Confidence.POSSIBLE,
        because=tuple(because),
        remedy=Remedy(text=" ".join(steps), lines=own_words(evidence, partial(_own_address, evidence.first(Target)))),
        checks=("target.host",),
        severity=Severity.ERROR if variables else Severity.WARNING,
    )


def _own_address(target: Target | None, client: Client) -> Words:
    """How a client is given the addresses of the site that is asked."""
    asked = next((known for known in SITES if target and target.site == known.id), SITES[0])
    address = asked.websocket_demo if target and target.demo else asked.websocket
    return base_url_lines(client, asked.rest[0], address or "")


def judge_market(evidence: Evidence) -> Judgement:
    """``permission-market``: the key may trade, but not this instrument or market."""
    for call in evidence.all(SignedCall):
        known = find(call.answer.code) if call.answer and call.answer.code else None
        if known is not None and "permission-market" in known.causes:
            return Holds(
                confidence=Confidence.STATED,
                because=(f"OKX answers {known.code} to {call.endpoint}: the key is barred from this market",),
                remedy=Remedy(
                    text="Look under API management on OKX which products the key may trade, and whether the account "
                    "has passed the assessment for this one."
                ),
                checks=("signed.config",),
            )
    if accepted(evidence) is None:
        return Abstains(missing="a signed call that OKX answers")
    return Excluded(because="OKX bars the key from no market that was asked about")


def judge_age(evidence: Evidence) -> Judgement:
    """``facts-old``: what is known of OKX was confirmed too long ago, by OKX's own clock where that was read."""
    age = evidence.first(FactsAge)
    if age is None:
        return Excluded(because="the exchange asked is none of OKX's own sites")
    offset = exchange_offset(evidence)
    days = age.days + (offset.seconds if offset else 0.0) / 86_400.0
    if days <= OLD_AFTER_DAYS:
        return Excluded(because=f"what is known of OKX was confirmed on {age.confirmed}")
    return Holds(
        confidence=Confidence.STATED,
        because=(f"hosts, ports, codes and steps were last confirmed on {age.confirmed}, {days:.0f} days ago",),
        remedy=Remedy(text="Update okx-doctor; okx-doctor explain --facts shows what it goes by."),
        checks=("target.host",),
    )


RULES = (
    Rule(cause="web3-key", reads=(*CONVERSATION, Target, ProjectId), judge=judge_web3),
    Rule(cause="websocket-port-retired", reads=(RetiredSocket, Machine, BotClient, Target), judge=judge_port),
    Rule(cause="permission-market", reads=CONVERSATION, judge=judge_market),
    Rule(cause="facts-old", reads=(FactsAge, ExchangeTime), judge=judge_age),
)
