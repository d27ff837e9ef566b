"""A program as it is against the exchange of a test, sealed off."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence

from okx_doctor.confining.command import shell_status
from okx_doctor.confining.confine import NotLetOut, confine
from okx_doctor.credentials.variables import replacing
from okx_doctor.gate.accounts import variables
from okx_doctor.gate.serve.certificates import issue
from okx_doctor.gate.serve.events import Observer
from okx_doctor.gate.serve.exchange import Exchange, Handed, Plan
from okx_doctor.protocol.sites import CERTIFIED, DOMAINS, hosts


def run(
    plan: Plan,
    command: Sequence[str],
    environ: Mapping[str, str] | None,
    allow: Sequence[str],
    seconds: float | None,
    now: Callable[[], float],
    observer: Observer,
) -> tuple[int, NotLetOut]:
    """Its status as a shell gives it, and all that was not let out. Raises ``CannotSeal`` and ``CannotStart``."""
    before = os.environ if environ is None else environ
    made = issue("trusted", time.time(), CERTIFIED)
    with confine(
        command,
        environ={**before, **replacing(variables(plan.accounts[0]), before)},
        zones=DOMAINS,
        hosts=sorted(hosts()),
        authority_pem=made.ca_pem,
        allow=allow,
    ) as confined:
        with Exchange(plan, now=now, observer=observer, handed=Handed(confined.sockets, made.context)):
            confined.go()
            if confined.wait(seconds) is None:
                confined.end()
        return shell_status(confined.wait() or 0), confined.not_let_out()
