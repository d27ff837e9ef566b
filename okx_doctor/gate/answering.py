"""From one request to one answer: authentication for what is private, then the endpoint.

Imports ``okx_doctor.protocol`` and the gate's own modules; pure.
"""

from __future__ import annotations

from collections.abc import Callable

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.api.endpoints import Call, Route, route
from okx_doctor.gate.api.replies import Reply, refused
from okx_doctor.gate.evaluate import Trace, Venue, evaluate
from okx_doctor.gate.steps import Refusal
from okx_doctor.protocol.steps import step_named
from okx_doctor.protocol.wire import WireRequest

Market = Callable[[WireRequest, Account | None, float], Reply | None]
"""Answers an accepted request before its endpoint does; ``None`` leaves it to that one."""


def answer(
    request: WireRequest, *, venue: Venue, now: float, caller_ip: str, market: Market | None = None
) -> tuple[Reply, Trace | None]:
    """OKX's answer to a request, and the trace that led to it (``None`` on a public path).

    ``now`` is the exchange's clock in Unix seconds.
    """
    path = request.path
    there = route(request.method, path)
    if there.public or not path.startswith("/api/"):
        living = market(request, None, now) if market and there.served else None
        return living or _public(there, request, now), None
    trace = evaluate(request, venue=venue, now=now, caller_ip=caller_ip)
    if trace.refusal:
        return refused(trace.refusal), trace
    if there.served is None:
        raise LookupError(path)  # the trace has a step for it: an accepted request has an endpoint
    living = market(request, trace.account, now) if market else None
    return living or there.served.answer(_call(request, trace.account, now)), trace


def _call(request: WireRequest, account: Account | None, now: float) -> Call:
    return Call(account=account, target=request.target, body=request.body, now=now)


def _public(there: Route, request: WireRequest, now: float) -> Reply:
    if there.served:
        return there.served.answer(_call(request, None, now))
    if there.judged:
        return refused(
            Refusal(status=405, code=step_named("method").code(), message="Invalid request method.", layer="business")
        )
    return refused(Refusal(status=404, code="404", message="Not Found", layer="router"))
