"""A remedy in the words of the client that the user has, else in those of the three most used."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from msgspec.structs import replace

from okx_doctor.catalogue.clients.client import Client
from okx_doctor.catalogue.clients.table import BY_ID, USUAL
from okx_doctor.catalogue.clients.words import Words, capture_line, clock_line, passphrase_line, proxy_line, site_lines
from okx_doctor.causes.shells import for_shell
from okx_doctor.observations import BotClient, Evidence, Target
from okx_doctor.protocol.sites import SITE_IDS

_UNVERIFIED = "not verified in the client itself"


def client_of(evidence: Evidence) -> Client | None:
    """The client that the variables or files tell of; of a report from elsewhere, only one that is known here."""
    seen = evidence.first(BotClient)
    return BY_ID.get(seen.client) if seen else None


def words(evidence: Evidence, say: Callable[[Client], Words]) -> tuple[str, ...]:
    """The lines to write in the user's client; where it is not known, in each of the most used, a line for each."""
    client, in_shell = client_of(evidence), for_shell(evidence)
    if client is None:
        said = tuple(f"{usual.name}: {' '.join(say(usual).lines)}" for usual in USUAL)
    else:
        said = _said(client, say(client))
    return tuple(map(in_shell, said))


def own_words(evidence: Evidence, say: Callable[[Client], Words]) -> tuple[str, ...]:
    """The same, and nothing where the client is not known."""
    client, in_shell = client_of(evidence), for_shell(evidence)
    return tuple(map(in_shell, _said(client, say(client)))) if client is not None else ()


def setting_lines(evidence: Evidence, cause: str, slots: Collection[str]) -> tuple[str, ...]:
    """The client's own setting that a cause is mended with, for causes whose rule does not choose one; else nothing."""
    if cause in _OF_THE_PASSPHRASE or (cause in _OF_ITS_SLOT and "passphrase" in slots):
        return own_words(evidence, passphrase_line)
    if cause in _OF_THE_WAY:
        return own_words(evidence, lambda client: _with_note(proxy_line(client), _BY_A_PROXY_ALONE))
    if cause in _OF_THE_SIGNATURE:
        return own_words(evidence, lambda client: _with_note(capture_line(client), _FOR_INSPECT))
    if cause in _OF_THE_CLOCK:
        return own_words(evidence, clock_line)
    target = evidence.first(Target)
    if cause in _OF_THE_ADDRESS and target is not None:
        site = target.site if target.site in SITE_IDS else SITE_IDS[0]
        return own_words(evidence, lambda client: site_lines(client, site, target.demo))
    return ()


_OF_THE_PASSPHRASE: Final = ("passphrase-wrong", "passphrase-case")
_OF_ITS_SLOT: Final = ("credentials-placeholder", "credentials-swapped", "template-not-filled")
_OF_THE_WAY: Final = ("dns-failure", "connection-refused", "connection-timeout")
_OF_THE_SIGNATURE: Final = ("secret-wrong",)
_OF_THE_CLOCK: Final = ("clock-timezone",)
_OF_THE_ADDRESS: Final = ("host-not-api", "base-url-invalid")
_BY_A_PROXY_ALONE: Final = "where this machine reaches OKX by a proxy alone"
_FOR_INSPECT: Final = "it prints what the client signs, for okx-doctor inspect"


def _with_note(said: Words, note: str) -> Words:
    return replace(said, note="; ".join(filter(None, (note, said.note)))) if said.lines else said


def _said(client: Client, what: Words) -> tuple[str, ...]:
    """Each line under the client's name, and the remark behind the last one."""
    remarks = [*([what.note] if what.note else []), *([_UNVERIFIED] if what.lines and not what.verified else [])]
    remark = f" ({'; '.join(remarks)})" if remarks and what.lines else ""
    if not what.lines:
        return (f"{client.name}: {what.note or 'no setting of its own for this is known'}",)
    return tuple(
        f"{client.name}: {line}{remark if number == len(what.lines) else ''}"
        for number, line in enumerate(what.lines, 1)
    )
