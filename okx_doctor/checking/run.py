"""``check``: settle what is asked, measure, judge. Prints nothing and changes nothing."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from okx_doctor import __version__
from okx_doctor.checking.assemble import report
from okx_doctor.checking.checks import ALL, IDS
from okx_doctor.checking.masking import masked
from okx_doctor.checking.runner import Observer, Run, run_checks
from okx_doctor.credentials.beside import in_force, of_env_file, of_environment, passwords, proxy_of
from okx_doctor.credentials.client import client_of_places
from okx_doctor.credentials.dialects import DEFAULT
from okx_doctor.credentials.dialects import IDS as DIALECT_IDS
from okx_doctor.credentials.documents.home import Beside
from okx_doctor.credentials.env_file import EnvFile
from okx_doctor.credentials.exposure import file_exposure
from okx_doctor.credentials.gathering import gather
from okx_doctor.credentials.load import Credentials, load_credentials
from okx_doctor.credentials.places import CredentialSources, Place, profile_of
from okx_doctor.credentials.searched import searched
from okx_doctor.credentials.variables import DEMO_VARIABLES
from okx_doctor.gate.accounts import generate
from okx_doctor.model import Report, TargetSummary
from okx_doctor.observations import Connection, Evidence, FileExposure, ProjectId, RetiredSocket
from okx_doctor.peeling.budget import RATE_LIMITED, UNREACHED, Budget
from okx_doctor.peeling.pace import Pace
from okx_doctor.probes.context import Context, WireTap
from okx_doctor.probes.http import Http, Transport, proxy_for
from okx_doctor.probes.installed import Installed, diallers
from okx_doctor.protocol.facts import newest_day
from okx_doctor.protocol.outcome import Trouble, trouble
from okx_doctor.protocol.sites import RETIRED_PORTS, Site, is_loopback_url, is_official, retired_port
from okx_doctor.protocol.timestamps import rest_timestamp
from okx_doctor.protocol.vectors import Vector, good_vectors
from okx_doctor.protocol.web3 import PROJECT_VARIABLES
from okx_doctor.secrets.foreign_text import visible_name
from okx_doctor.secrets.redactor import Redactor, redactor_of
from okx_doctor.secrets.secret import Secret, shows_only
from okx_doctor.settings import DEFAULT_TIMEOUT, Options, Settings, UsageError, known_ids, settle


@contextmanager
def wire_tap() -> Iterator[WireTap]:
    """Be the exchange of one account, made for it, for as long as a probe looks at its own requests."""
    from okx_doctor.gate.serve.tap import tap  # and with it the gate, beside the calls that wait

    account = generate()
    with tap(account) as (base_url, handled):
        yield WireTap(
            base_url=base_url,
            api_key=Secret(account.api_key),
            secret=account.secret,
            passphrase=account.passphrase,
            received=lambda: tuple((request, reply.code == "0") for request, reply in handled),
        )


@shows_only("places", "sites")
class RunInputs(Struct, frozen=True, kw_only=True):
    """The inputs of a run from outside, so that a simulation and a test can hand it others.

    ``sites`` are taken instead of the settled ones where given; ``proxy`` instead of the machine's own settings;
    ``transport`` instead of connections; ``pace`` is shared with other runs, and ``known`` are runs of checks that are
    the same for them (``SHARED``), made before; ``facts_confirmed`` instead of the day of the facts about OKX's own
    sites. ``env_file_wanted``: whether ``./.env`` is read where there is one. ``diallers`` finds the installed clients
    that dial a port by themselves.
    """

    environ: Mapping[str, str]
    places: tuple[Place, ...] = ()
    sites: tuple[Site, ...] = ()
    extra_ca: bytes = b""
    proxy: str | None = None
    transport: Transport | None = None
    pace: Pace = field(default_factory=Pace)
    known: tuple[Run, ...] = ()
    vectors: tuple[Vector, ...] = field(default_factory=good_vectors)
    file_exposure: Callable[[str, float], FileExposure | None] = file_exposure
    facts_confirmed: str = ""
    env_file_wanted: bool = False
    diallers: Callable[[Sequence[str], int], tuple[Installed, ...]] = diallers
    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    tap: Callable[[], AbstractContextManager[WireTap]] = field(default=wire_tap)


def check(
    credentials: Credentials | None = None,
    *,
    env_file: str | os.PathLike[str] | None = None,
    credentials_file: str | os.PathLike[str] | None = None,
    profile: str | None = None,
    dialect: str = DEFAULT.id,
    site: str | None = None,
    base_url: str | None = None,
    demo: bool | None = None,
    ntp: Sequence[str] = (),
    require: Sequence[str] = (),
    forbid: Sequence[str] = (),
    websocket: bool = False,
    offline: bool = False,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    try_case: bool = False,
    timeout: float = DEFAULT_TIMEOUT,
) -> Report:
    """Check credentials, clock, network, site and environment from this machine, now.

    Without ``credentials`` they are read from the process environment, ``credentials_file`` or ``profile`` and
    ``env_file``, as the command does with ``--credentials``, ``--profile`` and ``--env-file``; an env file is read as
    the loader ``dialect`` does (``docker``, ``bash``, …, as ``okx-doctor env --dialects`` lists them).
    Blocks for at most ``timeout`` seconds; from asyncio call it with ``asyncio.to_thread``. Raises
    ``UsageError`` for arguments that make no run, ``UnusableFile`` for a file that cannot be read.
    """
    options = Options(
        site=site,
        base_url=base_url,
        demo=demo,
        ntp=tuple(ntp),
        require=tuple(require),
        forbid=tuple(forbid),
        websocket=websocket,
        offline=offline,
        only=tuple(only),
        skip=tuple(skip),
        try_case=try_case,
        timeout=timeout,
    )
    if credentials is not None and (credentials_file is not None or profile is not None):
        raise UsageError("credentials are handed over or read from a file, not both")
    known_ids((dialect,), DIALECT_IDS, "dialect")
    asked = CredentialSources(
        env_file=None if env_file is None else os.fspath(env_file),
        no_env_file=True,
        credentials=None if credentials_file is None else os.fspath(credentials_file),
        profile=profile,
        dialect=dialect,
    )
    in_bounds(timeout)
    if credentials is not None and env_file is None:
        return examine(options, RunInputs(environ=os.environ), credentials)
    read = gather(asked, os.environ, timeout)
    around = RunInputs(environ=os.environ, places=read.places)
    return examine(options, around, credentials or read.credentials, began=read.began)


def examine(
    options: Options,
    around: RunInputs,
    credentials: Credentials | None = None,
    observer: Observer = lambda run: None,
    began: float | None = None,
) -> Report:
    """Run and judge with everything injected. ``began`` is when the time allowed did.

    Raises ``UsageError``, and ``NoDate`` for a clock that no calendar has a date for.
    """
    began = around.monotonic() if began is None else began
    started_at = rest_timestamp(around.now())
    settings = settle(options, around.environ, around.places)
    loaded = credentials or load_credentials(around.environ, around.places)
    selection = _select(options, nothing_to_ask=not any(value.value for value in loaded.values()))
    context = _context(options, around, settings, loaded, began)
    try:
        runs = run_checks(ALL, context, selection.running, selection.left_out, observer, around.known)
    finally:
        with suppress(RuntimeError):  # no thread to be had: they close when the process ends
            threading.Thread(target=context.http.close, daemon=True).start()
    told = context.redactor.told
    profile = profile_of(around.places)
    return report(
        ALL,
        tuple(
            _masked(run, context.redactor)
            if run.check_id in selection.reported
            else replace(_masked(run, context.redactor), kind="skip", reason=selection.left_out)
            for run in runs
        ),
        TargetSummary(
            site=settings.target.site,
            base_url=told(settings.target.base_url),
            environment="demo" if settings.target.demo else "live",
            profile=None if profile is None else visible_name(told(profile)),
            key=loaded.masked_key,
            source=visible_name(told(", ".join(loaded.places))),
            label=visible_name(told(options.label)),
        ),
        started_at,
        round((around.monotonic() - began) * 1000),
    )


SHARED: Final = (
    "signature.vectors",
    "body.serialisation",
    "network.resolution",
    "network.connection",
    "clock.ntp",
    "clock.exchange",
)
"""The checks whose result is the same for every key that is checked from here at one address of the API."""


def barrier(known: Iterable[Run]) -> str:
    """Why no signed call is to be made after these runs: OKX gave no answer of its own, or limits the rate."""
    seen = Evidence(observation for run in known for observation in run.observations).first(Connection)
    if seen is None:
        return ""
    found = trouble(seen.answer)
    if found is Trouble.RATE_LIMITED:
        return RATE_LIMITED
    return UNREACHED if found in (Trouble.SILENT, Trouble.UNAVAILABLE) else ""


def _masked(run: Run, redact: Redactor) -> Run:
    """A run with the credentials in its texts masked, so that the same data is judged, shown and saved."""
    return replace(run, observations=tuple(masked(seen, redact) for seen in run.observations))


def _context(
    options: Options,
    around: RunInputs,
    settings: Settings,
    credentials: Credentials,
    began: float,
) -> Context:
    budget = Budget(try_case=options.try_case)
    beside = own_settings(options, around, settings.target.base_url)
    if around.known and (reason := barrier(around.known)):
        budget.close(reason)
    return Context(
        credentials=credentials,
        target=settings.target,
        sites=around.sites or settings.sites,
        websocket_url=settings.websocket_url,
        ntp_servers=settings.ntp_servers,
        began=began,
        deadline=began + options.timeout - 0.1,
        now=around.now,
        monotonic=around.monotonic,
        http=Http(
            user_agent=f"okx-doctor/{__version__}",
            extra_ca=around.extra_ca,
            proxy=_proxies(around, proxy_of(beside)),
            transport=around.transport,
            now=around.now,
            monotonic=around.monotonic,
        ),
        budget=budget,
        pace=around.pace,
        facts_confirmed=around.facts_confirmed or (newest_day() if is_official(settings.target.base_url) else ""),
        project_ids=_project_ids(around),
        client=_client(around),
        beside=beside,
        retired_sockets=(*_retired_addresses(around), *_retired_clients(options, around)),
        places_searched=searched(around.environ, around.places, env_file_wanted=around.env_file_wanted),
        wire_tap=around.tap,
        vectors=around.vectors,
        rest_known=threading.Event(),
        redactor=redactor_of((*credentials.secrets(), *passwords(beside))),
        file_exposure=around.file_exposure,
        try_case=options.try_case,
        want_websocket=options.websocket,
    )


def own_settings(options: Options, around: RunInputs, base_url: str) -> tuple[Beside, ...]:
    """The bot's own settings of proxy, demo trading and headers, from its environment and files."""
    rows = list(of_environment(around.environ))
    for place in around.places:
        rows += of_env_file(place) if isinstance(place, EnvFile) else place.beside
    asked = "" if options.demo is None else "--demo" if options.demo else "--live"
    return in_force(
        rows,
        demo_by=asked or next((name for name in DEMO_VARIABLES if around.environ.get(name)), ""),
        proxy_by="the environment's own" if proxy_for(base_url) else "",
    )


def _proxies(around: RunInputs, own: str) -> Callable[[str], str]:
    """The proxy for an address: the caller's, the bot's own, else this machine's; none for this machine itself."""
    if around.proxy is not None:
        given = around.proxy
        return lambda url: given
    return (lambda url: "" if is_loopback_url(url) else own) if own else proxy_for


def _project_ids(around: RunInputs) -> tuple[ProjectId, ...]:
    """The project ids of the Web3 product that are set beside the credentials."""
    named: list[tuple[str, Mapping[str, object]]] = [("the environment", around.environ)]
    named += [(place.label, place.lines) for place in around.places if isinstance(place, EnvFile)]
    return tuple(
        ProjectId(variable=variable, source=source)
        for source, variables in named
        for variable in PROJECT_VARIABLES
        if variable in variables
    )


_ADDRESSED: Final = re.compile(r"URL|URI|HOST|ENDPOINT|ADDR|WS|SOCKET", re.IGNORECASE)
"""Names of variables that may hold an address. No other value is looked at."""


def _retired_addresses(around: RunInputs) -> Iterator[RetiredSocket]:
    """The variables that hold an address of OKX's with a port that OKX has retired."""
    named = [("the environment", name, text) for name, text in around.environ.items() if _ADDRESSED.search(name)]
    for place in around.places:
        if isinstance(place, EnvFile):
            named += [(place.label, name, place.setting(name)) for name in place.lines if _ADDRESSED.search(name)]
    for source, variable, text in named:
        if retired := retired_port(text.strip()):
            yield RetiredSocket(port=retired.port, variable=variable, source=source)


def _retired_clients(options: Options, around: RunInputs) -> Iterator[RetiredSocket]:
    """The installed clients that dial such a port by themselves, where sockets are asked for or the user has one."""
    known = _client(around)
    for port in RETIRED_PORTS if options.websocket or known else ():
        for installed in around.diallers((), port.port):
            if options.websocket or installed.client == known:
                yield RetiredSocket(port=port.port, client=str(installed))


def _client(around: RunInputs) -> str:
    """The id of the client that the files or the environment tell of; empty where neither does."""
    known = client_of_places(around.places, around.environ)
    return known.id if known else ""


class Selection(Struct, frozen=True, kw_only=True):
    """``running`` are the checks that run; of these ``reported`` are judged, the others only measured for them."""

    running: frozenset[str]
    reported: frozenset[str]
    left_out: str


def _select(options: Options, *, nothing_to_ask: bool) -> Selection:
    """Select the checks asked for and what they require. ``--skip`` leaves some unjudged, ``--offline`` some unmade.

    With ``nothing_to_ask``, no value at all, the network is left alone too unless ``--only`` asks for a check of it.
    """
    groups = {check.group for check in ALL}
    known_ids((*options.only, *options.skip), (*IDS, *sorted(groups)), "check")
    in_bounds(options.timeout)
    asked = _with_required(check.id for check in ALL if not options.only or {check.id, check.group} & set(options.only))
    by_id = {check.id: check for check in ALL}
    skipped = {name for name in asked if {name, by_id[name].group} & set(options.skip)}
    offline = options.offline or (nothing_to_ask and not options.only)
    reported = {name for name in asked - skipped if not (offline and by_id[name].online)}
    running = {name for name in _with_required(reported) if not (offline and by_id[name].online)}
    return Selection(
        running=frozenset(running),
        reported=frozenset(reported),
        left_out="left out with --offline"
        if options.offline
        else "needs credentials first"
        if offline
        else "not selected",
    )


def in_bounds(timeout: float) -> None:
    """Raises ``UsageError`` for a timeout that no run may have."""
    if not 0.5 <= timeout <= 600:
        raise UsageError("the timeout must lie between 0.5 and 600 seconds")


def _with_required(names: Iterable[str]) -> set[str]:
    """The checks with all that they require, directly or not."""
    by_id = {check.id: check for check in ALL}
    found: set[str] = set()
    queue = list(names)
    while queue:
        name = queue.pop()
        if name not in found:
            found.add(name)
            queue += by_id[name].requires
    return found
