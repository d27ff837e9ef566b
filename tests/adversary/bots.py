"""A bot and the accounts behind it: what OKX knows, what the bot holds and where, and so which faults it has."""

from __future__ import annotations

import base64
import random
import uuid
from collections.abc import Callable, Mapping
from typing import Final, Literal

from msgspec import Struct, field
from msgspec.structs import replace

Slot = Literal["key", "secret", "passphrase"]
SLOTS: Final[tuple[Slot, ...]] = ("key", "secret", "passphrase")
VARIABLES: Final[Mapping[Slot, str]] = {
    "key": "OKX_API_KEY",
    "secret": "OKX_SECRET_KEY",
    "passphrase": "OKX_PASSPHRASE",
}
SITES: Final = ("global", "eea", "us", "tr")
WINDOW_SECONDS: Final = 30.0

Values = Mapping[Slot, str]


class Account(Struct, frozen=True, kw_only=True):
    """A key as OKX has it. ``allowed``: whether this machine's address may use it."""

    key: str
    secret: str
    passphrase: str
    site: str = "global"
    demo: bool = False
    allowed: bool = True
    frozen: bool = False
    readable: bool = True

    def values(self) -> Values:
        return {"key": self.key, "secret": self.secret, "passphrase": self.passphrase}


Home = Literal["environment", "profile", "x.env", ".env"]
HOMES: Final[tuple[Home, ...]] = ("environment", "profile", "x.env", ".env")
"""Where values stand, in the order in which they win."""
ENV_FILES: Final[tuple[Home, ...]] = ("x.env", ".env")


class Bot(Struct, frozen=True, kw_only=True):
    """What is checked. ``accounts`` are OKX's, the bot's own first; ``holds`` is what stands where, as loaded.

    ``offset`` are the seconds by which OKX's clock is ahead of the bot's. ``dressed`` says which causes the loaded
    value of a slot shows, ``clean`` what it is without them. ``mangled`` holds slots whose line in ``.env`` says more
    than its loader makes of it. ``pace`` are the seconds that every signed call takes.
    """

    accounts: tuple[Account, ...]
    holds: Mapping[Home, Values]
    site: str = "global"
    demo: bool = False
    offset: float = 0.0
    dressed: Mapping[Slot, tuple[str, ...]] = field(default_factory=dict)
    clean: Values = field(default_factory=dict)
    mangled: Values = field(default_factory=dict)
    swapped: bool = False
    try_case: bool = False
    websocket: bool = False
    pace: float = 0.45
    timeout: float = 60.0

    def loaded(self) -> Values:
        """The value in force in each slot: that of the first home which names it."""
        found: dict[Slot, str] = {}
        for home in HOMES:
            for slot, text in self.holds.get(home, {}).items():
                found.setdefault(slot, text)
        return found

    def cleaned(self, slot: Slot) -> str:
        return self.clean.get(slot, self.loaded().get(slot, ""))

    def hidden(self) -> tuple[Values, ...]:
        """What each home holds otherwise than it is in force."""
        loaded = self.loaded()
        rows = (
            {slot: text for slot, text in self.holds.get(home, {}).items() if text != loaded[slot]} for home in HOMES
        )
        return tuple(row for row in rows if row)

    def candidates(self) -> tuple[str, ...]:
        """Every text that a call may have been signed with."""
        texts = [text for held in self.holds.values() for text in held.values()]
        texts += [*self.clean.values(), *self.mangled.values()]
        texts += [account.secret for account in self.accounts]
        return tuple(dict.fromkeys(form for text in texts for form in (text, bare(text)) if form))


def faults(bot: Bot) -> frozenset[str]:
    """The causes that are really there, whichever of them a run comes to see."""
    found: set[str] = {cause for causes in bot.dressed.values() for cause in causes}
    if abs(bot.offset) > WINDOW_SECONDS:
        found.add("clock-drift")
        quarter = 900.0
        if abs(bot.offset - round(bot.offset / quarter) * quarter) < 5:
            found.add("clock-timezone")
    found |= {"credentials-swapped"} if bot.swapped else set()
    own = next((account for account in bot.accounts if account.key == bot.cleaned("key")), None)
    if own is None:
        return frozenset(found)
    found |= {"wrong-environment"} if own.demo != bot.demo else set()
    found |= {"wrong-site"} if own.site != bot.site else set()
    typed = {bot.cleaned("passphrase"), bot.loaded().get("passphrase", "")} - {own.passphrase}
    found |= {"passphrase-case"} if any(text.lower() == own.passphrase.lower() for text in typed) else set()
    return frozenset(found)


def bare(text: str) -> str:
    """A text without the signs that stand around it or in it by mistake."""
    return text.strip(" \t\r\n\u00a0\u200b\"'`=\u201c\u201d").replace("\u2011", "-").replace("\u200b", "")


_DRESSINGS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ('"{}"', ("credential-quoted",)),
    ("'{}'", ("credential-quoted",)),
    ("`{}`", ("credential-quoted",)),
    ("={}", ("credential-quoted",)),
    ("{} ", ("credential-whitespace",)),
    (" {}", ("credential-whitespace",)),
    ("{}\n", ("credential-whitespace",)),
    ("{}\r\n", ("credential-whitespace",)),
    ("\t{}", ("credential-whitespace",)),
    ('"{}" ', ("credential-quoted", "credential-whitespace")),
    ("{}\u200b", ("credential-characters",)),
    ("\u201c{}\u201d", ("credential-characters", "credential-quoted")),
    ("{}\u00a0", ("credential-characters", "credential-whitespace")),
)


def any_bot(rng: random.Random) -> Bot:
    """A bot with none to several faults, and perhaps a second account's values lying about."""
    own, other = any_account(rng), any_account(rng)
    bot = Bot(
        accounts=(own, other),
        holds={},
        site=own.site,
        demo=own.demo,
        try_case=rng.random() < 0.15,
        websocket=rng.random() < 0.2,
    )
    values: dict[Slot, str] = dict(own.values())
    for fault in rng.sample(_FAULTS, rng.choice((0, 1, 1, 1, 2, 2, 3))):
        bot, values = _with(fault, bot, values, rng)
    bot = _placed(bot, values, rng)
    bot = replace(bot, dressed={slot: (*causes, *_by_a_loader(bot, slot)) for slot, causes in bot.dressed.items()})
    if rng.random() < 0.1:
        bot = replace(bot, pace=rng.choice((1.1, 1.9)), timeout=8.0)
    return bot


def any_account(rng: random.Random) -> Account:
    """An account with its three values, mostly live and on the global site."""
    letters = "abcdefghkmnpqrstuvwxyzABCDEFGHKMNPQRSTUVWXYZ"
    passphrase = "".join(rng.choice(letters) for _ in range(9)) + rng.choice("!@%*_-+") + str(rng.randrange(10, 99))
    if rng.random() < 0.04:  # signs that belong to the passphrase itself
        passphrase = rng.choice(('"{}"', "'{}'", "={}")).format(passphrase)
    return Account(
        key=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        secret=f"{rng.getrandbits(128):032X}",
        passphrase=passphrase,
        site=rng.choice((*SITES, "global", "global", "global")),
        demo=rng.random() < 0.3,
    )


_FAULTS: Final = (
    "clock",
    "clock",
    "small offset",
    "environment",
    "environment",
    "site",
    "site",
    "dressed key",
    "dressed secret",
    "dressed passphrase",
    "dressed passphrase",
    "mistyped key",
    "mistyped secret",
    "mistyped passphrase",
    "case",
    "mangled",
    "swapped",
    "address",
    "frozen",
    "permission",
)


def _with(fault: str, bot: Bot, values: dict[Slot, str], rng: random.Random) -> tuple[Bot, dict[Slot, str]]:
    own, *others = bot.accounts
    match fault.split():
        case ["clock"]:
            bot = replace(bot, offset=rng.choice((45.0, -45.0, 31.5, -33.0, 28800.0, -3600.0, 19800.0, 7200.4)))
        case ["small", _]:
            bot = replace(bot, offset=rng.choice((0.001, -0.4, 2.0, 6.0, -20.0)))
        case ["environment"]:
            bot = replace(bot, demo=not own.demo)
        case ["site"]:
            bot = replace(bot, site=rng.choice([site for site in SITES if site != own.site]))
        case ["address"]:
            bot = replace(bot, accounts=(replace(own, allowed=False), *others))
        case ["frozen"]:
            bot = replace(bot, accounts=(replace(own, frozen=True), *others))
        case ["permission"]:
            bot = replace(bot, accounts=(replace(own, readable=False), *others))
        case ["mistyped", ("key" | "secret" | "passphrase") as slot]:
            if slot not in bot.clean:
                at = rng.randrange(1, len(values[slot]) - 1)
                wrong = "0" if values[slot][at] != "0" else "1"
                kept = values[slot][at] == "-"
                values = {**values, slot: values[slot] if kept else values[slot][:at] + wrong + values[slot][at + 1 :]}
        case ["dressed", ("key" | "secret" | "passphrase") as slot]:
            if slot not in bot.clean:
                form, causes = rng.choice(_DRESSINGS)
                bot = replace(bot, clean={**bot.clean, slot: values[slot]}, dressed={**bot.dressed, slot: causes})
                values = {**values, slot: form.format(values[slot])}
        case ["case"]:
            if "passphrase" not in bot.clean:
                values = {**values, "passphrase": values["passphrase"].swapcase()}
        case ["mangled"]:
            if "passphrase" not in bot.clean:
                whole = values["passphrase"] + " #7"
                account = replace(own, passphrase=whole) if values["passphrase"] == own.passphrase else own
                bot = replace(
                    bot,
                    accounts=(account, *others),
                    clean={**bot.clean, "passphrase": whole},
                    dressed={**bot.dressed, "passphrase": ("env-file-mangled",)},
                    mangled={"passphrase": whole},
                )
        case ["swapped"]:
            if not bot.clean:
                one, two = rng.sample(SLOTS, 2)
                values = {**values, one: values[two], two: values[one]}
                bot = replace(bot, clean={one: values[two], two: values[one]}, swapped=True)
    return bot, values


def _placed(bot: Bot, values: dict[Slot, str], rng: random.Random) -> Bot:
    """The values in one home, and in half of all cases others in a second one."""
    if bot.mangled:
        rest = {slot: text for slot, text in values.items() if slot not in bot.mangled}
        holds: dict[Home, Values] = {"environment": rest, ".env": {"passphrase": values["passphrase"]}}
        return replace(bot, holds=holds)
    first, second = sorted(rng.sample(HOMES, 2), key=HOMES.index)
    if any(set(text) & set("\n\r\t") or {"'", '"'} <= set(text) for text in values.values()):
        return replace(bot, holds={"environment": values})  # a file would have to spell it otherwise
    if rng.random() < 0.5:
        return replace(bot, holds={rng.choice((first, second)): values})
    others = _lying_about(bot, rng)
    if rng.random() < 0.7:
        return replace(bot, holds={first: values, second: others})
    return replace(
        bot,
        holds={first: others, second: values},
        dressed={slot: causes for slot, causes in bot.dressed.items() if slot not in others},
        clean={slot: text for slot, text in bot.clean.items() if slot not in others},
    )


def _by_a_loader(bot: Bot, slot: Slot) -> tuple[str, ...]:
    """A quoted value in force, while an env file has it bare: some loader may have kept the file's quotes."""
    beside = any(bot.holds.get(name, {}).get(slot) == bot.clean[slot] for name in ENV_FILES)
    return ("env-file-mangled",) if beside and "credential-quoted" in bot.dressed[slot] else ()


def _lying_about(bot: Bot, rng: random.Random) -> Values:
    """What a second home holds: the right values, an older key's, or the second account's; all of them or some."""
    own, other = bot.accounts
    slots = rng.choice((SLOTS, SLOTS, ("key", "secret"), ("passphrase",), ("secret",), ("key", "passphrase"), ("key",)))
    whose = rng.choice((own, other, other, any_account(rng)))
    mixed = rng.random() < 0.15
    return {slot: (rng.choice((own, other)) if mixed else whose).values()[slot] for slot in slots}


def any_exposing_bot(rng: random.Random) -> Bot:
    """A bot with its secret key, in some dress, where a value stands that goes into a header."""
    own, other = any_account(rng), any_account(rng)
    slot: Slot = rng.choice(("key", "passphrase"))
    dressed = rng.choice(SECRET_DRESSES)(own.secret if rng.random() < 0.7 else own.secret.lower(), own.key)
    values = {**own.values(), slot: dressed}
    if rng.random() < 0.3:
        values["secret"] = rng.choice((dressed, own.key, own.passphrase, other.secret))
    bot = Bot(accounts=(own, other), holds={}, site=own.site, demo=own.demo, websocket=rng.random() < 0.2)
    if set(dressed) & set("\n\t"):
        return replace(bot, holds={"environment": values})
    if rng.random() < 0.4:
        return replace(bot, holds={"environment": own.values(), ".env": {slot: dressed}})
    return replace(bot, holds={rng.choice(HOMES): values})


def _grouped(text: str, size: int, joint: str) -> str:
    return joint.join(text[at : at + size] for at in range(0, len(text), size))


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


SECRET_DRESSES: Final[tuple[Callable[[str, str], str], ...]] = (
    lambda secret, key: secret,
    lambda secret, key: f'"{secret}"',
    lambda secret, key: f" {secret} ",
    lambda secret, key: f"{secret}\n",
    lambda secret, key: secret + secret,
    lambda secret, key: f"{secret} {secret}",
    lambda secret, key: key + secret,
    lambda secret, key: secret + key,
    lambda secret, key: f"{key}:{secret}",
    lambda secret, key: f"{secret},{key}",
    lambda secret, key: "0x" + secret,
    lambda secret, key: "ab" + secret,
    lambda secret, key: secret + "ab",
    lambda secret, key: "a" + secret,
    lambda secret, key: secret + "f",
    lambda secret, key: secret[:-1],
    lambda secret, key: secret[1:],
    lambda secret, key: f"secret={secret}",
    lambda secret, key: f"x{secret}y",
    *(
        (lambda secret, key, size=size, joint=joint: _grouped(secret, size, joint))
        for size in (1, 2, 4, 8, 16)
        for joint in (" ", "-", ":", "_", "\t", "\u00a0", ".", "/", "\u200b")
    ),
    lambda secret, key: _base64(secret.encode()),
    lambda secret, key: _base64(bytes.fromhex(secret)),
    lambda secret, key: _base64(secret.encode()).rstrip("="),
    lambda secret, key: _base64(bytes.fromhex(secret)).rstrip("=").replace("+", "-").replace("/", "_"),
)
"""A secret key as it may stand in another slot, made of it and the API key."""
