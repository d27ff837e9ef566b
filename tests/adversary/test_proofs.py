"""That a faithful exchange is believed: one fault, proven; none, healthy. Silence would keep every invariant too."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from okx_doctor.model import Health
from tests.adversary.answers import ACCEPTING, Answer
from tests.adversary.bots import Bot
from tests.adversary.invariants import judged, proven
from tests.adversary.running import Case
from tests.adversary.servers import LATER, gate
from tests.adversary.test_known_adversaries import HEALTHY, IN_QUOTES, OTHER, OWN

pytestmark = pytest.mark.slow

ORDER = ("50102", "50111", "50119", *LATER)


def _dressed(slot: str, form: str, cause: str) -> Bot:
    values = {name: form.format(text) if name == slot else text for name, text in OWN.values().items()}
    return replace(
        HEALTHY,
        holds={"environment": values},
        dressed={name: (cause,) for name in OWN.values() if name == slot},
        clean={name: text for name, text in OWN.values().items() if name == slot},
    )


SINGLE = {
    "clock-drift": replace(HEALTHY, offset=45.0),
    "clock-timezone": replace(HEALTHY, offset=-28800.0),
    "wrong-environment": replace(HEALTHY, demo=True),
    "wrong-site": replace(HEALTHY, site="eea"),
    "credential-quoted": IN_QUOTES,
    "credential-quoted (key)": _dressed("key", "'{}'", "credential-quoted"),
    "credential-quoted (secret)": _dressed("secret", '"{}"', "credential-quoted"),
    "credential-whitespace (secret)": _dressed("secret", "{}\n", "credential-whitespace"),
    "credential-characters (key)": _dressed("key", "{}\u200b", "credential-characters"),
    "passphrase-case": replace(
        HEALTHY, holds={"environment": {**OWN.values(), "passphrase": OWN.passphrase.swapcase()}}, try_case=True
    ),
    "credential-sources-conflict": replace(
        HEALTHY, holds={"environment": {"passphrase": "older!3"}, ".env": OWN.values()}
    ),
    "credential-sources-conflict (another account)": replace(
        HEALTHY, holds={"environment": {**OTHER.values(), "passphrase": "older!3"}, "x.env": OWN.values()}
    ),
}


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("websocket", [False, True], ids=["", "socket"])
def test_a_single_fault_is_proven(name: str, websocket: bool) -> None:
    bot = replace(SINGLE[name], websocket=websocket)
    seen, found = judged(Case(name=name, bot=bot, server=lambda: gate(bot.accounts, ORDER), faithful=True))
    assert not found, "\n".join(map(str, (*found, *seen.log)))
    assert (proven(seen.report), seen.report.status) == ((name.partition(" ")[0],), Health.UNHEALTHY)


@pytest.mark.parametrize("builder", ["0", "51010", "50014"])
def test_a_bot_without_a_fault_is_healthy(builder: str) -> None:
    bot = replace(HEALTHY, websocket=True)
    answers = (ACCEPTING, ACCEPTING, Answer(status=200, code=builder))
    seen, found = judged(Case(name="", bot=bot, server=lambda: gate(bot.accounts, ORDER, answers), faithful=True))
    assert (seen.report.status, found, len(seen.log)) == (Health.HEALTHY, (), 4)
