"""The line to change, in a client's own words: for a site and its demo trading, and for each other setting."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.catalogue.clients.client import Bug, Checked, Client, Setting, Socket
from okx_doctor.catalogue.clients.table import USUAL
from okx_doctor.protocol.sites import SITES, Site, site

SERVED_AS = {known.id: SITES[[other.rest for other in SITES].index(known.rest)].id for known in SITES}
"""Each site to the first that is served by the same hosts: Australia's to the one of the US."""


class Words(Struct, frozen=True, kw_only=True):
    """The lines to write, and a remark; no line: the client has no setting for it, and ``note`` says so.

    ``checked`` is ``None`` where a part of it was neither run nor read in the client itself.
    """

    client: str
    lines: tuple[str, ...]
    note: str
    checked: Checked | None

    @property
    def verified(self) -> bool:
        return self.checked is not None


def site_lines(client: Client, site_id: str, demo: bool) -> Words:
    """How the client is set to a site, live or in demo trading. Raises ``KeyError`` for an unknown site."""
    known = site(site_id)
    served_as = SERVED_AS[site_id]
    name = next((client.sites[one] for one in (site_id, served_as) if one in client.sites), None)
    if demo:
        whole = next((client.demo_at[one] for one in (site_id, served_as) if one in client.demo_at), None)
        if whole or not client.demo.lines:
            return _words(client, known, demo, (whole or client.demo,))
    place = name or client.base_url
    environment = client.demo if demo else client.live
    if not place.lines or not environment:
        return _words(client, known, demo, (place,))
    return _words(client, known, demo, (place, environment) if name else (environment, place))


def usual_site_lines(site_id: str, demo: bool) -> tuple[Words, ...]:
    """The same for the three most used clients, where the user's own was not recognised."""
    return tuple(site_lines(client, site_id, demo) for client in USUAL)


def environment_lines(client: Client, demo: bool) -> Words:
    """How the client is set to demo trading, or back to live trading, at the site where it is."""
    if demo:
        return _filled(client, (client.demo,))
    if client.live:
        return _filled(client, (client.live,))
    there = " and ".join(client.demo.lines)
    note = f"live trading is the default: take out {there}" if there else client.demo.note
    return Words(client=client.id, lines=(), note=note, checked=client.demo.checked)


def base_url_lines(client: Client, rest: str, socket: str = "") -> Words:
    """How the client is sent to another address, as ``listen`` opens it; ``socket`` as ``ws://127.0.0.1:8401``."""
    return _filled(client, (client.base_url,), rest, socket)


def passphrase_line(client: Client) -> Words:
    """Where the client wants the passphrase."""
    return _filled(client, (client.passphrase,))


def proxy_line(client: Client) -> Words:
    """How the client is sent through a proxy."""
    return _filled(client, (client.proxy,))


def clock_line(client: Client) -> Words:
    """How the client is made to sign with OKX's time."""
    return _filled(client, (client.clock,))


def capture_line(client: Client) -> Words:
    """How the client is made to print a signed request and its answer."""
    return _filled(client, (client.capture,))


def ca_line(client: Client) -> Words:
    """How the client is made to trust one more authority."""
    return _filled(client, (client.ca,))


def bugs_like(client: Client, code: str) -> tuple[Bug, ...]:
    """The client's own faults that end in this code of OKX's."""
    return tuple(bug for bug in client.bugs if code in bug.fault)


def dialled(client: Client, version: str = "") -> Socket | None:
    """The socket that a version dials by itself, ``None`` if it was not looked at; without a version, the newest."""
    known = [socket for socket in client.sockets if version in ("", socket.version)]
    return known[-1] if known else None


def dials(client: Client | None, port: int, text: str) -> str:
    """A client with the version that a text names, else the newest that was looked at, where that dials the port."""
    if client is None:
        return ""
    named = next((socket for socket in client.sockets if socket.version in text), None)
    socket = named or dialled(client)
    return f"{client.name} {socket.version}" if socket and socket.port == port else ""


def _words(client: Client, known: Site, demo: bool, parts: tuple[Setting, ...]) -> Words:
    address = known.websocket_demo if demo else known.websocket
    socket = f"wss://{urlsplit(address).hostname}" if address else ""
    words = _filled(client, parts, known.rest[0], socket)
    if socket or not any("{socket}" in line for part in parts for line in part.lines):
        return words
    return replace(
        words, note="; ".join(filter(None, (words.note, f"the socket of {known.name} is published nowhere")))
    )


def _filled(client: Client, parts: tuple[Setting, ...], rest: str = "", socket: str = "") -> Words:
    lines = (line for part in parts for line in part.lines if socket or "{socket}" not in line)
    return Words(
        client=client.id,
        lines=tuple(line.replace("{rest}", rest).replace("{socket}", socket) for line in lines),
        note="; ".join(part.note for part in parts if part.note),
        checked=_least([part.checked for part in parts]),
    )


def _least(all_checked: Iterable[Checked | None]) -> Checked | None:
    """How several settings together were checked: as the least checked of them."""
    found = list(all_checked)
    known = [checked for checked in found if checked]
    if len(known) < len(found):
        return None
    return next((checked for checked in known if checked.how == "read"), known[0])
