"""The corrections that a run may make in memory, and the values that a set of them stands for. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.credentials import shapes
from okx_doctor.credentials.load import Alternative, Credentials, LoadedValue
from okx_doctor.credentials.secret_shape import held_secret
from okx_doctor.credentials.slots import known_secrets, swapped_slots
from okx_doctor.credentials.variables import SLOT_TITLES
from okx_doctor.observations import SLOTS, CallFailure, Correction, Slot, Target
from okx_doctor.peeling.peel import Kind, Option
from okx_doctor.protocol.signing import DEMO_HEADER
from okx_doctor.protocol.sites import Site
from okx_doctor.secrets.secret import Secret

SWAP_BACK = "swapped-back"

_IN_CLEAR: Final[tuple[Literal["api_key", "passphrase"], ...]] = ("api_key", "passphrase")
_HOLDS: Final = {
    "secret-slot": "holds the value of the secret slot",
    "another-source": "holds what another source has as the secret key",
    "digits": "looks like a secret key",
    "base64": "looks like a secret key in base64",
}


class CallCredentials(Struct, frozen=True, kw_only=True):
    """The values of one signed call. ``exchange_clock`` stamps it with OKX's time instead of the local one.

    ``known_secrets`` are all values of the run that may be the secret, in force or not: none of them is sent.
    """

    base_url: str
    demo: bool
    api_key: Secret
    secret: Secret
    passphrase: Secret
    known_secrets: tuple[Secret, ...]
    exchange_clock: bool = False

    def value(self, slot: Slot) -> Secret:
        return {"api_key": self.api_key, "secret": self.secret, "passphrase": self.passphrase}[slot]


class Corrections(Struct, frozen=True, kw_only=True):
    """The corrections of a run and the values behind their slot variants."""

    options: tuple[Option, ...]
    start: tuple[str, ...]
    variants: Mapping[tuple[str, str], Secret]

    def apply(self, loaded: CallCredentials, corrections: Sequence[str]) -> CallCredentials:
        """The setup with these corrections in force."""
        setup = loaded
        by_id = {option.correction.id: option.correction for option in self.options}
        for name in corrections:
            for field, value in by_id[name].changes:
                setup = _change(setup, field, value, self.variants)
        return setup


def corrections_for(credentials: Credentials, target: Target, sites: Sequence[Site], *, try_case: bool) -> Corrections:
    """Everything that may be corrected, in the order to try it within each kind."""
    variants: dict[tuple[str, str], Secret] = {}
    options = [
        _option("clock", "clock", ("clock-timezone", "clock-drift"), "OKX's time", [("clock", "exchange")]),
        _option(
            "environment",
            "environment",
            ("wrong-environment",),
            f"{DEMO_HEADER}: {0 if target.demo else 1}",
            [("environment", "live" if target.demo else "demo")],
        ),
    ]
    for group in _hosts(target, sites):
        names = " and ".join(site.name for site in group)
        options.append(
            _option(
                "site",
                "site:" + "+".join(site.id for site in group),
                ("wrong-site",),
                f"the {names} site",
                [("base_url", group[0].rest[0])],
            )
        )
    options += _slot_options(credentials, variants)
    if try_case:
        options += _case_options(credentials.passphrase, variants)
    start: tuple[str, ...] = ()
    swapped = swapped_slots(credentials)
    if swapped:
        changes: list[tuple[str, str]] = []
        causes = ["credentials-swapped"]
        for slot, owner in swapped:
            loaded = credentials.value(slot)
            variants[owner, SWAP_BACK] = (loaded.value or Secret("")).changed(shapes.cleaned).changed(shapes.unwrapped)
            changes.append((owner, SWAP_BACK))
            causes += [name for alternative in loaded.alternatives for name in alternative.causes]
        what = "the values in their own slots"
        options.append(_option("swap", SWAP_BACK, tuple(dict.fromkeys(causes)), what, changes))
        start = (SWAP_BACK,)
    return Corrections(options=tuple(options), start=start, variants=variants)


def as_loaded(credentials: Credentials, target: Target) -> CallCredentials:
    """The setup as the bot has it; an absent value is empty."""
    return CallCredentials(
        base_url=target.base_url,
        demo=target.demo,
        api_key=credentials.api_key.value or Secret(""),
        secret=credentials.secret.value or Secret(""),
        passphrase=credentials.passphrase.value or Secret(""),
        known_secrets=tuple(map(Secret, known_secrets(credentials))),
    )


def withheld(setup: CallCredentials) -> CallFailure | None:
    """Why nothing may be sent with this setup: a header or a login would carry what may be an OKX secret.

    Whatever is sent is asked for here first. ``None`` where it may be sent.
    """
    others = [known.reveal() for known in setup.known_secrets]
    for slot in _IN_CLEAR:
        held = held_secret(setup.value(slot).reveal(), slot, setup.secret.reveal(), others)
        if held:
            detail = f"the {SLOT_TITLES[slot]} {_HOLDS[held]}, and a secret key is never put into a header"
            return CallFailure(kind="withheld", detail=detail)
    return None


def _hosts(target: Target, sites: Sequence[Site]) -> list[list[Site]]:
    """The other sites, those that share a host together."""
    by_host: dict[str, list[Site]] = {}
    for site in sites:
        if site.id in target.other_sites and target.base_url not in site.rest:
            by_host.setdefault(site.rest[0], []).append(site)
    return list(by_host.values())


def _slot_options(credentials: Credentials, variants: dict[tuple[str, str], Secret]) -> list[Option]:
    options: list[Option] = []
    from_sources: dict[str, list[tuple[Slot, Alternative]]] = {}
    for loaded in credentials.values():
        for number, alternative in enumerate(loaded.alternatives, 1):
            if alternative.causes == ("credential-sources-conflict",):
                from_sources.setdefault(alternative.source.place, []).append((loaded.slot, alternative))
                continue
            name = f"{loaded.slot}-{number}"
            variants[loaded.slot, name] = alternative.value
            options.append(_option(loaded.slot, name, alternative.causes, alternative.what, [(loaded.slot, name)]))
    for place, found in from_sources.items():
        options += _source_options(credentials, place, found, variants)
    return options


def _source_options(
    credentials: Credentials,
    place: str,
    found: Sequence[tuple[Slot, Alternative]],
    variants: dict[tuple[str, str], Secret],
) -> list[Option]:
    """The other values of one source: each by itself, or all together where they come with another key.

    Another key may be another account's: its secret and passphrase are never mixed with those of this one where the
    source has them.
    """
    values = {slot: alternative.value for slot, alternative in reversed(found)}  # of two for one slot, the first
    variants |= {(slot, f"from {place}"): value for slot, value in values.items()}
    changed = tuple(slot for slot in SLOTS if slot in values)
    groups = [changed] if "api_key" in changed else [(slot,) for slot in changed]
    options: list[Option] = []
    for slots in groups:
        titles = " and ".join(SLOT_TITLES[slot] for slot in slots)
        whole = all(slot in slots or _stands_in(credentials.value(slot), place) for slot in SLOTS)
        options.append(
            _option(
                "source",
                f"from {place}" if slots == changed else f"{slots[0]} from {place}",
                ("credential-sources-conflict",),
                f"the {titles} from {place}",
                [(slot, f"from {place}") for slot in slots],
                whole_set=whole,
            )
        )
    return options


def _stands_in(loaded: LoadedValue, place: str) -> bool:
    """Whether the value in force is one that this source has as well."""
    sources = (loaded.source, *loaded.agreeing)
    return any(source is not None and source.place == place for source in sources)


def _case_options(loaded: LoadedValue, variants: dict[tuple[str, str], Secret]) -> list[Option]:
    options: list[Option] = []
    for number, text in enumerate(shapes.case_variants(loaded.reveal()), 1):
        name = f"case-{number}"
        variants["passphrase", name] = Secret(text)
        options.append(
            _option("case", name, ("passphrase-case",), "the passphrase in another case", [("passphrase", name)])
        )
    return options


def _option(
    kind: Kind,
    name: str,
    causes: tuple[str, ...],
    what: str,
    changes: Sequence[tuple[str, str]],
    *,
    whole_set: bool = False,
) -> Option:
    return Option(
        kind=kind,
        correction=Correction(id=name, causes=causes, what=what, changes=tuple(changes), whole_set=whole_set),
    )


def _change(
    setup: CallCredentials, field: str, value: str, variants: Mapping[tuple[str, str], Secret]
) -> CallCredentials:
    match field:
        case "clock":
            return replace(setup, exchange_clock=value == "exchange")
        case "environment":
            return replace(setup, demo=value == "demo")
        case "base_url":
            return replace(setup, base_url=value)
        case "api_key":
            return replace(setup, api_key=variants["api_key", value])
        case "secret":
            return replace(setup, secret=variants["secret", value])
        case "passphrase":
            return replace(setup, passphrase=variants["passphrase", value])
    raise ValueError(f"no such field: {field}")
