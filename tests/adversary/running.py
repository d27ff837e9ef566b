"""One case run through the whole of ``check``, in this process."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct, field
from msgspec.structs import replace

from okx_doctor.checking.run import RunInputs, examine
from okx_doctor.credentials.documents import forms
from okx_doctor.credentials.env_file import parse_env_file
from okx_doctor.credentials.places import Place
from okx_doctor.model import Report
from okx_doctor.protocol import sites
from okx_doctor.protocol.vectors import good_vectors
from okx_doctor.settings import Options
from tests.adversary.answers import Answer
from tests.adversary.asked import Entry
from tests.adversary.bots import ENV_FILES, VARIABLES, Bot, Values
from tests.adversary.exchange import ADDRESSES, Adversary, loopback
from tests.adversary.servers import Server


class Case(Struct, frozen=True, kw_only=True):
    """A bot, and the exchange that it meets. ``server`` makes a new one for every run.

    ``faithful``: whether the exchange answers as OKX's authentication would, its steps in whatever order.
    ``time_answer`` is what ``/public/time`` says instead of the time, ``handshake`` the status that sockets open with.
    """

    name: str
    bot: Bot
    server: Callable[[], Server]
    faithful: bool = False
    time_answer: Answer | None = None
    handshake: int = 101


class Seen(Struct, frozen=True, kw_only=True):
    """What came of a case: the report, and the exchange's own log."""

    case: Case
    report: Report
    log: tuple[Entry, ...] = field(default_factory=tuple)


def run(case: Case) -> Seen:
    """Check the case's bot against its exchange."""
    bot, here = case.bot, loopback()
    adversary = Adversary(bot=bot, server=case.server(), time_answer=case.time_answer, handshake=case.handshake)
    here.facing = adversary
    environ = {VARIABLES[slot]: text for slot, text in bot.holds.get("environment", {}).items()}
    environ["OKX_DOCTOR_SITES"] = ",".join(f"{site}={url}" for site, url in ADDRESSES.items())
    around = RunInputs(
        environ=environ,
        places=_places(bot, environ),
        sites=tuple(
            replace(
                sites.site(site),
                rest=(url,),
                websocket=f"{here.socket_url}/{site}/live",
                websocket_demo=f"{here.socket_url}/{site}/demo",
            )
            for site, url in ADDRESSES.items()
        ),
        proxy="",
        transport=adversary,
        vectors=good_vectors()[:2],
        file_exposure=lambda file, seconds: None,
        now=adversary.clock.now,
        monotonic=adversary.clock.monotonic,
    )
    options = Options(
        site=bot.site,
        demo=bot.demo,
        ntp=(here.ntp,),
        websocket=bot.websocket,
        try_case=bot.try_case,
        timeout=bot.timeout,
        skip=("body.serialisation",),  # it speaks to an exchange of its own
    )
    report = examine(options, around)
    return Seen(case=case, report=report, log=tuple(adversary.log))


def _places(bot: Bot, environ: dict[str, str]) -> tuple[Place, ...]:
    """The files that the bot's values stand in, in the order in which they win."""
    places: list[Place] = []
    if profile := bot.holds.get("profile"):
        places.append(forms.read(_toml(profile), "~/.okx/config.toml", "live", environ))
    for name in ENV_FILES:
        if held := bot.holds.get(name):
            places.append(parse_env_file(_env_text(held, bot.mangled), name, environ))
    return tuple(places)


def _toml(held: Values) -> str:
    names = {"key": "api_key", "secret": "secret_key", "passphrase": "passphrase"}
    return "[profiles.live]\n" + "".join(f"{names[slot]} = {_in_quotes(text)}\n" for slot, text in held.items())


def _env_text(held: Values, mangled: Values) -> str:
    lines = {slot: mangled.get(slot) or _in_quotes(text) for slot, text in held.items()}
    return "".join(f"{VARIABLES[slot]}={line}\n" for slot, line in lines.items())


def _in_quotes(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"
