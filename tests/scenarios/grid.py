"""The scenarios of ``check``: what is staged, and exactly what must be made of it.

Every expectation is taken from the design (peeling, causes, what absorbs what), not from a run. ``bug`` marks a
scenario that the product does not meet yet; it fails as soon as the product does, so that the mark goes away.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal
from unittest.mock import patch

from okx_doctor import checking, simulation
from okx_doctor.checking import Surroundings
from okx_doctor.credentials.load import Credentials
from okx_doctor.gate.events import Handled, HandledLogin
from okx_doctor.gate.exchange import Exchange
from okx_doctor.gate.faults import Fault
from okx_doctor.model import Report
from okx_doctor.observations import FileExposure, Observation
from okx_doctor.probes import IDS
from okx_doctor.runner import Observer, Run
from okx_doctor.secret import Secret
from okx_doctor.settings import Options
from okx_doctor.simulation import FOREIGN_ADDRESS, HOME_ADDRESS, STAGES, Bench, Stage, healthy, run_bench

Named = tuple[str, str, str]
"""Cause id, confidence, severity."""

Reach = Literal["as staged", "by name", "another name", "own proxy"]
"""How the exchange is reached: ``by name`` as localhost, ``another name`` under a base URL that is no site's,
``own proxy`` through the exchange itself, which takes the absolute form that a proxy is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One bench and its verdict. A step is an id of ``STAGES`` or a stage of our own.

    ``twin_of`` names the causes of which this is the nearest correct configuration. ``open`` are causes that must
    stand among the undetermined ones, ``texts`` what the verdict must say somewhere.
    """

    name: str
    steps: tuple[str | Stage, ...] = ()
    options: Options = field(default_factory=Options)
    reach: Reach = "as staged"
    causes: tuple[Named, ...] = ()
    exit: int = 0
    twin_of: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    bug: str = ""

    def bench(self) -> Bench:
        bench = healthy()
        for step in self.steps:
            bench = STAGES[step](bench) if isinstance(step, str) else step(bench)
        return bench


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a scenario came to, and what the exchange saw of it."""

    report: Report
    credentials: Credentials
    bench: Bench
    observations: tuple[Observation, ...]
    handled: tuple[Handled, ...]
    logins: tuple[HandledLogin, ...]
    crashes: tuple[object, ...]

    @property
    def named(self) -> tuple[Named, ...]:
        return tuple((cause.id, cause.confidence.value, cause.severity.value) for cause in self.report.verdict.causes)


@cache
def outcome(name: str) -> Outcome:
    """Run a scenario of the grid, once per session."""
    return run(next(scenario for scenario in GRID if scenario.name == name))


def run(scenario: Scenario) -> Outcome:
    """Run a scenario on the bench that is shipped, with the exchange in view."""
    started: list[Exchange] = []
    runs: list[Run] = []

    class Seen(Exchange):
        def __enter__(self) -> Seen:
            super().__enter__()
            if scenario.reach == "by name":
                self.sites = tuple(
                    replace(site, rest=tuple(url.replace(HOME_ADDRESS, "localhost") for url in site.rest))
                    for site in self.sites
                )
            started.append(self)
            return self

    def examine(options: Options, around: Surroundings, observer: Observer) -> Report:
        address = started[0].sites[0].rest[0]
        options = replace(options, site=scenario.options.site)
        if scenario.reach == "another name":
            options = replace(options, base_url=address.replace(HOME_ADDRESS, "localhost"))
        if scenario.reach == "own proxy":
            around = replace(around, proxy=address)
        return checking.examine(options, around, observer=observer)

    bench = scenario.bench()
    with (
        patch.object(simulation, "Exchange", Seen),
        patch.object(simulation, "examine", examine),
        a_resolver_that_knows_no_such_name(),
    ):
        report, credentials = run_bench(bench, scenario.options, runs.append)
    runs.sort(key=lambda ended: IDS.index(ended.check_id))
    return Outcome(
        report=report,
        credentials=credentials,
        bench=bench,
        observations=tuple(seen for ended in runs for seen in ended.observations),
        handled=tuple(started[0].handled),
        logins=tuple(started[0].logins),
        crashes=tuple(started[0].crashes),
    )


@contextmanager
def a_resolver_that_knows_no_such_name() -> Iterator[None]:
    """Names under ``.invalid`` fail here and now: no test asks this machine's resolver."""
    real = socket.getaddrinfo

    def look_up(host: Any, *rest: Any, **options: Any) -> Any:
        if str(host).endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *rest, **options)

    with patch.object(socket, "getaddrinfo", look_up):
        yield


# What holds.


def proven(cause: str) -> Named:
    return cause, "proven", "error"


def stated(cause: str) -> Named:
    return cause, "stated", "error"


def likely(cause: str) -> Named:
    return cause, "likely", "error"


def possible(cause: str) -> Named:
    return cause, "possible", "error"


def warned(cause: str, confidence: str = "stated") -> Named:
    return cause, confidence, "warning"


# Stages of our own: what OKX knows, what the user has, how the exchange is.

KEY, SECRET, PASSPHRASE = "OKX_API_KEY", "OKX_SECRET_KEY", "OKX_PASSPHRASE"
SLOT_OF = {KEY: "api_key", SECRET: "secret", PASSPHRASE: "passphrase"}

HEX = "22582BD0CFF14C41EDBF1AB98506286D"
"""The secret of OKX's own samples: it holds zeros and ones, so that O and l can stand for them."""

LONG_AGO = "37c541a1-0f3c-4b6b-9d3e-10fe7a038418"
"""The shape of a key that was deleted."""


def account(**changes: Any) -> Stage:
    """What OKX knows of the key."""
    return lambda bench: replace(bench, account=replace(bench.account, **changes))


def planned(**changes: Any) -> Stage:
    """How the exchange is."""
    return lambda bench: replace(bench, plan=replace(bench.plan, **changes))


def clock(seconds: float) -> Stage:
    """The exchange is ahead of this machine by so much."""
    return planned(clock_offset=seconds)


def fault(which: Fault, site: str = "*", *paths: str) -> Stage:
    return planned(faults=((site, which),), faulty_paths=paths)


def held(name: str, change: Callable[[str], str]) -> Stage:
    """The user has this variable changed."""
    return lambda bench: replace(bench, environ={**bench.environ, name: change(bench.environ[name])})


def set_to(name: str, text: str) -> Stage:
    """The user has this variable with this text."""
    return lambda bench: replace(bench, environ={**bench.environ, name: text})


def really(name: str, text: str) -> Stage:
    """The value is this text, for OKX and for the user."""

    def stage(bench: Bench) -> Bench:
        known: object = text if name == KEY else Secret(text)
        return set_to(name, text)(account(**{SLOT_OF[name]: known})(bench))

    return stage


def without(*names: str) -> Stage:
    return lambda bench: replace(
        bench, environ={name: text for name, text in bench.environ.items() if name not in names}
    )


def permuted(**holds: str) -> Stage:
    """Each named slot holds the value that belongs to another one."""
    variables = {slot: name for name, slot in SLOT_OF.items()}
    return lambda bench: replace(
        bench,
        environ={
            **bench.environ,
            **{variables[slot]: bench.environ[variables[owner]] for slot, owner in holds.items()},
        },
    )


def filed(name: str, form: str) -> Stage:
    """The value stands in the env file, written in this form, and not in the environment."""
    return lambda bench: without(name)(lined(name, form)(bench))


def lined(name: str, form: str) -> Stage:
    """A line in the env file; ``{}`` in it is the user's value."""
    return lambda bench: replace(
        bench, env_file=bench.env_file + name + "=" + form.replace("{}", bench.environ.get(name, "")) + "\n"
    )


def documented(name: str, text: str, profile: str | None = None) -> Stage:
    """All three values stand in a file; ``{key}``, ``{secret}`` and ``{passphrase}`` in its text are the user's."""

    def stage(bench: Bench) -> Bench:
        written = text
        for mark, variable in (("{key}", KEY), ("{secret}", SECRET), ("{passphrase}", PASSPHRASE)):
            written = written.replace(mark, bench.environ[variable])
        changed = replace(bench, document=written, document_name=name, profile=profile)
        return without(KEY, SECRET, PASSPHRASE)(changed)

    return stage


def reached_through(**fields: Any) -> Stage:
    """Other fields of the bench itself."""
    return lambda bench: replace(bench, **fields)


SWAPPED_BACK: Mapping[str, Mapping[str, str]] = {
    "secret and passphrase": {"secret": "passphrase", "passphrase": "secret"},
    "key and passphrase": {"api_key": "passphrase", "passphrase": "api_key"},
    "all three, one way": {"api_key": "secret", "secret": "passphrase", "passphrase": "api_key"},
    "all three, the other way": {"api_key": "passphrase", "secret": "api_key", "passphrase": "secret"},
}

TIME, CONFIG = "/api/v5/public/time", "/api/v5/account/config"
BALANCE, BUILDER = "/api/v5/account/balance", "/api/v5/account/position-builder"

OTHER_SITES = ("eea", "us", "tr")

PROFILES = (
    f"[profiles.demo]\napi_key = '{LONG_AGO}'\nsecret_key = '{HEX}'\npassphrase = '{{other}}'\n"
    "[profiles.live]\napi_key = '{key}'\nsecret_key = '{secret}'\npassphrase = '{passphrase}'\n"
)
"""OKX's own command line's file."""

YAML = "okx:\n  api_key: {key}\n  secret: {secret}\n  passphrase: {passphrase}\n"
FREQTRADE = """{
    // freqtrade's config.json
    "exchange": {"name": "okx", "key": "{key}", "secret": "{secret}", "password": {passphrase},},
}"""
TOML = "api_key = '{key}'\nsecret_key = '{secret}'\npassphrase = '{passphrase}'\n"
CCXT = '{"apiKey": "{key}", "secret": "{secret}", "password": "{passphrase}", "uid": ""}'


def _exposure(**seen: Any) -> FileExposure:
    return FileExposure(file=".env", **seen)


_EACH_FAULT: Mapping[Fault, Named] = {
    Fault.UNAVAILABLE: stated("exchange-unavailable"),
    Fault.LOCALISED: stated("exchange-unavailable"),
    Fault.MARKUP: stated("exchange-unavailable"),
    Fault.GATEWAY_TEXT: likely("exchange-unavailable"),
    Fault.GZIP_BOMB: likely("exchange-unavailable"),
    Fault.HUGE: likely("exchange-unavailable"),
    Fault.RATE_LIMITED: stated("rate-limited"),
    Fault.EDGE_BLOCK: likely("blocked-by-edge"),
    Fault.RESET: likely("connection-refused"),
    Fault.TRUNCATED: likely("connection-refused"),
    Fault.HANG: likely("connection-timeout"),
    Fault.DRIP: likely("connection-timeout"),
}
"""What each fault on every path of every site comes to. A redirect is no network cause and stands apart."""

SLOW = (Fault.HANG, Fault.DRIP)


def _patient(which: Fault) -> Options:
    return Options(timeout=1.5) if which in SLOW else Options()


# Where the product does not meet the design yet.

ABSORBED_ABSORBS = "credential-quoted, itself absorbed, absorbs secret-wrong, though the same value was refused"


# The grid.

ALONE: tuple[Scenario, ...] = (
    Scenario(name="alone host-not-api", steps=("host-not-api",), causes=(likely("host-not-api"),), exit=1),
    Scenario(
        name="alone base-url-invalid",
        steps=("base-url-invalid",),
        causes=(proven("base-url-invalid"),),
        exit=3,
    ),
    Scenario(name="alone dns-failure", steps=("dns-failure",), causes=(likely("dns-failure"),), exit=3),
    Scenario(name="alone proxy-failure", steps=("proxy-failure",), causes=(likely("proxy-failure"),), exit=3),
    Scenario(
        name="alone connection-refused",
        steps=("connection-refused",),
        causes=(likely("connection-refused"),),
        exit=3,
    ),
    Scenario(
        name="alone connection-timeout",
        steps=("connection-timeout",),
        causes=(likely("connection-timeout"),),
        exit=3,
    ),
    Scenario(name="alone tls-untrusted", steps=("tls-untrusted",), causes=(likely("tls-untrusted"),), exit=3),
    Scenario(name="alone blocked-by-edge", steps=("blocked-by-edge",), causes=(likely("blocked-by-edge"),), exit=3),
    Scenario(name="alone rate-limited", steps=("rate-limited",), causes=(stated("rate-limited"),), exit=3),
    Scenario(
        name="alone exchange-unavailable",
        steps=("exchange-unavailable",),
        causes=(stated("exchange-unavailable"),),
        exit=3,
    ),
    Scenario(
        name="alone tls-clock",
        steps=("tls-clock",),
        causes=(likely("tls-clock"), likely("clock-drift")),
        exit=1,
    ),
    Scenario(name="alone clock-timezone", steps=("clock-timezone",), causes=(proven("clock-timezone"),), exit=1),
    Scenario(name="alone clock-drift", steps=("clock-drift",), causes=(proven("clock-drift"),), exit=1),
    Scenario(
        name="alone credentials-missing",
        steps=("credentials-missing",),
        causes=(proven("credentials-missing"),),
        exit=1,
    ),
    Scenario(
        name="alone credentials-placeholder",
        steps=("credentials-placeholder",),
        causes=(likely("credentials-placeholder"),),
        exit=1,
    ),
    Scenario(
        name="alone credentials-swapped",
        steps=("credentials-swapped",),
        causes=(likely("credentials-swapped"),),
        exit=1,
        texts=("make a new one",),
    ),
    Scenario(
        name="alone env-file-mangled",
        steps=("env-file-mangled",),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="alone env-file-dialects",
        steps=("env-file-dialects",),
        causes=(warned("env-file-dialects", "likely"),),
        texts=("node --env-file cuts at `#`", "write it in single quotes"),
    ),
    Scenario(
        name="alone credential-sources-conflict",
        steps=("credential-sources-conflict",),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
    ),
    Scenario(
        name="alone credential-whitespace",
        steps=("credential-whitespace",),
        causes=(proven("credential-whitespace"),),
        exit=1,
    ),
    Scenario(
        name="alone credential-quoted",
        steps=("credential-quoted",),
        causes=(proven("credential-quoted"),),
        exit=1,
    ),
    Scenario(
        name="alone credential-characters",
        steps=("credential-characters",),
        causes=(proven("credential-characters"),),
        exit=1,
    ),
    Scenario(
        name="alone api-key-malformed",
        steps=("api-key-malformed",),
        causes=(stated("api-key-malformed"),),
        exit=1,
    ),
    Scenario(name="alone wrong-site", steps=("wrong-site",), causes=(proven("wrong-site"),), exit=1),
    Scenario(name="alone api-key-unknown", steps=("api-key-unknown",), causes=(stated("api-key-unknown"),), exit=1),
    Scenario(name="alone api-key-frozen", steps=("api-key-frozen",), causes=(stated("api-key-frozen"),), exit=1),
    Scenario(
        name="alone ip-not-allowlisted",
        steps=("ip-not-allowlisted",),
        causes=(stated("ip-not-allowlisted"),),
        exit=1,
        texts=(f"{HOME_ADDRESS} (IPv4)",),
    ),
    Scenario(
        name="alone wrong-environment",
        steps=("wrong-environment",),
        causes=(proven("wrong-environment"),),
        exit=1,
        texts=("x-simulated-trading: 1",),
    ),
    Scenario(name="alone passphrase-case", steps=("passphrase-case",), causes=(proven("passphrase-case"),), exit=1),
    Scenario(
        name="alone passphrase-wrong",
        steps=("passphrase-wrong",),
        causes=(stated("passphrase-wrong"),),
        exit=1,
    ),
    Scenario(name="alone secret-wrong", steps=("secret-wrong",), causes=(likely("secret-wrong"),), exit=1),
    Scenario(
        name="alone passphrase-as-secret",
        steps=("passphrase-as-secret",),
        causes=(likely("passphrase-as-secret"),),
        exit=1,
    ),
    Scenario(
        name="alone api-key-as-secret",
        steps=("api-key-as-secret",),
        causes=(likely("api-key-as-secret"),),
        exit=1,
    ),
    Scenario(name="alone signing-broken", steps=("signing-broken",), causes=(proven("signing-broken"),), exit=1),
    Scenario(name="alone header-missing", steps=("header-missing",), causes=(stated("header-missing"),), exit=1),
    Scenario(
        name="alone permission-missing",
        steps=("permission-missing",),
        causes=(stated("permission-missing"),),
        exit=1,
    ),
    Scenario(
        name="alone account-restricted",
        steps=("account-restricted",),
        causes=(stated("account-restricted"),),
        exit=1,
    ),
    Scenario(
        name="alone withdraw-permission-granted",
        steps=("withdraw-permission-granted",),
        causes=(warned("withdraw-permission-granted"),),
    ),
    Scenario(name="alone api-key-expiring", steps=("api-key-expiring",), causes=(warned("api-key-expiring"),)),
    Scenario(
        name="alone passphrase-case-suspect",
        steps=("passphrase-case-suspect",),
        causes=(stated("passphrase-wrong"), warned("passphrase-case-suspect", "possible")),
        exit=1,
    ),
    Scenario(
        name="alone credentials-exposed",
        steps=("credentials-exposed",),
        causes=(warned("credentials-exposed", "proven"),),
        texts=("every user", "git tracks .env", "chmod 600 .env", "git rm --cached .env"),
    ),
    Scenario(
        name="alone passphrase-reused",
        steps=("passphrase-reused",),
        causes=(warned("passphrase-reused", "proven"),),
        texts=("demo",),
    ),
)

TWINS: tuple[Scenario, ...] = (
    Scenario(name="healthy", twin_of=("api-key-frozen", "signing-broken", "connection-refused")),
    Scenario(name="twin another site redirects", steps=(fault(Fault.REDIRECT, "eea"),), twin_of=("host-not-api",)),
    Scenario(
        name="twin a base URL in the file without backticks",
        steps=(lined("OKX_API_BASE_URL", "https://www.okx.com"),),
        twin_of=("base-url-invalid",),
    ),
    Scenario(
        name="twin all three plain in the env file",
        steps=(filed(KEY, "{}"), filed(SECRET, "{}"), filed(PASSPHRASE, "{}")),
        twin_of=("env-file-dialects",),
    ),
    Scenario(
        name="twin quotes in the env file, which docker alone would keep",
        steps=(filed(KEY, "'{}'"), filed(SECRET, '"{}"'), filed(PASSPHRASE, '"{}"')),
        twin_of=("env-file-dialects",),
    ),
    Scenario(name="twin a name that resolves", reach="by name", twin_of=("dns-failure",)),
    Scenario(name="twin a proxy that works", reach="own proxy", twin_of=("proxy-failure", "header-missing")),
    Scenario(name="twin answers that take 200 ms", steps=(planned(delay=0.2),), twin_of=("connection-timeout",)),
    Scenario(
        name="twin a certificate of a trusted issuer",
        steps=(planned(tls="trusted"),),
        twin_of=("tls-untrusted",),
    ),
    Scenario(
        name="twin a good certificate and a clock 4 s off",
        steps=(planned(tls="trusted", clock_offset=-4.0),),
        twin_of=("tls-clock",),
    ),
    Scenario(
        name="twin another site is blocked at the edge",
        steps=(fault(Fault.EDGE_BLOCK, "eea"),),
        twin_of=("blocked-by-edge",),
    ),
    Scenario(
        name="twin another site limits the rate",
        steps=(fault(Fault.RATE_LIMITED, "eea"),),
        twin_of=("rate-limited",),
    ),
    Scenario(
        name="twin another site is out of service",
        steps=(fault(Fault.UNAVAILABLE, "eea"),),
        twin_of=("exchange-unavailable",),
    ),
    Scenario(name="twin a clock 4 s behind", steps=(clock(4.0),), twin_of=("clock-drift",)),
    Scenario(name="twin a clock 4 s ahead", steps=(clock(-4.0),), twin_of=("clock-timezone",)),
    Scenario(
        name="twin the passphrase under an alias",
        steps=(
            lambda bench: set_to("OKX_PASSWORD", bench.environ[PASSPHRASE])(bench),
            without(PASSPHRASE),
        ),
        twin_of=("credentials-missing",),
    ),
    Scenario(
        name="twin a file for its owner alone, which git ignores",
        steps=("credentials-exposed", reached_through(exposure=_exposure(mode="0600", readers="owner", git="ignored"))),
        twin_of=("credentials-exposed",),
    ),
    Scenario(
        name="twin profiles with a passphrase each",
        steps=(documented("config.toml", PROFILES.replace("{other}", "Another-123456!"), "live"),),
        twin_of=("passphrase-reused",),
    ),
    Scenario(
        name="twin a passphrase that reads like an example",
        steps=(really(PASSPHRASE, "my-okx-passphrase-1A"),),
        twin_of=("credentials-placeholder",),
    ),
    Scenario(
        name="twin a passphrase that is a UUID",
        steps=(really(PASSPHRASE, "6F9619FF-8B86-D011-B42D-00CF4FC964FF"),),
        twin_of=("credentials-swapped",),
    ),
    Scenario(
        name="twin blank and # in single quotes in the file",
        steps=(really(PASSPHRASE, "Abc-123456 #7"), filed(PASSPHRASE, "'{}'")),
        twin_of=("env-file-mangled",),
    ),
    Scenario(
        name="twin the shell has the right value and the file a stale one",
        steps=(lined(PASSPHRASE, "'Stale-passphrase-1'"),),
        twin_of=("credential-sources-conflict",),
    ),
    Scenario(
        name="twin a blank inside the passphrase",
        steps=(really(PASSPHRASE, "Correct horse 1!"),),
        twin_of=("credential-whitespace",),
    ),
    Scenario(
        name="twin a passphrase that really has quotes around it",
        steps=(really(PASSPHRASE, '"Abc-123456!"'),),
        twin_of=("credential-quoted",),
    ),
    Scenario(
        name="twin O beside 0 and l beside 1 in the passphrase",
        steps=(really(PASSPHRASE, "O0-l1-I1-oO-Aa~^|"),),
        twin_of=("credential-characters",),
    ),
    Scenario(
        name="a passphrase that really has an umlaut, which no header of httpx carries",
        steps=(really(PASSPHRASE, "Gr\u00fc\u00dfe-1234"),),
        causes=(likely("credential-characters"),),
        exit=1,
    ),
    Scenario(
        name="twin a key in upper case",
        steps=(really(KEY, "37C541A1-0F3C-1B6B-9D3E-10FE7A038418"),),
        twin_of=("api-key-malformed",),
    ),
    Scenario(
        name="twin an EEA account asked on the EEA site",
        steps=(account(site="eea"),),
        options=Options(site="eea"),
        twin_of=("wrong-site",),
    ),
    Scenario(
        name="twin an EEA account and OKX_SITE=eea in the file",
        steps=(account(site="eea"), lined("OKX_SITE", "eea")),
        twin_of=("wrong-site",),
    ),
    Scenario(
        name="twin a Turkish account asked on the Turkish site",
        steps=(account(site="tr"),),
        options=Options(site="tr"),
        twin_of=("api-key-unknown",),
    ),
    Scenario(
        name="twin the address among others on the allowlist",
        steps=(account(ip_allowlist=(FOREIGN_ADDRESS, "2001:db8::1", HOME_ADDRESS)),),
        twin_of=("ip-not-allowlisted",),
    ),
    Scenario(
        name="twin the address within a network on the allowlist",
        steps=(account(ip_allowlist=("127.0.0.0/8",)),),
        twin_of=("ip-not-allowlisted",),
    ),
    Scenario(
        name="twin a demo key with --demo",
        steps=(account(demo=True),),
        options=Options(demo=True),
        twin_of=("wrong-environment",),
    ),
    Scenario(name="twin a live key with --live", options=Options(demo=False), twin_of=("wrong-environment",)),
    Scenario(
        name="twin a right passphrase with --try-case",
        options=Options(try_case=True),
        twin_of=("passphrase-case",),
    ),
    Scenario(
        name="twin a passphrase of special characters",
        steps=(really(PASSPHRASE, "aB3$#&%\\'`{}=+?/"),),
        twin_of=("passphrase-wrong",),
    ),
    Scenario(
        name="twin a secret that is not 32 hexadecimal digits",
        steps=(really(SECRET, "Zm9vYmFyYmF6cXV4MDEyMzQ1Njc4OTAxMjM0NTY3ODk="),),
        twin_of=("secret-wrong",),
    ),
    Scenario(
        name="twin a secret in lower case",
        steps=(really(SECRET, HEX.lower()),),
        twin_of=("secret-wrong",),
    ),
    Scenario(
        name="twin secret and passphrase really are one text",
        steps=(really(SECRET, "Abc-123456789!"), really(PASSPHRASE, "Abc-123456789!")),
        twin_of=("passphrase-as-secret",),
    ),
    Scenario(
        name="twin secret and key really are one text",
        steps=(really(SECRET, LONG_AGO), really(KEY, LONG_AGO)),
        twin_of=("api-key-as-secret",),
    ),
    Scenario(
        name="twin a key that has the permission asked for",
        options=Options(require=("trade", "read")),
        twin_of=("permission-missing",),
    ),
    Scenario(
        name="twin a sub-account",
        steps=(account(uid="200000000000000001", main_uid="100000000000000001"),),
        twin_of=("account-restricted",),
    ),
    Scenario(
        name="twin withdraw asked for with --require",
        steps=("withdraw-permission-granted",),
        options=Options(require=("withdraw",)),
        twin_of=("withdraw-permission-granted",),
    ),
    Scenario(
        name="twin no withdraw with --forbid",
        options=Options(forbid=("withdraw",)),
        twin_of=("withdraw-permission-granted",),
    ),
    Scenario(
        name="twin a key bound to no IP that may only read",
        steps=(account(ip_allowlist=(), permissions=("read_only",)),),
        twin_of=("api-key-expiring",),
    ),
    Scenario(
        name="twin a demo key bound to no IP",
        steps=(account(ip_allowlist=(), demo=True),),
        options=Options(demo=True),
        twin_of=("api-key-expiring",),
    ),
    Scenario(
        name="twin a lower-case passphrase that is right",
        steps=(really(PASSPHRASE, "alllowercase1!"),),
        twin_of=("passphrase-case-suspect",),
    ),
)

TIME_VARIATIONS: tuple[Scenario, ...] = (
    Scenario(name="clock 45 s ahead", steps=(clock(-45.0),), causes=(proven("clock-drift"),), exit=1),
    Scenario(name="clock 30.5 s behind", steps=(clock(30.5),), causes=(proven("clock-drift"),), exit=1),
    Scenario(name="clock 31 s ahead", steps=(clock(-31.0),), causes=(proven("clock-drift"),), exit=1),
    Scenario(name="clock 10 s behind", steps=(clock(10.0),), causes=(warned("clock-drift", "likely"),)),
    Scenario(name="clock 10 s ahead", steps=(clock(-10.0),), causes=(warned("clock-drift", "likely"),)),
    Scenario(name="clock 28 s behind", steps=(clock(28.0),), causes=(warned("clock-drift", "likely"),)),
    Scenario(name="clock 28 s ahead", steps=(clock(-28.0),), causes=(warned("clock-drift", "likely"),)),
    Scenario(name="clock 12.6 minutes behind", steps=(clock(754.808),), causes=(proven("clock-drift"),), exit=1),
    *(
        Scenario(
            name=f"local time of UTC{label}",
            steps=(clock(-hours * 3600.0),),
            causes=(proven("clock-timezone"),),
            exit=1,
        )
        for label, hours in (
            ("+5:30", 5.5),
            ("+5:45", 5.75),
            ("-3:30", -3.5),
            ("-8", -8.0),
            ("+14", 14.0),
            ("-12", -12.0),
        )
    ),
    Scenario(
        name="local time of UTC+8 and 3 s off",
        steps=(clock(-8 * 3600.0 - 3.0),),
        causes=(proven("clock-timezone"),),
        exit=1,
    ),
    Scenario(
        name="8 h and 20 s off is no time zone",
        steps=(clock(-8 * 3600.0 - 20.0),),
        causes=(proven("clock-drift"),),
        exit=1,
    ),
    Scenario(
        name="a whole day off is no time zone",
        steps=(clock(86_400.0),),
        causes=(proven("clock-drift"),),
        exit=1,
    ),
    Scenario(name="time server silent", steps=(planned(ntp="silent"),)),
    Scenario(
        name="time server silent and clock 45 s off",
        steps=(planned(ntp="silent", clock_offset=45.0),),
        causes=(proven("clock-drift"),),
        exit=1,
    ),
    Scenario(
        name="clock agrees with OKX but not with the time server",
        steps=(planned(ntp_offset=45.0),),
        open=("clock-drift",),
    ),
    Scenario(
        name="clock agrees with the time server but not with OKX",
        steps=(planned(ntp_offset=0.0, clock_offset=45.0),),
        causes=(proven("clock-drift"),),
        exit=1,
        texts=("sign with OKX's own time",),
    ),
    Scenario(
        name="clock expired the certificate",
        steps=(planned(tls="expired", clock_offset=-2 * 86_400.0 - 417.0),),
        causes=(likely("tls-clock"), likely("clock-drift")),
        exit=1,
    ),
    Scenario(
        name="certificate expired and the clock is right",
        steps=(planned(tls="expired"),),
        causes=(likely("tls-untrusted"),),
        exit=3,
    ),
    Scenario(
        name="certificate not yet valid and the clock is right",
        steps=(planned(tls="not-yet-valid"),),
        causes=(likely("tls-untrusted"),),
        exit=3,
    ),
    Scenario(
        name="certificate expired and the clock is wrong the other way",
        steps=(planned(tls="expired", clock_offset=417.0),),
        causes=(likely("tls-untrusted"), likely("clock-drift")),
        exit=1,
    ),
    Scenario(
        name="certificate not yet valid and the time server silent",
        steps=(planned(tls="not-yet-valid", ntp="silent"),),
        causes=(likely("tls-untrusted"),),
        exit=3,
        open=("tls-clock",),
    ),
)

KEY_VARIATIONS: tuple[Scenario, ...] = (
    Scenario(
        name="live key with --demo",
        options=Options(demo=True),
        causes=(proven("wrong-environment"),),
        exit=1,
        texts=("x-simulated-trading: 0",),
    ),
    Scenario(name="account only on us", steps=(account(site="us"),), causes=(proven("wrong-site"),), exit=1),
    Scenario(name="account only on tr", steps=(account(site="tr"),), causes=(proven("wrong-site"),), exit=1),
    Scenario(
        name="account on au, which shares a host with us",
        steps=(account(site="au"), planned(sites=("global", "eea", "us", "tr", "au"))),
        causes=(proven("wrong-site"),),
        exit=1,
        texts=("US or Australia",),
    ),
    Scenario(
        name="global account asked on the EEA site",
        options=Options(site="eea"),
        causes=(proven("wrong-site"),),
        exit=1,
    ),
    Scenario(
        name="unknown key where only one site exists",
        steps=("api-key-unknown", planned(sites=("global",))),
        causes=(stated("api-key-unknown"),),
        exit=1,
    ),
    Scenario(
        name="unknown key at a base URL that is not OKX's",
        steps=("api-key-unknown",),
        reach="another name",
        exit=3,
        open=("api-key-unknown", "wrong-site"),
    ),
    Scenario(
        name="EEA key at a base URL that is not OKX's",
        steps=("wrong-site",),
        reach="another name",
        exit=3,
        open=("api-key-unknown", "wrong-site"),
    ),
    Scenario(name="a base URL that is not OKX's", reach="another name"),
    Scenario(
        name="allowlist of IPv6 addresses",
        steps=(account(ip_allowlist=("2001:db8::1", "2001:db8:1::/48")),),
        causes=(stated("ip-not-allowlisted"),),
        exit=1,
        texts=(f"{HOME_ADDRESS} (IPv4)",),
    ),
    Scenario(
        name="withdraw with --forbid withdraw",
        steps=("withdraw-permission-granted",),
        options=Options(forbid=("withdraw",)),
        causes=(stated("withdraw-permission-granted"),),
        exit=1,
    ),
    Scenario(
        name="trade and withdraw asked for and withdraw missing",
        options=Options(require=("trade", "withdraw")),
        causes=(stated("permission-missing"),),
        exit=1,
    ),
    Scenario(
        name="withdraw bound to no IP",
        steps=(account(ip_allowlist=(), permissions=("read_only", "withdraw")),),
        causes=(warned("withdraw-permission-granted"), warned("api-key-expiring")),
    ),
    Scenario(
        name="key without any permission",
        steps=(account(permissions=()),),
        causes=(stated("permission-missing"),),
        exit=1,
    ),
    Scenario(
        name="sub-account bound to no IP",
        steps=(account(ip_allowlist=(), uid="200000000000000001", main_uid="100000000000000001"),),
        causes=(warned("api-key-expiring"),),
    ),
    Scenario(
        name="wrong passphrase with --try-case",
        steps=("passphrase-wrong",),
        options=Options(try_case=True),
        causes=(stated("passphrase-wrong"),),
        exit=1,
    ),
    Scenario(
        name="first letter of the passphrase in the other case with --try-case",
        steps=(really(PASSPHRASE, "abcDEF-1234!"), set_to(PASSPHRASE, "AbcDEF-1234!")),
        options=Options(try_case=True),
        causes=(proven("passphrase-case"),),
        exit=1,
    ),
    Scenario(
        name="passphrase in another case without --try-case",
        steps=(really(PASSPHRASE, "abcDEF-1234!"), set_to(PASSPHRASE, "AbcDEF-1234!")),
        causes=(stated("passphrase-wrong"),),
        exit=1,
        open=("passphrase-case",),
    ),
    Scenario(name="websocket healthy", options=Options(websocket=True)),
    Scenario(name="websocket with a demo key", steps=(account(demo=True),), options=Options(websocket=True, demo=True)),
    Scenario(
        name="websocket of the other site",
        steps=("wrong-site",),
        options=Options(websocket=True),
        causes=(proven("wrong-site"),),
        exit=1,
    ),
    Scenario(
        name="websocket with a clock 45 s off",
        steps=("clock-drift",),
        options=Options(websocket=True),
        causes=(proven("clock-drift"),),
        exit=1,
    ),
)

_BLANKS = (
    ("a leading blank", " {}"),
    ("a trailing blank", "{} "),
    ("a leading tab", "\t{}"),
    ("a trailing tab", "{}\t"),
)
_LINE_ENDS = (
    ("a trailing newline", "{}\n"),
    ("a trailing CR and newline", "{}\r\n"),
    ("a trailing CR", "{}\r"),
    ("a leading newline", "\n{}"),
)
_QUOTES = (
    ("double quotes", '"{}"'),
    ("single quotes", "'{}'"),
    ("backticks", "`{}`"),
    ("a leading equals sign", "={}"),
    ("an equals sign and quotes", '="{}"'),
    ("one double quote at the end", '{}"'),
)
_SLOTS = ((KEY, "key"), (SECRET, "secret"), (PASSPHRASE, "passphrase"))


def _formed(form: str) -> Callable[[str], str]:
    return lambda text: form.replace("{}", text)


VALUE_VARIATIONS: tuple[Scenario, ...] = (
    *(
        Scenario(
            name=f"swapped {what}",
            steps=(permuted(**holds),),
            causes=(likely("credentials-swapped"),),
            exit=1,
        )
        for what, holds in SWAPPED_BACK.items()
    ),
    # HTTP drops a blank at a header's edge, so that only a signature shows that it did harm.
    *(
        Scenario(
            name=f"{what} in the {slot}",
            steps=(held(name, _formed(form)),),
            causes=(proven("credential-whitespace") if name == SECRET else likely("credential-whitespace"),),
            exit=1,
        )
        for name, slot in _SLOTS
        for what, form in _BLANKS
    ),
    *(
        Scenario(
            name=f"{what} in the {slot}",
            steps=(held(name, _formed(form)),),
            causes=(proven("credential-whitespace"),),
            exit=1,
        )
        for name, slot in _SLOTS
        for what, form in _LINE_ENDS
    ),
    *(
        Scenario(
            name=f"{what} around the {slot}",
            steps=(held(name, _formed(form)),),
            causes=(proven("credential-quoted"),),
            exit=1,
        )
        for name, slot in _SLOTS
        for what, form in _QUOTES
    ),
    *(
        Scenario(
            name=f"smart quotes around the {slot}",
            steps=(held(name, _formed("\u201c{}\u201d")),),
            causes=(proven("credential-characters"),),
            exit=1,
        )
        for name, slot in _SLOTS
    ),
    *(
        Scenario(
            name=f"{what} in the {slot}",
            steps=(held(name, _formed(form)),),
            causes=(proven("credential-characters"),),
            exit=1,
        )
        for name, slot in _SLOTS
        for what, form in (("a zero-width space", "{}\u200b"), ("a byte order mark", "\ufeff{}"))
    ),
    *(
        Scenario(
            name=f"{what} in the secret",
            steps=(really(SECRET, HEX), set_to(SECRET, HEX.replace(right, wrong))),
            causes=(proven("credential-characters"),),
            exit=1,
        )
        for what, right, wrong in (
            ("O for 0", "0", "O"),
            ("l for 1", "1", "l"),
            ("Cyrillic В for B", "B", "\u0412"),
            ("full-width digits", "2", "\uff12"),
        )
    ),
    Scenario(
        name="O for 0 in the key",
        steps=(really(KEY, LONG_AGO), set_to(KEY, LONG_AGO.replace("0", "O"))),
        causes=(proven("credential-characters"),),
        exit=1,
    ),
    Scenario(
        name="a non-breaking hyphen in the passphrase",
        steps=(really(PASSPHRASE, "Abc-123456"), set_to(PASSPHRASE, "Abc\u2011123456")),
        causes=(proven("credential-characters"),),
        exit=1,
    ),
    Scenario(
        name="a passphrase of 32 hexadecimal digits is not sent",
        steps=(really(PASSPHRASE, "0123456789abcdef0123456789ABCDEF"),),
        causes=(possible("credentials-swapped"),),
        exit=3,
    ),
    Scenario(
        name="the secret in the passphrase slot too",
        steps=(permuted(passphrase="secret"),),
        causes=(likely("credentials-swapped"),),
        exit=1,
    ),
    Scenario(
        name="the secret in the key slot too",
        steps=(permuted(api_key="secret"),),
        causes=(likely("credentials-swapped"),),
        exit=1,
    ),
    Scenario(
        name="placeholders in every slot",
        steps=(
            set_to(KEY, "your-api-key"),
            set_to(SECRET, "your-secret-key"),
            set_to(PASSPHRASE, "your-passphrase"),
        ),
        causes=(likely("credentials-placeholder"),),
        exit=1,
    ),
    Scenario(
        name="-1 in every slot",
        steps=(set_to(KEY, "-1"), set_to(SECRET, "-1"), set_to(PASSPHRASE, "-1")),
        causes=(likely("credentials-placeholder"),),
        exit=1,
    ),
    Scenario(
        name="a placeholder for the secret",
        steps=(set_to(SECRET, "<secret>"),),
        causes=(likely("credentials-placeholder"),),
        exit=1,
    ),
    Scenario(
        name="a placeholder for the passphrase",
        steps=(set_to(PASSPHRASE, "changeme"),),
        causes=(likely("credentials-placeholder"),),
        exit=1,
    ),
    Scenario(
        name="nothing is set",
        steps=(without(KEY, SECRET, PASSPHRASE),),
        causes=(proven("credentials-missing"),),
        exit=1,
    ),
    Scenario(
        name="a passphrase of blanks only",
        steps=(set_to(PASSPHRASE, "   "),),
        causes=(proven("credentials-missing"),),
        exit=1,
    ),
)

SOURCE_VARIATIONS: tuple[Scenario, ...] = (
    *(
        Scenario(
            name=f"two equals signs before the {slot} in the file",
            steps=(filed(name, "={}"),),
            causes=(proven("env-file-mangled"),),
            exit=1,
        )
        for name, slot in _SLOTS
    ),
    Scenario(
        name="two equals signs and quotes before the secret in the file",
        steps=(filed(SECRET, '="{}"'),),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="a # without a blank before it is no comment",
        steps=(really(PASSPHRASE, "Abc-123456#7"), filed(PASSPHRASE, "{}")),
        causes=(warned("env-file-dialects", "likely"),),
        texts=(
            "node --env-file cuts at `#`",
            "in single quotes",
            "docker run --env-file will still read that otherwise",
        ),
    ),
    Scenario(
        name="the file sets the passphrase twice, and the last line is the stale one",
        steps=(lined(PASSPHRASE, "{}"), lined(PASSPHRASE, "Of-an-older-key-1"), without(PASSPHRASE)),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
        texts=("OKX_PASSPHRASE in .env line 2 hides a different passphrase: OKX_PASSPHRASE in .env line 1",),
    ),
    Scenario(
        name="the file sets the passphrase twice, and the last line is the right one",
        steps=(lined(PASSPHRASE, "Of-an-older-key-1"), lined(PASSPHRASE, "{}"), without(PASSPHRASE)),
    ),
    Scenario(
        name="a comment behind the value in the file",
        steps=(really(PASSPHRASE, "Abc-123456"), filed(PASSPHRASE, "{} # of the bot")),
        causes=(warned("env-file-dialects", "likely"),),
        texts=("write it without a comment behind it",),
    ),
    Scenario(
        name="what bash would expand stands in double quotes in the file",
        steps=(really(PASSPHRASE, "Abc-$9xyz-1"), filed(PASSPHRASE, '"{}"')),
        causes=(warned("env-file-dialects", "likely"),),
        texts=("docker run --env-file keeps the quotes; bash source expands `$9`", "write it in single quotes"),
    ),
    Scenario(
        name="what bash would expand stands in single quotes in the file",
        steps=(really(PASSPHRASE, "Abc-$9xyz-1"), filed(PASSPHRASE, "'{}'")),
    ),
    Scenario(
        name="${…} in the file",
        steps=(really(PASSPHRASE, "Abc-${NO_SUCH_NAME}-1234"), filed(PASSPHRASE, "{}")),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="a backslash in double quotes in the file, made a tab",
        steps=(really(PASSPHRASE, "Abc\\t123456"), filed(PASSPHRASE, '"{}"')),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="a backslash in double quotes in the file, made a newline",
        steps=(really(PASSPHRASE, "Abc\\n123456"), filed(PASSPHRASE, '"{}"')),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="a quote that is never closed in the file",
        steps=(filed(PASSPHRASE, '"{}'),),
        causes=(proven("credentials-missing"), likely("env-file-mangled")),
        exit=1,
    ),
    *(
        Scenario(
            name=f"another loader {what}",
            steps=(really(PASSPHRASE, right), lined(PASSPHRASE, written), set_to(PASSPHRASE, made)),
            causes=(proven("env-file-mangled"),),
            exit=1,
        )
        for what, right, written, made in (
            ("cuts at #", "Abc-123456#7", "'Abc-123456#7'", "Abc-123456"),
            ("replaces $", "Abc$xyz-1234", "'Abc$xyz-1234'", "Abc-1234"),
            ("keeps the quotes", "Abc-123456", '"Abc-123456"', '"Abc-123456"'),
            ("drops backslashes", "Abc\\-123456", "'Abc\\-123456'", "Abc-123456"),
        )
    ),
    Scenario(
        name="another loader keeps the second of two equals signs",
        steps=(really(PASSPHRASE, "Abc-123456"), lined(PASSPHRASE, "={}"), held(PASSPHRASE, _formed("={}"))),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    *(
        Scenario(
            name=f"the environment hides the {slot} of the file",
            steps=(lined(name, "'{}'"), set_to(name, stale)),
            causes=(proven("credential-sources-conflict"),),
            exit=1,
            texts=(f"unset {name}",),
        )
        for (name, slot), stale in zip(_SLOTS, (LONG_AGO, HEX, "Stale-123456!"), strict=True)
    ),
    Scenario(
        name="the environment hides all three of the file",
        steps=(
            lined(KEY, "{}"),
            lined(SECRET, "{}"),
            lined(PASSPHRASE, "'{}'"),
            set_to(KEY, LONG_AGO),
            set_to(SECRET, HEX),
            set_to(PASSPHRASE, "Stale-123456!"),
        ),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
        texts=(f"unset {KEY} {SECRET} {PASSPHRASE}",),
    ),
    Scenario(name="the environment hides the same value in the file", steps=(lined(PASSPHRASE, "'{}'"),)),
    Scenario(
        name="an empty environment variable hides the file",
        steps=(lined(PASSPHRASE, "'{}'"), set_to(PASSPHRASE, "")),
        causes=(proven("credentials-missing"), likely("credential-sources-conflict")),
        exit=1,
    ),
    Scenario(
        name="a stale alias hides the right value",
        steps=(set_to("OKX_API_SECRET", HEX), filed(SECRET, "{}")),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
        texts=("unset OKX_API_SECRET",),
    ),
    Scenario(
        name="another name for the same key shares its passphrase",
        steps=(
            documented("config.toml", PROFILES.replace("{other}", "{passphrase}").replace(LONG_AGO, "{key}"), "live"),
        ),
    ),
    *(
        Scenario(
            name=f"a number without quotes in {name}, {written[:2]}…",
            steps=(really(PASSPHRASE, written), documented(name, text)),
            causes=(proven("env-file-mangled"),),
            exit=1,
            texts=(quoted,),
        )
        for name, text, written, quoted in (
            ("bot.yaml", YAML, "01234567", "passphrase: '…'"),
            ("bot.yml", YAML, "1_234_567", "passphrase: '…'"),
            ("config.json", FREQTRADE, "1e5", '"password": "…"'),
            ("bot.toml", TOML.replace("'{passphrase}'", "{passphrase}"), "1_234_567", "= '…'"),
        )
    ),
    *(
        Scenario(name=f"sound values in {name}", steps=(documented(name, text),))
        for name, text in (
            ("bot.yaml", YAML),
            ("config.json", FREQTRADE.replace("{passphrase}", '"{passphrase}"')),
            ("keys", CCXT),
            ("bot.toml", TOML),
        )
    ),
    Scenario(
        name="a comment cuts the passphrase in YAML",
        steps=(really(PASSPHRASE, "Abc-123456 #7"), documented("bot.yaml", YAML)),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="a backslash in JSON, made a newline",
        steps=(
            really(PASSPHRASE, "Abc\\n123456"),
            documented("config.json", FREQTRADE.replace("{passphrase}", '"{passphrase}"')),
        ),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="a block of YAML ends with a newline",
        steps=(documented("bot.yaml", YAML.replace("secret: {secret}", "secret: |\n    {secret}")),),
        causes=(proven("credential-whitespace"),),
        exit=1,
    ),
    Scenario(
        name="a key that stands twice, the right one first",
        steps=(documented("bot.yaml", YAML + "  passphrase: Stale-123456!\n"),),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
    ),
    Scenario(
        name="a value that is empty in the file",
        steps=(documented("config.json", FREQTRADE.replace("{passphrase}", '""')),),
        causes=(proven("credentials-missing"),),
        exit=1,
        texts=("Fill in exchange.password in config.json line 3",),
    ),
    Scenario(
        name="a demo profile",
        steps=(account(demo=True), documented("config.toml", PROFILES + "demo = true\n", "live")),
    ),
    Scenario(
        name="a profile's base URL that is not OKX's is not followed",
        steps=(documented("config.toml", PROFILES + "base_url = 'https://www.okx.com.example.net'\n", "live"),),
    ),
    Scenario(
        name="a base URL with a path in the file",
        steps=(lined("OKX_API_BASE_URL", "https://www.okx.com/api/v5"),),
        causes=(likely("base-url-invalid"),),
        exit=3,
        texts=("the base URL in .env: ", "Write the plain address into .env"),
    ),
    Scenario(
        name="a base URL with a path in a profile",
        steps=(documented("config.toml", PROFILES + "base_url = 'https://www.okx.com/api/v5'\n", "live"),),
        causes=(likely("base-url-invalid"),),
        exit=3,
        texts=("the base URL in config.toml: ", "Write the plain address into config.toml"),
    ),
)

FAULT_VARIATIONS: tuple[Scenario, ...] = (
    *(
        Scenario(
            name=f"fault {which} everywhere",
            steps=(fault(which),),
            options=_patient(which),
            causes=(named,),
            exit=3,
        )
        for which, named in _EACH_FAULT.items()
    ),
    Scenario(
        name="fault redirect everywhere",
        steps=(fault(Fault.REDIRECT),),
        causes=(likely("host-not-api"),),
        exit=1,
    ),
    *(
        Scenario(
            name=f"fault {which} on position-builder only",
            steps=(fault(which, "*", BUILDER),),
            causes=(named,),
            exit=3,
        )
        for which, named in _EACH_FAULT.items()
        if which not in SLOW
    ),
    Scenario(
        name="fault redirect on position-builder only",
        steps=(fault(Fault.REDIRECT, "*", BUILDER),),
        exit=3,
    ),
    *(
        Scenario(
            name=f"fault {which} on {label} only",
            steps=(fault(which, "*", path),),
            causes=(_EACH_FAULT[which],),
            exit=3,
        )
        for path, label in ((CONFIG, "config"), (BALANCE, "balance"), (TIME, "time"))
        for which in (Fault.UNAVAILABLE, Fault.RATE_LIMITED, Fault.EDGE_BLOCK, Fault.RESET)
    ),
    Scenario(
        name="fault on time only and clock 45 s off",
        steps=("clock-drift", fault(Fault.EDGE_BLOCK, "*", TIME)),
        causes=(likely("blocked-by-edge"), likely("clock-drift")),
        exit=1,
    ),
    *(
        Scenario(
            name=f"fault {which} on the EEA site while an EEA key is looked for",
            steps=("wrong-site", fault(which, "eea")),
            options=_patient(which),
            exit=3,
            open=("wrong-site", "api-key-unknown"),
        )
        for which in (
            Fault.EDGE_BLOCK,
            Fault.RATE_LIMITED,
            Fault.UNAVAILABLE,
            Fault.HANG,
            Fault.RESET,
            Fault.REDIRECT,
            Fault.GATEWAY_TEXT,
        )
    ),
    *(
        Scenario(
            name=f"fault {which} on the EEA site while an unknown key is looked for",
            steps=("api-key-unknown", fault(which, "eea")),
            exit=3,
            open=("wrong-site", "api-key-unknown"),
        )
        for which in (Fault.EDGE_BLOCK, Fault.RATE_LIMITED, Fault.UNAVAILABLE, Fault.RESET)
    ),
    Scenario(
        name="fault edge-block on the EEA site while a US key is looked for",
        steps=(account(site="us"), fault(Fault.EDGE_BLOCK, "eea")),
        causes=(proven("wrong-site"),),
        exit=1,
    ),
    Scenario(
        name="fault rate-limited on the EEA site while a US key is looked for",
        steps=(account(site="us"), fault(Fault.RATE_LIMITED, "eea")),
        causes=(proven("wrong-site"),),
        exit=1,
    ),
)

STACKED: tuple[Scenario, ...] = (
    Scenario(
        name="stacked clock, site and environment",
        steps=("clock-drift", "wrong-site", "wrong-environment"),
        causes=(proven("clock-drift"), proven("wrong-site"), proven("wrong-environment")),
        exit=1,
    ),
    Scenario(
        name="stacked clock and wrong passphrase",
        steps=("clock-drift", "passphrase-wrong"),
        causes=(proven("clock-drift"), stated("passphrase-wrong")),
        exit=1,
    ),
    Scenario(
        name="stacked site and IP",
        steps=("wrong-site", "ip-not-allowlisted"),
        causes=(proven("wrong-site"), stated("ip-not-allowlisted")),
        texts=("OKX answers 50110 (Your IP … is not included in your API key's … IP whitelist) to",),
        exit=1,
    ),
    Scenario(
        name="stacked whitespace and wrong secret",
        steps=("credential-whitespace", "secret-wrong"),
        causes=(likely("credential-whitespace"), likely("secret-wrong")),
        exit=1,
    ),
    Scenario(
        name="stacked quotes and wrong secret",
        steps=(held(SECRET, _formed('"{}"')), "secret-wrong"),
        causes=(likely("credential-quoted"), likely("secret-wrong")),
        exit=1,
    ),
    Scenario(
        name="stacked quotes and environment",
        steps=("credential-quoted", "wrong-environment"),
        causes=(proven("wrong-environment"), proven("credential-quoted")),
        exit=1,
    ),
    Scenario(
        name="stacked swapped and site",
        steps=("credentials-swapped", "wrong-site"),
        causes=(likely("credentials-swapped"), proven("wrong-site")),
        exit=1,
    ),
    Scenario(
        name="stacked swapped and clock",
        steps=("credentials-swapped", "clock-drift"),
        causes=(likely("credentials-swapped"), proven("clock-drift")),
        exit=1,
    ),
    Scenario(
        name="stacked swapped and wrong secret",
        steps=("credentials-swapped", "secret-wrong"),
        causes=(likely("credentials-swapped"), likely("secret-wrong")),
        exit=1,
    ),
    Scenario(
        name="stacked swapped and wrong passphrase",
        steps=(permuted(**SWAPPED_BACK["key and passphrase"]), "passphrase-wrong"),
        causes=(likely("credentials-swapped"), stated("passphrase-wrong")),
        exit=1,
    ),
    Scenario(
        name="stacked swapped and unknown key",
        steps=("credentials-swapped", "api-key-unknown"),
        causes=(likely("credentials-swapped"), stated("api-key-unknown")),
        exit=1,
    ),
    Scenario(
        name="stacked mangled and clock",
        steps=("env-file-mangled", "clock-drift"),
        causes=(proven("clock-drift"), proven("env-file-mangled")),
        exit=1,
    ),
    Scenario(
        name="stacked conflict and environment",
        steps=("credential-sources-conflict", "wrong-environment"),
        causes=(proven("wrong-environment"), proven("credential-sources-conflict")),
        exit=1,
    ),
    Scenario(
        name="stacked two slots mangled",
        steps=("env-file-mangled", filed(SECRET, "={}")),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="stacked all three slots mangled",
        steps=("env-file-mangled", filed(SECRET, "={}"), filed(KEY, "={}")),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="stacked mangled and wrong passphrase",
        steps=("env-file-mangled", "passphrase-wrong"),
        causes=(likely("env-file-mangled"), stated("passphrase-wrong")),
        exit=1,
    ),
    Scenario(
        name="stacked quotes and wrong passphrase",
        steps=("credential-quoted", "passphrase-wrong"),
        causes=(likely("credential-quoted"), stated("passphrase-wrong")),
        exit=1,
    ),
    Scenario(
        name="stacked conflict and wrong passphrase",
        steps=("credential-sources-conflict", "passphrase-wrong"),
        causes=(likely("credential-sources-conflict"), stated("passphrase-wrong")),
        exit=1,
    ),
    Scenario(
        name="stacked newline and wrong passphrase",
        steps=(held(PASSPHRASE, _formed("{}\n")), "passphrase-wrong"),
        causes=(proven("credential-whitespace"), stated("passphrase-wrong")),
        exit=1,
    ),
    Scenario(
        name="stacked zero-width space and wrong passphrase",
        steps=(held(PASSPHRASE, _formed("{}\u200b")), "passphrase-wrong"),
        causes=(proven("credential-characters"), stated("passphrase-wrong")),
        exit=1,
    ),
    Scenario(
        name="stacked newline and malformed key",
        steps=("api-key-malformed", held(KEY, _formed("{}\n"))),
        causes=(proven("credential-whitespace"), stated("api-key-malformed")),
        exit=1,
    ),
    Scenario(
        name="stacked site and wrong passphrase",
        steps=("wrong-site", "passphrase-wrong"),
        causes=(proven("wrong-site"), stated("passphrase-wrong")),
        exit=1,
    ),
    Scenario(
        name="stacked environment and wrong secret",
        steps=("wrong-environment", "secret-wrong"),
        causes=(proven("wrong-environment"), likely("secret-wrong")),
        exit=1,
    ),
    Scenario(
        name="stacked time zone and IP",
        steps=("clock-timezone", "ip-not-allowlisted"),
        causes=(proven("clock-timezone"), stated("ip-not-allowlisted")),
        exit=1,
    ),
    Scenario(
        name="stacked clock, site, environment and quotes",
        steps=("clock-drift", "wrong-site", "wrong-environment", "credential-quoted"),
        causes=(
            proven("clock-drift"),
            proven("wrong-site"),
            proven("wrong-environment"),
            proven("credential-quoted"),
        ),
        exit=1,
    ),
    # Seven calls find the four layers, two are kept for the second wave: three are left to take layers back.
    Scenario(
        name="stacked clock, far site, environment and quotes run out of calls for the proofs",
        steps=("clock-drift", account(site="tr"), "wrong-environment", "credential-quoted"),
        causes=(
            proven("clock-drift"),
            proven("wrong-site"),
            proven("wrong-environment"),
            likely("credential-quoted"),
        ),
        exit=1,
    ),
    Scenario(
        name="stacked quoted passphrase and newline in the secret",
        steps=("credential-quoted", "credential-whitespace"),
        causes=(proven("credential-quoted"), proven("credential-whitespace")),
        exit=1,
    ),
    Scenario(
        name="stacked odd hyphen in the key and site",
        steps=("credential-characters", "wrong-site"),
        causes=(proven("credential-characters"), proven("wrong-site")),
        exit=1,
    ),
    Scenario(
        name="stacked quoted key and unknown key",
        steps=(held(KEY, _formed('"{}"')), "api-key-unknown"),
        causes=(proven("credential-quoted"), stated("api-key-unknown")),
        exit=1,
    ),
    Scenario(
        name="stacked placeholder passphrase and site",
        steps=(set_to(PASSPHRASE, "your-passphrase"), "wrong-site"),
        causes=(likely("credentials-placeholder"), proven("wrong-site")),
        exit=1,
    ),
    Scenario(
        name="stacked passphrase case and clock",
        steps=("passphrase-case", "clock-drift"),
        causes=(proven("clock-drift"), proven("passphrase-case")),
        exit=1,
    ),
    Scenario(
        name="stacked clock warning and wrong passphrase",
        steps=(clock(10.0), "passphrase-wrong"),
        causes=(stated("passphrase-wrong"), warned("clock-drift", "likely")),
        exit=1,
    ),
    Scenario(
        name="stacked forbidden withdraw and no binding",
        steps=("withdraw-permission-granted", "api-key-expiring"),
        options=Options(forbid=("withdraw",)),
        causes=(stated("withdraw-permission-granted"), warned("api-key-expiring")),
        exit=1,
    ),
    Scenario(
        name="stacked site and no binding",
        steps=("wrong-site", "api-key-expiring"),
        causes=(proven("wrong-site"), warned("api-key-expiring")),
        exit=1,
    ),
    Scenario(
        name="stacked site and missing permission",
        steps=("wrong-site", "permission-missing"),
        causes=(proven("wrong-site"), stated("permission-missing")),
        exit=1,
    ),
    Scenario(
        name="stacked site and a key without any permission",
        steps=("wrong-site", account(permissions=())),
        causes=(proven("wrong-site"), stated("permission-missing")),
        exit=1,
    ),
    Scenario(
        name="stacked environment and restricted account",
        steps=("wrong-environment", "account-restricted"),
        causes=(proven("wrong-environment"), stated("account-restricted")),
        exit=1,
    ),
    Scenario(
        name="stacked IP hides the environment",
        steps=("ip-not-allowlisted", "wrong-environment"),
        causes=(stated("ip-not-allowlisted"),),
        exit=1,
        open=("wrong-environment",),
    ),
    Scenario(
        name="stacked frozen key hides a wrong secret",
        steps=("api-key-frozen", "secret-wrong"),
        causes=(stated("api-key-frozen"),),
        exit=1,
        open=("secret-wrong",),
    ),
    Scenario(
        name="stacked site and frozen key, which does not prove the site",
        steps=("wrong-site", "api-key-frozen"),
        exit=3,
        open=("wrong-site", "api-key-unknown"),
    ),
    Scenario(
        name="stacked broken signer and wrong secret",
        steps=("signing-broken", "secret-wrong"),
        causes=(proven("signing-broken"),),
        exit=1,
        open=("secret-wrong",),
    ),
    Scenario(
        name="stacked no name and no passphrase",
        steps=("dns-failure", "credentials-missing"),
        causes=(likely("dns-failure"), proven("credentials-missing")),
        exit=1,
    ),
    Scenario(
        name="stacked refused connection and clock",
        steps=("connection-refused", "clock-drift"),
        causes=(likely("connection-refused"), likely("clock-drift")),
        exit=1,
    ),
    Scenario(
        name="stacked edge and placeholder",
        steps=("blocked-by-edge", "credentials-placeholder"),
        causes=(likely("blocked-by-edge"), likely("credentials-placeholder")),
        exit=1,
    ),
    Scenario(
        name="stacked out of service and swapped",
        steps=("exchange-unavailable", "credentials-swapped"),
        causes=(stated("exchange-unavailable"), likely("credentials-swapped")),
        exit=1,
    ),
    Scenario(
        name="stacked out of service and whitespace",
        steps=("exchange-unavailable", "credential-whitespace"),
        causes=(stated("exchange-unavailable"), likely("credential-whitespace")),
        exit=1,
    ),
    Scenario(
        name="stacked out of service and conflict",
        steps=("exchange-unavailable", "credential-sources-conflict"),
        causes=(stated("exchange-unavailable"),),
        exit=3,
        open=("credential-sources-conflict",),
    ),
    Scenario(
        name="stacked certificate, clock and missing passphrase",
        steps=("tls-clock", "credentials-missing"),
        causes=(likely("tls-clock"), proven("credentials-missing"), likely("clock-drift")),
        exit=1,
    ),
    Scenario(
        name="stacked base URL in the file and clock",
        steps=("base-url-invalid", "clock-drift"),
        causes=(proven("base-url-invalid"), proven("clock-drift")),
        exit=1,
    ),
    Scenario(
        name="stacked quoted key and quoted secret",
        steps=(held(KEY, _formed('"{}"')), held(SECRET, _formed('"{}"'))),
        causes=(proven("credential-quoted"),),
        exit=1,
    ),
    Scenario(
        name="stacked quotes around all three",
        steps=tuple(held(name, _formed('"{}"')) for name, _ in _SLOTS),
        causes=(proven("credential-quoted"),),
        exit=1,
    ),
    Scenario(
        name="stacked newlines after all three",
        steps=tuple(held(name, _formed("{}\n")) for name, _ in _SLOTS),
        causes=(proven("credential-whitespace"),),
        exit=1,
    ),
    Scenario(
        name="stacked carriage return and zero-width space in the secret",
        steps=(held(SECRET, _formed("{}\u200b\r\n")),),
        causes=(likely("credential-whitespace"), likely("credential-characters")),
        exit=1,
    ),
    Scenario(
        name="stacked blank outside quotes around the secret",
        steps=(held(SECRET, _formed(' "{}"')),),
        causes=(likely("credential-whitespace"), likely("credential-quoted")),
        exit=1,
    ),
)

ADVERSE: tuple[Scenario, ...] = (
    # A hidden value that OKX refuses at an earlier step is not the one that is meant.
    Scenario(
        name="wrong secret and a stale passphrase in the file",
        steps=("secret-wrong", lined(PASSPHRASE, "'Stale-123456!'")),
        causes=(likely("secret-wrong"),),
        exit=1,
    ),
    Scenario(
        name="wrong passphrase and a deleted key's three values in the file",
        steps=(
            "passphrase-wrong",
            lined(KEY, LONG_AGO),
            lined(SECRET, HEX),
            lined(PASSPHRASE, "'Stale-123456!'"),
        ),
        causes=(stated("passphrase-wrong"),),
        exit=1,
    ),
    Scenario(
        name="wrong secret and a deleted key's three values in the file",
        steps=(
            "secret-wrong",
            lined(KEY, LONG_AGO),
            lined(SECRET, HEX),
            lined(PASSPHRASE, "'Stale-123456!'"),
        ),
        causes=(likely("secret-wrong"),),
        exit=1,
    ),
    Scenario(
        name="wrong passphrase and a deleted key in the file",
        steps=("passphrase-wrong", lined(KEY, LONG_AGO)),
        causes=(stated("passphrase-wrong"),),
        exit=1,
    ),
    Scenario(
        name="unknown key and a malformed one in the file",
        steps=("api-key-unknown", lined(KEY, LONG_AGO[:-2])),
        causes=(stated("api-key-unknown"),),
        exit=1,
    ),
    Scenario(
        name="the file has the right passphrase and a stale secret",
        steps=(lined(PASSPHRASE, "'{}'"), set_to(PASSPHRASE, "Stale-123456!"), lined(SECRET, HEX)),
        causes=(proven("credential-sources-conflict"), likely("secret-wrong")),
        exit=1,
    ),
    Scenario(
        name="unknown key and another unknown one in the file",
        steps=("api-key-unknown", lined(KEY, LONG_AGO)),
        causes=(likely("credential-sources-conflict"), stated("api-key-unknown")),
        exit=1,
    ),
    Scenario(
        name="truncated key and the whole one in the file",
        steps=(lined(KEY, "{}"), "api-key-malformed"),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
    ),
    Scenario(
        name="quoted passphrase and a stale one in the file",
        steps=("credential-quoted", lined(PASSPHRASE, "'Stale-123456!'")),
        causes=(proven("credential-quoted"),),
        exit=1,
    ),
    Scenario(
        name="a placeholder in the environment hides the right key in the file",
        steps=(lined(KEY, "{}"), set_to(KEY, "your-api-key")),
        causes=(likely("credentials-placeholder"), proven("credential-sources-conflict")),
        exit=1,
    ),
    # Two attempts are spent on the quotes; that the file has the right one was never tried.
    Scenario(
        name="stale passphrase in quotes in the environment hides the right one in the file",
        steps=(lined(PASSPHRASE, "'{}'"), set_to(PASSPHRASE, '"Stale-123456!"')),
        causes=(likely("credential-sources-conflict"), likely("credential-quoted")),
        exit=1,
    ),
    Scenario(
        name="stale key in quotes in the environment hides the right one in the file",
        steps=(lined(KEY, "{}"), set_to(KEY, f'"{LONG_AGO}"')),
        causes=(likely("credential-sources-conflict"), likely("credential-quoted")),
        exit=1,
    ),
    Scenario(
        name="stale secret in quotes in the environment hides the right one in the file",
        steps=(lined(SECRET, "{}"), set_to(SECRET, f'"{HEX}"')),
        causes=(proven("credential-sources-conflict"), likely("credential-quoted")),
        exit=1,
    ),
    Scenario(
        name="a deleted key's three values hide the right key with a wrong passphrase",
        steps=(
            lined(KEY, "{}"),
            lined(SECRET, "{}"),
            lined(PASSPHRASE, "'Wrong-123456!'"),
            set_to(KEY, LONG_AGO),
            set_to(SECRET, HEX),
            set_to(PASSPHRASE, "Stale-123456!"),
        ),
        causes=(proven("credential-sources-conflict"), stated("passphrase-wrong")),
        exit=1,
    ),
    Scenario(
        name="clock, site and a stale passphrase that hides the right one",
        steps=("credential-sources-conflict", "clock-drift", "wrong-site"),
        causes=(proven("clock-drift"), proven("wrong-site"), proven("credential-sources-conflict")),
        exit=1,
    ),
    Scenario(
        name="two equals signs before a wrong secret in the file",
        steps=(filed(SECRET, "={}"), "secret-wrong"),
        causes=(likely("env-file-mangled"), likely("secret-wrong")),
        exit=1,
    ),
    Scenario(
        name="two slots mangled and a wrong secret",
        steps=("env-file-mangled", filed(SECRET, "={}"), "secret-wrong"),
        causes=(proven("env-file-mangled"), likely("secret-wrong")),
        exit=1,
    ),
    # What OKX accepts with only another thing corrected is right as it stands.
    Scenario(
        name="passphrase that reads like an example and clock",
        steps=("clock-drift", really(PASSPHRASE, "my-okx-passphrase-1A")),
        causes=(proven("clock-drift"),),
        exit=1,
    ),
    Scenario(
        name="passphrase that reads like an example and site",
        steps=("wrong-site", really(PASSPHRASE, "my-okx-passphrase-1A")),
        causes=(proven("wrong-site"),),
        exit=1,
    ),
    Scenario(
        name="secret and passphrase really are one text and site",
        steps=("wrong-site", really(SECRET, "Abc-123456789!"), really(PASSPHRASE, "Abc-123456789!")),
        causes=(proven("wrong-site"),),
        exit=1,
    ),
    Scenario(
        name="passphrase that really has quotes and environment",
        steps=("wrong-environment", really(PASSPHRASE, '"Abc-123456!"')),
        causes=(proven("wrong-environment"),),
        exit=1,
    ),
    # A secret in a header's slot is not sent, whatever hangs on it.
    Scenario(
        name="swapped secret and passphrase and a zero-width space in the secret",
        steps=(held(SECRET, _formed("{}\u200b")), permuted(**SWAPPED_BACK["secret and passphrase"])),
        causes=(likely("credentials-swapped"), likely("credential-characters")),
        exit=1,
    ),
    Scenario(
        name="swapped secret and key and a byte order mark in the secret",
        steps=(held(SECRET, _formed("\ufeff{}")), permuted(secret="api_key", api_key="secret")),
        causes=(likely("credentials-swapped"), likely("credential-characters")),
        exit=1,
    ),
    Scenario(
        name="swapped secret and passphrase and quotes within quotes",
        steps=(held(SECRET, _formed("'\"{}\"'")), permuted(**SWAPPED_BACK["secret and passphrase"])),
        causes=(likely("credentials-swapped"), likely("credential-quoted")),
        exit=1,
    ),
    Scenario(
        name="swapped secret and passphrase and O for 0 in the secret",
        steps=(
            really(SECRET, HEX),
            set_to(SECRET, HEX.replace("0", "O")),
            permuted(**SWAPPED_BACK["secret and passphrase"]),
        ),
        causes=(likely("credentials-swapped"), likely("credential-characters")),
        exit=1,
    ),
    Scenario(
        name="swapped secret and passphrase and quotes around the secret",
        steps=(held(SECRET, _formed('"{}"')), permuted(**SWAPPED_BACK["secret and passphrase"])),
        causes=(likely("credentials-swapped"), likely("credential-quoted")),
        exit=1,
    ),
    Scenario(
        name="swapped secret and key and a newline after the secret",
        steps=(held(SECRET, _formed("{}\n")), permuted(secret="api_key", api_key="secret")),
        causes=(likely("credentials-swapped"), likely("credential-whitespace")),
        exit=1,
    ),
    Scenario(
        name="swapped key and passphrase and two equals signs before the key in the file",
        steps=(permuted(**SWAPPED_BACK["key and passphrase"]), filed(KEY, "={}")),
        causes=(likely("credentials-swapped"), likely("env-file-mangled")),
        exit=1,
    ),
    Scenario(
        name="swapped key and passphrase, mangled key and site",
        steps=(permuted(**SWAPPED_BACK["key and passphrase"]), filed(KEY, "={}"), "wrong-site"),
        causes=(likely("credentials-swapped"), likely("env-file-mangled"), proven("wrong-site")),
        exit=1,
    ),
    Scenario(
        name="a key without its hyphens looks like a secret and is not sent",
        steps=(held(KEY, lambda text: text.replace("-", "")),),
        causes=(likely("credentials-swapped"),),
        exit=1,
    ),
    Scenario(
        name="a passphrase with 32 hexadecimal digits in it is not sent",
        steps=(really(PASSPHRASE, "Pw-0123456789abcdef0123456789abcdef"),),
        causes=(possible("credentials-swapped"),),
        exit=3,
    ),
    Scenario(
        name="swapped in the environment and right in the file",
        steps=(
            lined(KEY, "{}"),
            lined(SECRET, "{}"),
            lined(PASSPHRASE, "'{}'"),
            permuted(**SWAPPED_BACK["key and passphrase"]),
        ),
        causes=(likely("credentials-swapped"),),
        exit=1,
    ),
    Scenario(
        name="quotes within quotes around the secret",
        steps=(held(SECRET, _formed("'\"{}\"'")),),
        causes=(proven("credential-quoted"),),
        exit=1,
    ),
    Scenario(
        name="a trailing blank and a wrong passphrase",
        steps=(held(PASSPHRASE, _formed("{} ")), "passphrase-wrong"),
        causes=(likely("credential-whitespace"), stated("passphrase-wrong")),
        exit=1,
    ),
    Scenario(
        name="a zero-width space and a wrong secret",
        steps=(held(SECRET, _formed("{}\u200b")), "secret-wrong"),
        causes=(likely("credential-characters"), likely("secret-wrong")),
        exit=1,
    ),
    Scenario(
        name="quotes around a malformed key",
        steps=("api-key-malformed", held(KEY, _formed('"{}"'))),
        causes=(likely("credential-quoted"), stated("api-key-malformed")),
        exit=1,
    ),
    Scenario(
        name="mangled key that no site knows",
        steps=("api-key-unknown", filed(KEY, "={}")),
        causes=(proven("env-file-mangled"), stated("api-key-unknown")),
        exit=1,
    ),
    Scenario(
        name="no secret, and the passphrase looks like one",
        steps=(lambda bench: set_to(PASSPHRASE, bench.environ[SECRET])(bench), without(SECRET)),
        causes=(proven("credentials-missing"), possible("credentials-swapped")),
        exit=1,
    ),
    Scenario(
        name="wrong passphrase hides a wrong secret",
        steps=("passphrase-wrong", "secret-wrong"),
        causes=(stated("passphrase-wrong"),),
        exit=1,
        open=("secret-wrong",),
    ),
    Scenario(
        name="lower-case passphrase that no other case puts right, with --try-case",
        steps=(really(PASSPHRASE, "mixedCASE-123!"), set_to(PASSPHRASE, "mixedcase-123!")),
        options=Options(try_case=True),
        causes=(stated("passphrase-wrong"), warned("passphrase-case-suspect", "possible")),
        exit=1,
    ),
    Scenario(
        name="OKX says 50102 and nothing else tells the time",
        steps=(planned(ntp="silent", clock_offset=45.0), fault(Fault.EDGE_BLOCK, "*", TIME)),
        causes=(likely("blocked-by-edge"), likely("clock-drift")),
        exit=1,
    ),
    Scenario(
        name="removed header and clock",
        steps=("header-missing", "clock-drift"),
        causes=(stated("header-missing"), likely("clock-drift")),
        exit=1,
    ),
    Scenario(
        name="no name and a lower-case passphrase",
        steps=("dns-failure", really(PASSPHRASE, "alllowercase1!")),
        causes=(likely("dns-failure"), warned("passphrase-case-suspect", "possible")),
        exit=3,
    ),
    Scenario(
        name="quotes around the passphrase with --try-case",
        steps=("credential-quoted",),
        options=Options(try_case=True),
        causes=(proven("credential-quoted"),),
        exit=1,
    ),
)

CHOSEN: tuple[Scenario, ...] = (
    Scenario(name="offline healthy", options=Options(offline=True)),
    Scenario(name="offline and a clock 45 s off", steps=("clock-drift",), options=Options(offline=True)),
    Scenario(name="offline and a wrong passphrase", steps=("passphrase-wrong",), options=Options(offline=True)),
    Scenario(
        name="offline and no passphrase",
        steps=("credentials-missing",),
        options=Options(offline=True),
        causes=(proven("credentials-missing"),),
        exit=1,
    ),
    *(
        Scenario(
            name=f"offline and {cause}",
            steps=(cause,),
            options=Options(offline=True),
            causes=(likely(cause),),
            exit=1,
        )
        for cause in (
            "credentials-placeholder",
            "credentials-swapped",
            "credential-whitespace",
            "credential-quoted",
            "credential-characters",
            "env-file-mangled",
            "passphrase-as-secret",
            "api-key-as-secret",
        )
    ),
    Scenario(
        name="offline and two sources",
        steps=("credential-sources-conflict",),
        options=Options(offline=True),
        open=("credential-sources-conflict",),
    ),
    Scenario(
        name="offline and a lower-case passphrase",
        steps=("passphrase-case-suspect",),
        options=Options(offline=True),
        causes=(warned("passphrase-case-suspect", "possible"),),
    ),
    Scenario(
        name="offline and a broken signer",
        steps=("signing-broken",),
        options=Options(offline=True),
        causes=(proven("signing-broken"),),
        exit=1,
    ),
    Scenario(
        name="offline and a bad base URL in the file",
        steps=("base-url-invalid",),
        options=Options(offline=True),
        causes=(proven("base-url-invalid"),),
        exit=3,
    ),
    Scenario(
        name="only clock, which is 45 s off",
        steps=("clock-drift", "passphrase-wrong"),
        options=Options(only=("clock",)),
        causes=(likely("clock-drift"),),
        exit=1,
    ),
    Scenario(name="only clock, which is right", steps=("passphrase-wrong",), options=Options(only=("clock",))),
    Scenario(
        name="only clock.ntp and the clock 45 s off",
        steps=("clock-drift",),
        options=Options(only=("clock.ntp",)),
        causes=(likely("clock-drift"),),
        exit=1,
    ),
    Scenario(
        name="only clock.ntp and the time server silent",
        steps=(planned(ntp="silent"),),
        options=Options(only=("clock.ntp",)),
        exit=3,
        open=("clock-drift",),
    ),
    Scenario(
        name="only clock and the time server silent",
        steps=(planned(ntp="silent"),),
        options=Options(only=("clock",)),
    ),
    Scenario(
        name="only credentials and a wrong passphrase",
        steps=("passphrase-wrong",),
        options=Options(only=("credentials",)),
    ),
    Scenario(
        name="only credentials and none",
        steps=(without(KEY, SECRET, PASSPHRASE),),
        options=Options(only=("credentials",)),
        causes=(proven("credentials-missing"),),
        exit=1,
    ),
    Scenario(
        name="only signed.config and a wrong secret",
        steps=("secret-wrong",),
        options=Options(only=("signed.config",)),
        causes=(likely("secret-wrong"),),
        exit=1,
    ),
    Scenario(
        name="only key.binding and no binding",
        steps=("api-key-expiring",),
        options=Options(only=("key.binding",)),
        causes=(warned("api-key-expiring"),),
    ),
    Scenario(
        name="only network and the exchange out of service",
        steps=("exchange-unavailable",),
        options=Options(only=("network",)),
        causes=(stated("exchange-unavailable"),),
        exit=3,
    ),
    Scenario(
        name="skip signed and a wrong passphrase",
        steps=("passphrase-wrong",),
        options=Options(skip=("signed",)),
    ),
    Scenario(
        name="skip clock and the clock 45 s off",
        steps=("clock-drift",),
        options=Options(skip=("clock",)),
        causes=(proven("clock-drift"),),
        exit=1,
    ),
    Scenario(
        name="skip clock.ntp and the clock 45 s off",
        steps=("clock-drift",),
        options=Options(skip=("clock.ntp",)),
        causes=(proven("clock-drift"),),
        exit=1,
    ),
    Scenario(
        name="skip network.connection",
        options=Options(skip=("network.connection",)),
    ),
    Scenario(name="skip network.resolution", options=Options(skip=("network.resolution",))),
    Scenario(
        name="skip network and the connection refused",
        steps=("connection-refused",),
        options=Options(skip=("network",)),
        causes=(likely("connection-refused"),),
        exit=3,
    ),
    Scenario(
        name="skip target and a permission missing",
        steps=("permission-missing",),
        options=Options(skip=("target",)),
        causes=(stated("permission-missing"),),
        exit=1,
    ),
    Scenario(
        name="skip target and a forbidden withdraw",
        steps=("withdraw-permission-granted",),
        options=Options(skip=("target",), forbid=("withdraw",)),
        causes=(stated("withdraw-permission-granted"),),
        exit=1,
    ),
    Scenario(
        name="only key and the address not allowed",
        steps=("ip-not-allowlisted",),
        options=Options(only=("key",)),
        causes=(stated("ip-not-allowlisted"),),
        exit=1,
    ),
    Scenario(name="only websocket", options=Options(only=("websocket",), websocket=True)),
    Scenario(
        name="skip signature.vectors and a wrong secret",
        steps=("secret-wrong",),
        options=Options(skip=("signature.vectors",)),
        causes=(likely("secret-wrong"),),
        exit=1,
    ),
    Scenario(
        name="skip key and a key that may withdraw",
        steps=("withdraw-permission-granted",),
        options=Options(skip=("key",)),
    ),
    Scenario(
        name="skip credentials.presence and no passphrase",
        steps=("credentials-missing",),
        options=Options(skip=("credentials.presence",)),
        exit=3,
    ),
    *(
        Scenario(
            name=f"skip credentials.shape and swapped {what}",
            steps=(permuted(**holds),),
            options=Options(skip=("credentials.shape",)),
            causes=(likely("credentials-swapped"),),
            exit=1,
        )
        for what, holds in SWAPPED_BACK.items()
    ),
    Scenario(
        name="skip credentials and swapped secret and passphrase",
        steps=(permuted(**SWAPPED_BACK["secret and passphrase"]),),
        options=Options(skip=("credentials",)),
        causes=(likely("credentials-swapped"),),
        exit=1,
    ),
    Scenario(
        name="skip credentials.shape and a quoted passphrase",
        steps=("credential-quoted",),
        options=Options(skip=("credentials.shape",)),
        causes=(proven("credential-quoted"),),
        exit=1,
    ),
    Scenario(
        name="skip credentials.source and a mangled passphrase",
        steps=("env-file-mangled",),
        options=Options(skip=("credentials.source",)),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="skip credentials.source and two sources",
        steps=("credential-sources-conflict",),
        options=Options(skip=("credentials.source",)),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
    ),
)

GRID: tuple[Scenario, ...] = (
    *ALONE,
    *TWINS,
    *TIME_VARIATIONS,
    *KEY_VARIATIONS,
    *VALUE_VARIATIONS,
    *SOURCE_VARIATIONS,
    *FAULT_VARIATIONS,
    *STACKED,
    *ADVERSE,
    *CHOSEN,
)
