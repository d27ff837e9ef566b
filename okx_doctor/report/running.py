"""Reports on a command that ran sealed off: how it begins, how it ended, what it wanted of the world outside."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Meta, Struct, to_builtins

from okx_doctor.report.sentences import as_lines
from okx_doctor.report.wording import NOTHING_CAME
from okx_doctor.secrets.foreign_text import visible
from okx_doctor.secrets.secret import shows_only

if TYPE_CHECKING:
    from okx_doctor.report.inspection import Look

SCHEMA: Final = "okx-doctor/run/1"
_SHOWN_NAMES: Final = 12
_SIGNALLED: Final = "was ended by signal"

Clean = Callable[[str], str]
"""Takes secrets out of a text that somebody else chose."""


@shows_only("status", "packets", "sealed", "other_key", "accepted", "refused")
class Ended(Struct, frozen=True, kw_only=True):
    """How it ended.

    ``status`` is negative for a signal; ``stopped`` says why okx-doctor ended the command, if it did. ``names``,
    ``packets``, ``connections`` (to which service, why, how many) and ``proxies`` were not let out. ``left`` are
    processes that go on, by number and name. ``other_key`` counts requests with another key than the loaded one,
    which is from ``origin``. ``diallers`` are installed clients that dial a retired
    port by themselves. ``sealed``: nothing has opened the network meanwhile.
    """

    command: str
    status: int
    stopped: str = ""
    names: tuple[str, ...] = ()
    packets: int = 0
    connections: tuple[tuple[str, str, int], ...] = ()
    proxies: tuple[str, ...] = ()
    left: tuple[tuple[int, str], ...] = ()
    other_key: int = 0
    origin: str = ""
    sealed: bool = True
    accepted: int = 0
    refused: int = 0
    diallers: tuple[str, ...] = ()


class HeldConnections(Struct, frozen=True, kw_only=True):
    """Connections to one service that were not let out for one reason."""

    service: str
    why: str
    times: Annotated[int, Meta(ge=1)]


class HeldBack(Struct, frozen=True, kw_only=True):
    """Everything that was not let out."""

    names: tuple[str, ...]
    packets: Annotated[int, Meta(ge=0, description="To bare addresses.")]
    connections: Annotated[tuple[HeldConnections, ...], Meta(description="To allowed services.")]
    proxies: tuple[str, ...]


class LeftRunning(Struct, frozen=True, kw_only=True):
    """A process that goes on."""

    pid: int
    name: str


class RunEnded(Struct, frozen=True, kw_only=True, tag_field="schema", tag=SCHEMA):
    """The last line as JSON."""

    command: Annotated[str, Meta(description="Its program and the file that it runs.")]
    status: Annotated[int | None, Meta(description="Null where a signal ended it.")]
    signal: int | None
    stopped: Annotated[str | None, Meta(description="Why okx-doctor ended it, if it did.")]
    sealed: Annotated[bool, Meta(description="Whether nothing has opened the network meanwhile.")]
    accepted: Annotated[int, Meta(ge=0)]
    refused: Annotated[int, Meta(ge=0)]
    other_key: Annotated[int, Meta(ge=0, description="Requests with another API key than the loaded one.")]
    dial_retired_port: Annotated[
        tuple[str, ...],
        Meta(description="Installed clients that dial a retired port by themselves, where something was sent to one."),
    ]
    not_let_out: HeldBack
    left_running: tuple[LeftRunning, ...]


def beginning(
    command: str,
    *,
    who: str,
    origin: str,
    allowed: Sequence[str],
    unix: bool,
    in_container: bool,
    market_seed: int | None,
    clean: Clean,
) -> str:
    """The lines ahead of the first request. ``who`` is site and environment, ``origin`` where the keys are from."""
    by = " by the network of this container" if in_container else ""
    only = f"Nothing {'else ' if allowed else ''}it sends can leave {'it' if in_container else 'this machine'}."
    rows = [("OKX", f"every name under okx.com and okex.com, played here ({who})"), ("judged", f"with {origin}")]
    if market_seed is not None:
        rows.append(
            ("market", f"made up (--seed {market_seed}): its prices are nobody's, orders are filled here alone")
        )
    if allowed:
        rows.append(("let out", f"{', '.join(allowed)}; what is done there with what it is told cannot be seen here"))
    if unix:
        rows.append(("let out", "Unix sockets, but for those that listen now; one that a daemon opens later is open"))
    lines = [f"okx-doctor run: {_plain(command, clean)} is sealed off{by}. {only}"]
    return "\n".join([*lines, *(f"  {name:<8} {_plain(said, clean)}" for name, said in rows), "", ""])


def ending(ended: Ended, clean: Clean, look: Look) -> str:
    """How it ended and what was not let out, ahead of the summary."""
    return as_lines(tuple(_said(ended, clean)), look)


def nothing_came(look: Look) -> str:
    """The summary of no request at all."""
    return as_lines((f"{NOTHING_CAME}.",), look)


def ending_line(ended: Ended, clean: Clean) -> str:
    """The same as one JSON object and its line end."""
    signal = -ended.status if ended.status < 0 else None
    line = RunEnded(
        command=clean(ended.command),
        status=None if signal else ended.status,
        signal=signal,
        stopped=ended.stopped or None,
        sealed=ended.sealed,
        accepted=ended.accepted,
        refused=ended.refused,
        other_key=ended.other_key,
        dial_retired_port=ended.diallers,
        not_let_out=HeldBack(
            names=tuple(map(clean, ended.names)),
            packets=ended.packets,
            connections=tuple(
                HeldConnections(service=to, why=why, times=times) for to, why, times in ended.connections
            ),
            proxies=ended.proxies,
        ),
        left_running=tuple(LeftRunning(pid=pid, name=clean(name)) for pid, name in ended.left),
    )
    return json.dumps(to_builtins(line), ensure_ascii=False) + "\n"


def _said(ended: Ended, clean: Clean) -> Iterator[str]:
    name = _plain(ended.command, clean)
    if ended.stopped:
        yield f"{name} was ended here: {ended.stopped}."
    elif ended.status < 0:
        yield f"{name} {_SIGNALLED} {-ended.status}."
    else:
        yield f"{name} ended with status {ended.status}."
    for pid, other in ended.left:
        yield (
            f"{_plain(other, clean)} (process {pid}) goes on without it and without a network; give run the command "
            "that stays in the foreground."
        )
    if not ended.sealed:
        yield "The network of this container was opened while it ran: what it sent may have left."
    if wanted := _wanted(ended, clean):
        yield f"Not let out: {wanted}"
    for proxy in ended.proxies:
        yield f"It wants a proxy at {proxy}, which could reach OKX; take it out of its settings for this run."
    for client in ended.diallers:
        yield f"{client}, which is installed here, dials that port by itself: take a newer one, or give it the address."
    if ended.other_key:
        many = "1 request carries" if ended.other_key == 1 else f"{ended.other_key:,} requests carry"
        if ended.origin == "generated":
            yield f"{many} another API key than the one that was made for it: the bot has one of its own, in its code?"
        else:
            yield (
                f"{many} another API key than the one from {_plain(ended.origin, clean)}: name the place that the bot "
                "reads its credentials from, or let --generate put some into its environment."
            )


def _wanted(ended: Ended, clean: Clean) -> str:
    shown = [_plain(name, clean) for name in ended.names[:_SHOWN_NAMES]]
    if more := len(ended.names) - len(shown):
        shown.append(f"{more} more names")
    if ended.packets:
        many = "1 packet to a bare address" if ended.packets == 1 else f"{ended.packets} packets to bare addresses"
        shown.append(many)
    shown += [f"{service} ({why}, {times} times)" for service, why, times in ended.connections]
    return ", ".join(shown)


def _plain(text: str, clean: Clean) -> str:
    return visible(clean(text))
