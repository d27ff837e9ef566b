"""Describes the loaded values by shape and source; nothing here leaves the process."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Literal

from okx_doctor.credentials import shapes
from okx_doctor.credentials.beside import ITSELF
from okx_doctor.credentials.exposure import GIT_SECONDS
from okx_doctor.credentials.load import Credentials, LoadedValue
from okx_doctor.credentials.secret_shape import MIN_SECRET_DIGITS, alike, digits_in, held_secret
from okx_doctor.credentials.slots import known_secrets, swapped_slots
from okx_doctor.observations import (
    ENVIRONMENT,
    BotClient,
    BotSetting,
    CredentialValue,
    DialectsDiffer,
    Evidence,
    FactsAge,
    Held,
    Machine,
    NearName,
    PassphraseShared,
    Slot,
    SlotsSwapped,
    SourceAgreeing,
    SourceShadowed,
)
from okx_doctor.probes.context import Context, Ending, Measured, Skipped
from okx_doctor.probes.http import address_of
from okx_doctor.protocol.facts import age_days
from okx_doctor.protocol.sites import is_loopback_url
from okx_doctor.secrets.secret import Secret


def measure_target(context: Context, evidence: Evidence) -> Ending:
    """Where the run looks, and what was asked of it."""
    aged = [FactsAge(confirmed=day, days=age_days(day, context.now()))] if (day := context.facts_confirmed) else []
    client = [BotClient(client=context.client)] if context.client else []
    machine = _machine()
    settings = _settings(context, machine)
    return Measured(observations=(context.target, machine, *aged, *client, *context.retired_sockets, *settings))


def _settings(context: Context, machine: Machine) -> list[BotSetting]:
    """The bot's own settings beside its credentials, and the machine's proxy where it is hardly the one meant."""
    found = [
        BotSetting(
            kind=row.kind,
            place=str(row.source),
            value=address_of(row.value.reveal()) if row.kind == "proxy" else row.value.reveal(),
            used=row.used,
            remark=row.remark or _lost(row.value.reveal() if row.kind == "proxy" else "", machine),
        )
        for row in context.beside
    ]
    own = "" if any(row.kind == "proxy" and row.used for row in found) else context.http.proxy(context.target.base_url)
    if remark := _lost(own, machine):
        found.append(BotSetting(kind="proxy", place=ENVIRONMENT, value=address_of(own), used=True, remark=remark))
    return found


def _lost(proxy: str, machine: Machine) -> str:
    return ITSELF if machine.container and is_loopback_url(proxy) else ""


def measure_presence(context: Context, evidence: Evidence) -> Ending:
    """The three values: whether they are there and what shape they have."""
    values = tuple(_describe(loaded, context.credentials) for loaded in context.credentials.values())
    near = [
        NearName(slot=loaded.slot, variable=source.variable, file=source.file, line=source.line)
        for loaded in context.credentials.values()
        for source in loaded.near
    ]
    missing = any(value.shape in ("absent", "empty") for value in values)
    searched = context.places_searched if missing else ()
    return Measured(observations=(*values, *context.project_ids, *near, *searched))


def measure_sources(context: Context, evidence: Evidence) -> Ending:
    """Compare the files with the loaded values, and find sources that others shadow."""
    if not any(loaded.value or loaded.shadowed for loaded in context.credentials.values()):
        return Skipped(reason="no credentials")
    mangled = [line for loaded in context.credentials.values() for line in (*loaded.altered, *loaded.meant_perhaps)]
    shadowed = [
        SourceShadowed(slot=loaded.slot, used=str(loaded.source), shadowed=str(source))
        for loaded in context.credentials.values()
        for source in loaded.shadowed
    ]
    agreeing = [
        SourceAgreeing(slot=loaded.slot, used=str(loaded.source), also=str(source))
        for loaded in context.credentials.values()
        for source in loaded.agreeing
    ]
    return Measured(observations=(*mangled, *shadowed, *agreeing, *_differing(context.credentials)))


def measure_exposure(context: Context, evidence: Evidence) -> Ending:
    """Who else can read the files that hold real credentials, and whose passphrase is another key's as well."""
    if not any(loaded.value for loaded in context.credentials.values()):
        return Skipped(reason="no credentials")
    seconds = max(0.0, min(GIT_SECONDS, context.remaining()))
    looked_at = [context.file_exposure(file, seconds) for file in _files_with_credentials(context)]
    passphrase = context.credentials.passphrase
    shared = PassphraseShared(source=str(passphrase.source), profiles=context.credentials.same_passphrase)
    return Measured(observations=(*(seen for seen in looked_at if seen), *((shared,) if shared.profiles else ())))


def _files_with_credentials(context: Context) -> tuple[str, ...]:
    """The files that hold something to hide: a file with an example's or a published secret is one to show."""
    held: dict[str, dict[Slot, bool]] = {}
    published = {vector.secret for vector in context.vectors}
    for loaded in context.credentials.values():
        value = loaded.value or Secret("")
        hidden = [(option.source, option.value) for option in loaded.alternatives]
        for source, held_there in [*((source, value) for source in (loaded.source, *loaded.agreeing)), *hidden]:
            if source is not None and source.on_disk:
                text = held_there.reveal()
                real = shapes.shape(text) not in ("empty", "placeholder", "reference") and text not in published
                held.setdefault(source.file, {})[loaded.slot] = real
    return tuple(file for file, slots in held.items() if slots.get("secret", any(slots.values())))


def _differing(credentials: Credentials) -> list[DialectsDiffer]:
    """The lines in force that other loaders read differently, if another spelling would reduce the differences.

    Lines where only docker differs, because it keeps the quotes, are left out: it does that in every file.
    """
    found: list[DialectsDiffer] = []
    for loaded in credentials.values():
        row, source = loaded.compared, loaded.source
        if row is None or source is None or row.agree or row.spelling is None or row.spelling.in_place:
            continue
        differing = [column for column in row.columns if column.why]
        if [column.dialect.id for column in differing] == ["docker"] and differing[0].character in ("'", '"'):
            continue  # most files quote their values, and a bot under docker shows the quotes in its environment
        others = tuple((column.dialect.title, column.why) for column in differing)
        found.append(
            DialectsDiffer(
                slot=loaded.slot,
                variable=row.name,
                file=source.file,
                line=row.line,
                others=others,
                spelling=row.spelling.advice,
                exceptions=tuple(dialect.title for dialect in row.spelling.others),
            )
        )
    return found


def measure_slots(context: Context, evidence: Evidence) -> Ending:
    """Whether each value is in its own slot."""
    if not any(loaded.value for loaded in context.credentials.values()):
        return Skipped(reason="no credentials")
    holds = swapped_slots(context.credentials)
    return Measured(observations=(SlotsSwapped(holds=holds),) if holds else ())


def measure_case(context: Context, evidence: Evidence) -> Ending:
    """The passphrase's letters; the shape observation carries them."""
    if not any(loaded.value for loaded in context.credentials.values()):
        return Skipped(reason="no credentials")
    return Measured(observations=())


def _describe(loaded: LoadedValue, credentials: Credentials) -> CredentialValue:
    text = loaded.reveal()
    held: Held = ""
    if loaded.slot != "secret":
        held = held_secret(text, loaded.slot, credentials.secret.reveal(), known_secrets(credentials))
    digits = digits_in(text)
    shape = shapes.shape(None if loaded.value is None else shapes.cleaned(text))
    unfilled = loaded.unfilled if shape in ("empty", "reference") else None
    return CredentialValue(
        slot=loaded.slot,
        shape=shape,
        length=len(text),
        edges=shapes.edges(text),
        wrapped=shapes.wrapped(text),
        odd_characters=shapes.odd_characters(text),
        letter_case=shapes.letter_case(text),
        source=str(loaded.source) if loaded.source else "",
        alias=loaded.alias,
        same_as=tuple(
            other.slot for other in credentials.values() if other.slot != loaded.slot and alike(text, other.reveal())
        ),
        variable=loaded.source.variable if loaded.source else "",
        holds_secret=bool(held),
        held=held,
        digits=digits if digits >= MIN_SECRET_DIGITS else 0,
        lacks=shapes.missing_kinds(text) if loaded.slot == "passphrase" and text else (),
        reference=unfilled.form if unfilled else "",
        refers_to=unfilled.name if unfilled else "",
    )


def _machine() -> Machine:
    systems: dict[str, Literal["linux", "macos", "windows"]] = {"linux": "linux", "darwin": "macos", "win32": "windows"}
    version = Path("/proc/version")
    kernel = version.read_text("utf-8", "replace") if version.is_file() else ""
    return Machine(
        system=systems.get(sys.platform, "other"),
        container=Path("/.dockerenv").exists() or Path("/run/.containerenv").exists(),
        wsl="microsoft" in kernel.lower(),
        docker_desktop="linuxkit" in kernel.lower(),
        time_tools=tuple(tool for tool in ("chronyc", "timedatectl", "sntp", "w32tm") if shutil.which(tool)),
    )
