"""The door: a command, held back in a place without a way out, until it is let go."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self, TextIO

from okx_doctor.confining import command as commands
from okx_doctor.confining import container, names, refusals, relay, seal, sockets, trust
from okx_doctor.confining.names import Names
from okx_doctor.confining.proxies import HOST, MissingProxy
from okx_doctor.confining.proxies import PORTS as PROXY_PORTS
from okx_doctor.confining.refusals import CannotSeal
from okx_doctor.confining.relay import Allowed, Relay
from okx_doctor.confining.seal import Inside
from okx_doctor.confining.serving import Serving
from okx_doctor.confining.sockets import Address
from okx_doctor.confining.walls import WALLS, Refusal, Refused, Wall

ADDRESS: Final = "198.18.0.1"
"""Of RFC 2544: never routed; and not loopback, or some programs would believe that there is no IPv4."""
PORTS: Final = (443, 8443, 80)
"""HTTPS and sockets, the port of sockets that OKX has retired, so that a bot which dials it is answered, and HTTP."""

RESOLVING: Final = tuple(
    address for host in names.RESOLVERS for address in (Address("udp", host, 53), Address("tcp", host, 53))
)
_Build = Callable[[socket.socket], None]


class NotLetOut(NamedTuple):
    """Wants of the command that the seal refused: names it asked for, packets to bare addresses, connections."""

    names: tuple[str, ...]
    packets: int
    connections: tuple[tuple[str, str, int], ...]
    """To allowed services: which, why, how many."""
    proxies: tuple[str, ...]
    """Where it wanted a proxy by its own settings."""


class _Asked(NamedTuple):
    """Holds the command's environment, and so its credentials: nothing of it is shown."""

    command: tuple[str, ...]
    environ: Mapping[str, str]
    zones: tuple[str, ...]
    hosts: tuple[str, ...]
    authority_pem: bytes
    ports: tuple[int, ...]
    allowed: tuple[Allowed, ...]
    unix: bool
    walls: frozenset[Wall]
    meanwhile: Callable[[], None]

    def __repr__(self) -> str:
        return "_Asked(...)"


class Confined:
    """A command behind its walls, not yet running.

    ``sockets`` are bound and listening inside, by their port: they are to be served from out here. ``address`` is
    where the exchange is found inside. ``in_container``: the network was sealed already, and is shared with whatever
    else runs in this container.
    """

    def __init__(
        self,
        process: commands.Process,
        made: Mapping[int, socket.socket],
        inside: Names,
        relays: tuple[Relay, ...],
        proxies: tuple[MissingProxy, ...],
        counters: _Counters,
        *,
        mark: str,
        network: str = "",
    ) -> None:
        self.process = process
        self.sockets = made
        self.address = inside.address
        self.in_container = not network
        self._network, self._mark = network, mark
        self._names, self._relays, self._proxies, self._counters = inside, relays, proxies, counters

    @property
    def pid(self) -> int:
        """The command's process id."""
        return self.process.pid

    def go(self) -> None:
        """Let the command run. Raises ``CannotStart`` where it cannot be executed."""
        self.let_go()
        self.started()

    def let_go(self) -> None:
        """The first half of it: the command is being executed."""
        self.process.let_go()

    def started(self) -> None:
        """The second half: wait until it is."""
        self.process.started()

    def status(self) -> int | None:
        """How it ended, negative for a signal; ``None`` while it runs."""
        return self.process.status()

    def wait(self, seconds: float | None = None) -> int | None:
        """The same, waiting for it."""
        return self.process.wait(seconds)

    def end(self) -> None:
        """End the command, asked first."""
        self.process.end()

    def is_sealed(self) -> bool:
        """Whether the seal still holds. Only a container's network can change, when it is joined to another."""
        return not self.in_container or container.is_sealed()

    def not_let_out(self) -> NotLetOut:
        """Everything that the command, and all it started, has wanted of the world outside so far."""
        return NotLetOut(
            names=tuple(self._names.refused),
            packets=self._counters.unroutable(),
            connections=tuple((str(one.allowed), why, n) for one in self._relays for why, n in one.refused.items()),
            proxies=tuple(str(one) for one in self._proxies if one.wanted),
        )

    def leftovers(self) -> tuple[commands.Leftover, ...]:
        """Processes that the command has started and left running; they have no network, then as before."""
        return commands.leftovers(self._network, self._mark)


@contextmanager
def confine(
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    zones: Sequence[str],
    hosts: Sequence[str],
    authority_pem: bytes,
    ports: Sequence[int] = PORTS,
    allow: Sequence[str] = (),
    walls: frozenset[Wall] = WALLS,
    meanwhile: Callable[[], None] = lambda: None,
) -> Iterator[Confined]:
    """A command behind every wall, held back; at the end, or where anything fails before, it is ended.

    ``zones`` are the domains that lead to the exchange with all under them, ``hosts`` those of their names that are
    known. ``authority_pem`` is the authority that the command is to trust. ``allow`` names services as ``HOST:PORT``,
    and ``unix``. ``walls`` is for tests of what each of them is needed for. ``meanwhile`` is done out here while the
    command's process builds them.

    Raises ``CannotSeal`` where there is no seal, and ``NotAllowed`` for what cannot be allowed; then nothing runs.
    """
    asked = _Asked(
        command=tuple(command),
        environ=without_proxies(environ),
        zones=tuple(zones),
        hosts=tuple(hosts),
        authority_pem=authority_pem,
        ports=tuple(ports),
        allowed=relay.read_allowed(allow, tuple(zones)),
        unix=relay.UNIX in allow,
        walls=walls,
        meanwhile=meanwhile,
    )
    if sys.platform != "linux":
        raise CannotSeal(refusals.OTHER_SYSTEM)
    with ExitStack() as stack:
        try:
            confined = _held_back(asked, stack)
        except Refused as error:
            raise CannotSeal(refusals.explained(error.refusal)) from None
        except OSError as error:  # no room for a file, no process more
            step = str(error.filename or "fork")
            raise CannotSeal(refusals.explained(Refusal(step, error.errno or 0))) from None
        yield confined


def _held_back(asked: _Asked, stack: ExitStack) -> Confined:
    """Raises ``Refused`` or ``OSError``."""
    folder = Path(tempfile.mkdtemp(prefix="okx-doctor-run-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    trusted = trust.lay_out(folder, asked.authority_pem, asked.command, asked.environ)
    try:
        return _sealed(asked, folder, trusted, stack)
    except Refused:
        if not container.is_sealed():
            raise
    return _sealed_already(asked, trust.without_mounts(folder, trusted, asked.environ), stack)


def without_proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without proxies: one could reach OKX, and none can be reached."""
    return {name: value for name, value in environ.items() if not name.lower().endswith("_proxy")}


def _sealed(asked: _Asked, folder: Path, trusted: trust.Trust, stack: ExitStack) -> Confined:
    """In namespaces of its own. Raises ``Refused``."""
    where = relay.inside_addresses(asked.allowed)
    named = {one.host: address for one, address in where.items() if not one.is_address}
    inside_names = Names(zones=asked.zones, address=ADDRESS, others={"localhost": "127.0.0.1", **named})
    exchange = {port: Address("tcp", ADDRESS, port) for port in asked.ports}
    services = {one: Address("tcp", address, one.port) for one, address in where.items()}
    taken = {address.port for address in (*services.values(), *exchange.values())}
    wanted = tuple(MissingProxy(port) for port in PROXY_PORTS if port not in taken)
    proxies = {proxy: Address("tcp", HOST, proxy.port) for proxy in wanted}
    for service, address in services.items():
        if address in (*exchange.values(), *RESOLVING):
            raise relay.NotAllowed(f"--allow {service}: that port is taken inside, by the exchange or for names")
    inside = Inside(
        addresses=tuple(dict.fromkeys((ADDRESS, *(a for a in where.values() if not a.startswith("127."))))),
        listening=(*exchange.values(), *services.values(), *proxies.values(), *RESOLVING),
        shown=(*trusted.shown, *_shown_names(folder, inside_names, asked.hosts)),
        masked=seal.unix_sockets(Path("/proc/net/unix").read_text("utf-8", "surrogateescape")) if asked.unix else (),
        unix=asked.unix,
        walls=asked.walls,
    )

    def build(line: socket.socket) -> None:
        seal.build(inside, line)

    process = _started(asked, trusted, build, stack)
    process.expect(seal.UNSHARED)
    seal.map_ids(process.pid)
    process.line.send(seal.MAPPED)
    asked.meanwhile()
    word, given = sockets.received(process.line, len(inside.listening))
    made = dict(zip(inside.listening, given, strict=False))
    for one in given:
        stack.callback(one.close)
    if commands.heard(word) != seal.HANDED_OUT or len(given) != len(inside.listening):
        raise Refused(Refusal("listening sockets", 0, "they were not handed out"))
    process.expect(commands.READY)
    relays = {Relay(one, asked.zones): made[address] for one, address in services.items()}
    counters = stack.enter_context(_Counters(process.pid))
    talks = {one: talker.talk for talker, one in relays.items()}
    talks |= {made[address]: proxy.talk for proxy, address in proxies.items()}
    stack.enter_context(Serving(inside_names, tuple(made[one] for one in RESOLVING), talks))
    by_port = {port: made[address] for port, address in exchange.items()}
    network = commands.network_of(process.pid)
    return Confined(
        process, by_port, inside_names, tuple(relays), tuple(proxies), counters, mark=_mark(trusted), network=network
    )


def _sealed_already(asked: _Asked, trusted: trust.Trust, stack: ExitStack) -> Confined:
    """In a container whose network has no way out. Raises ``Refused``."""
    for one in asked.allowed:
        if not one.is_local:
            raise relay.NotAllowed(f"--allow {one}: this container has no network by which to reach it")
    inside_names = Names(zones=asked.zones, address=container.ADDRESS)
    exchange = {port: Address("tcp", container.ADDRESS, port) for port in asked.ports}
    inside = Inside(unix=asked.unix, walls=asked.walls, shared=True)

    def build(_line: socket.socket) -> None:
        seal.give_up_power(inside)
        seal.prove(inside)

    hosts = container.rewritten(Path("/etc/hosts"), lambda text: inside_names.hosts_file(asked.hosts, text))
    stack.enter_context(hosts)
    made = stack.enter_context(sockets.bound(tuple(exchange.values())))
    process = _started(asked, trusted, build, stack)
    process.expect(commands.READY)
    _answer_names(inside_names, stack)
    counters = stack.enter_context(_Counters(process.pid))
    by_port = {port: made[address] for port, address in exchange.items()}
    return Confined(process, by_port, inside_names, (), (), counters, mark=_mark(trusted))


def _mark(trusted: trust.Trust) -> str:
    """A text in the environment of this command alone."""
    return f"{trust.CA_BUNDLE}={trusted.variables[trust.CA_BUNDLE]}"


def _answer_names(inside: Names, stack: ExitStack) -> None:
    """In a container: answer names that no file holds, where its resolver can be changed."""
    with suppress(Refused), ExitStack() as tried:
        resolving = tried.enter_context(sockets.bound(RESOLVING))
        tried.enter_context(container.rewritten(Path("/etc/resolv.conf"), lambda _before: names.RESOLV_CONF))
        tried.enter_context(Serving(inside, tuple(resolving.values())))
        stack.push(tried.pop_all())


def _started(asked: _Asked, trusted: trust.Trust, build: _Build, stack: ExitStack) -> commands.Process:
    parent = os.getpid()
    environ = {**asked.environ, **trusted.variables}

    def child(line: socket.socket) -> None:
        build(line)
        commands.wait_for_go(line, parent)
        commands.execute(asked.command, environ)

    process = commands.Process(*commands.fork(child))
    stack.callback(process.end)
    return process


def _shown_names(folder: Path, inside: Names, hosts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    made = {
        "hosts": lambda before: inside.hosts_file(hosts, before),
        "resolv.conf": lambda _before: names.RESOLV_CONF,
        "nsswitch.conf": names.nsswitch,
    }
    for name, change in made.items():
        path = Path("/etc", name)
        if path.is_file():
            text = change(path.read_text("utf-8", "surrogateescape"))
            yield trust.written(folder / name, text.encode("utf-8", "surrogateescape")), os.path.realpath(path)


class _Counters:
    """The kernel's own count of packets for which the command's network has no route.

    Opened while the command lives: an open file keeps the counters, which the folder of a dead process does not.
    """

    _FOUR, _SIX = "snmp", "snmp6"

    def __init__(self, pid: int) -> None:
        self._folder = Path(f"/proc/{pid}/net")
        self._files: list[TextIO] = []
        self._before = 0

    def __enter__(self) -> Self:
        for name in (self._FOUR, self._SIX):
            path = self._folder / name
            if path.exists():
                self._files.append(path.open(encoding="ascii"))
        self._before = self._counted()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            file.close()

    def unroutable(self) -> int:
        return self._counted() - self._before

    def _counted(self) -> int:
        return sum(self._count(file) for file in self._files)

    def _count(self, file: TextIO) -> int:
        file.seek(0)
        rows = [line.split() for line in file]
        heads = next((row for row in rows if row[0] == "Ip:"), [])
        values = next((row for row in rows[1:] if row[0] == "Ip:" and row[-1].isdecimal()), [])
        told = dict(zip(heads, values, strict=False)) | {row[0]: row[1] for row in rows if len(row) == 2}
        return int(told.get("OutNoRoutes", 0)) + int(told.get("Ip6OutNoRoutes", 0))
