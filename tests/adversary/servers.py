"""What decides the answers: a faithful gate, a table, a script, or chance. A server knows nothing of okx-doctor."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from tests.adversary.answers import ACCEPTING, LOGIN_TWINS, Answer, any_answer, any_event
from tests.adversary.asked import BALANCE, BUILDER, CONFIG, LOGIN, Asked
from tests.adversary.bots import Account

Server = Callable[[Asked], Answer]

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

LATER: Final = ("50100", "50110", "50101", "50105", "50113")
"""The steps whose order OKX does not tell; each needs an account."""


def any_order(rng: random.Random) -> tuple[str, ...]:
    """An order of the steps that OKX may have: the later ones anyhow, the time anywhere."""
    order = ["50111", "50119", *rng.sample(LATER, len(LATER))]
    order.insert(rng.randrange(len(order) + 1), "50102")
    return tuple(order)


def gate(accounts: Sequence[Account], order: Sequence[str], answers: Sequence[Answer] = (ACCEPTING,) * 3) -> Server:
    """OKX's authentication, its steps in this order; ``answers`` are the endpoints' own once a call is let in."""

    def answer(asked: Asked) -> Answer:
        state = asked.state
        account = next((one for one in accounts if (one.key, one.site) == (state.key, state.site)), None)
        failing = {"50102"} if not state.fresh else set()
        failing |= {"50111"} if not _UUID.fullmatch(state.key) else {"50119"} if account is None else set()
        if account is not None:
            failing |= {"50100"} if account.frozen else set()
            failing |= {"50110"} if not account.allowed else set()
            failing |= {"50101"} if account.demo != state.demo else set()
            failing |= {"50105"} if account.passphrase != state.passphrase else set()
            failing |= {"50113"} if account.secret != state.secret else set()
        first = next((code for code in order if code in failing), "")
        if not first and account is not None and not account.readable:
            first = "50120"
        if asked.path == LOGIN:
            return Answer(code=LOGIN_TWINS.get(first, first) or "0")
        if first:
            return Answer(status=401, code=first)
        return dict(zip((CONFIG, BALANCE, BUILDER), answers, strict=True))[asked.path]

    return answer


_EVERYTHING: Final = ("site", "demo", "key", "passphrase", "secret", "fresh", "path")


def table(seed: str, looks_at: Sequence[str] = _EVERYTHING) -> Server:
    """Any answers, always the same ones to a call that is the same in what the table looks at."""

    def answer(asked: Asked) -> Answer:
        seen = {**asked.state._asdict(), "path": asked.path}
        rng = random.Random(f"{seed} {[seen[name] for name in looks_at]} {asked.path == LOGIN}")
        return any_event(rng) if asked.path == LOGIN else any_answer(rng)

    return answer


def any_table(rng: random.Random, seed: str) -> Server:
    """A table over some of what can be seen."""
    looks_at = rng.sample(_EVERYTHING, rng.randrange(2, len(_EVERYTHING) + 1))
    return table(seed, looks_at)


def script(answers: Sequence[Answer]) -> Server:
    """The ``k``-th call gets the ``k``-th answer, whatever it asks; the last one goes on for ever."""

    def answer(asked: Asked) -> Answer:
        given = answers[min(asked.number, len(answers)) - 1]
        if asked.path != LOGIN:
            return replace(given, shape="okx") if given.shape in ("error event", "odd code", "closed") else given
        return replace(given, code=LOGIN_TWINS.get(given.code, given.code))

    return answer


def chance(seed: str) -> Server:
    """Anything, anew for every call."""

    def answer(asked: Asked) -> Answer:
        rng = random.Random(f"{seed} {asked.path} {asked.nth}")
        return any_event(rng) if asked.path == LOGIN else any_answer(rng)

    return answer


def glitching(faithful: Server, seed: str, share: float) -> Server:
    """A server that answers some calls by chance."""
    other = chance(seed)

    def answer(asked: Asked) -> Answer:
        strikes = random.Random(f"{seed} {asked.nth} {asked.path}").random() < share
        return other(asked) if strikes else faithful(asked)

    return answer


def by_path(config: Server, rest: Server) -> Server:
    """One server for ``account/config``, another for what follows it."""
    return lambda asked: config(asked) if asked.path == CONFIG else rest(asked)
