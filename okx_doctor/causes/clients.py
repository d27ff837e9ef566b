"""A remedy in the words of the client that the user has, else in those of the three most used."""

from __future__ import annotations

from collections.abc import Callable

from okx_doctor.catalogue.clients.client import Client
from okx_doctor.catalogue.clients.table import BY_ID, USUAL
from okx_doctor.catalogue.clients.words import Words
from okx_doctor.causes.shells import for_shell
from okx_doctor.observations import BotClient, Evidence

_UNVERIFIED = "not verified in the client itself"


def client_of(evidence: Evidence) -> Client | None:
    """The client that the variables or files tell of; of a report from elsewhere, only one that is known here."""
    seen = evidence.first(BotClient)
    return BY_ID.get(seen.client) if seen else None


def words(evidence: Evidence, say: Callable[[Client], Words]) -> tuple[str, ...]:
    """The lines to write in the user's client; where it is not known, in each of the most used, a line for each."""
    client = client_of(evidence)
    if client is None:
        said = tuple(f"{usual.name}: {' '.join(say(usual).lines)}" for usual in USUAL)
    else:
        said = _said(client, say(client))
    return tuple(for_shell(evidence, line) for line in said)


def own_words(evidence: Evidence, say: Callable[[Client], Words]) -> tuple[str, ...]:
    """The same, and nothing where the client is not known."""
    return words(evidence, say) if client_of(evidence) is not None else ()


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
