"""The page ``docs/clients.md``, as the table of clients makes it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from okx_doctor.catalogue.clients.client import Checked, Client, Setting
from okx_doctor.catalogue.clients.table import (
    BOTS,
    CLIENTS,
    HTTP_LIBRARIES,
    LIBRARIES,
    cells,
    unverified,
)
from okx_doctor.catalogue.clients.words import Words, site_lines
from okx_doctor.protocol.sites import SITE_IDS, SITES, site

TITLES = {
    "base_url": "a site, or another address",
    "demo": "demo trading",
    "live": "live trading",
    "passphrase": "the passphrase",
    "proxy": "a proxy",
    "clock": "OKX's time",
    "capture": "a request as it is sent",
    "ca": "one more authority",
}


def page() -> str:
    """The whole page."""
    counted, open_cells = len(list(cells())), len(unverified())
    head = f"""\
# Clients

What to write in the client that you use: for the site where the account is registered, for demo trading, for the
passphrase, for a proxy, for the time, to see a signed request, to trust one more authority, and to send the client to
[listen](listen.md). {len(CLIENTS)} clients are known.

Every line was checked against the client itself where that could be had: *run*, it was tried in that version; *read*,
it is in that version's source or in its package. The rest is marked *unverified*: {open_cells} of {counted} settings.

`{{rest}}` and `{{socket}}` in a line are the addresses that follow, or those of a listener; `HOST:PORT` is a proxy,
`…` a value of your own. OKX has retired the sockets' port 8443; a client that still dials it by itself is named with
its version.

{_addresses()}"""
    groups = (("Bots", BOTS), ("Libraries for exchanges", LIBRARIES), ("HTTP libraries", HTTP_LIBRARIES))
    return head + "".join(
        f"\n## {title}\n" + "".join(f"\n### {client.name}\n\n{section(client)}" for client in group)
        for title, group in groups
    )


def _addresses() -> str:
    rows = (
        f"| {known.name} | `{known.rest[0]}` | {_socket(known.websocket)} | {_socket(known.websocket_demo)} |\n"
        for known in SITES
    )
    return "| site | `{rest}` | `{socket}` | `{socket}` in demo trading |\n|---|---|---|---|\n" + "".join(rows)


def _socket(address: str | None) -> str:
    return f"`wss://{urlsplit(address).hostname}`" if address else "published nowhere"


def section(client: Client) -> str:
    """What to write in one client, and its known faults."""
    return "".join(_section(client))


def _section(client: Client) -> Iterator[str]:
    yield "| for | write | checked |\n|---|---|---|\n"
    for site_id in SITE_IDS if client.sites or client.demo_at else ():
        name = site(site_id).name
        yield _row(name, site_lines(client, site_id, False))
        yield _row(f"{name}, demo", site_lines(client, site_id, True))
    for column, title in TITLES.items():
        setting: Setting | None = getattr(client, column)
        if setting and (setting.lines or setting.note):
            yield _row(title, setting)
    for socket in client.sockets:
        dials = f"`{socket.address}`" if socket.address else "the address that the user gives"
        yield f"| its own socket, {socket.version} | {dials} | {_checked(socket.checked)} |\n"
    if client.bugs:
        yield "\nKnown faults:\n\n"
    for bug in client.bugs:
        yield f"- {bug.versions}: {bug.fault} ([source]({bug.address})).\n"


def _row(title: str, said: Words | Setting) -> str:
    lines = "<br>".join(f"`{line}`" for line in said.lines)
    written = "<br>".join(part for part in (lines, said.note) if part)
    return f"| {title} | {written} | {_checked(said.checked)} |\n"


def _checked(checked: Checked | None) -> str:
    return f"{checked.how}, {checked.version}" if checked else "unverified"
