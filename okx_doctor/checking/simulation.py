"""``check --simulate``: a whole run against an embedded exchange, healthy or with one named fault staged.

A bench is a value; staging a fault is a function from bench to bench, so faults stack by being applied in turn.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from okx_doctor.checking.run import RunInputs, examine
from okx_doctor.checking.runner import Observer
from okx_doctor.credentials.dialects import DEFAULT, Dialect
from okx_doctor.credentials.documents import forms
from okx_doctor.credentials.env_file import parse_env_file
from okx_doctor.credentials.load import Credentials, load_credentials
from okx_doctor.credentials.places import Place
from okx_doctor.credentials.variables import SITES_VARIABLE
from okx_doctor.gate.accounts import Account, generate, variables
from okx_doctor.gate.api.faults import Fault
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.model import Report
from okx_doctor.observations import FileExposure
from okx_doctor.protocol.signing import PASSPHRASE_HEADER
from okx_doctor.protocol.sites import RETIRED_PORTS
from okx_doctor.protocol.vectors import Vector, good_vectors
from okx_doctor.protocol.web3 import PROJECT_VARIABLES
from okx_doctor.secrets.secret import Secret, shows_only
from okx_doctor.settings import Options, UsageError, known_ids, settle

HOME_ADDRESS: Final = "127.0.0.1"
FOREIGN_ADDRESS: Final = "203.0.113.7"  # RFC 5737, for documentation


@shows_only("account", "profile", "exposure", "dialect", "plan", "address", "proxied", "require")
class Bench(Struct, frozen=True, kw_only=True):
    """An exchange and a user beside it: what OKX knows (``account``) and what the user has (``environ``, files).

    ``document`` is a file of credentials in another form, by its name; ``exposure`` how open to others any file is.
    """

    account: Account
    environ: Mapping[str, str]
    env_file: str = ""
    document: str = ""
    document_name: str = ""
    profile: str | None = None
    exposure: FileExposure | None = None
    dialect: Dialect = DEFAULT
    plan: Plan = field(default_factory=lambda: Plan(ntp="answers"))
    address: Literal["exchange", "closed port", "no such name"] = "exchange"
    proxied: bool = False
    vectors: tuple[Vector, ...] = ()
    require: tuple[str, ...] = ()
    try_case: bool = False
    timeout: float | None = None
    facts_confirmed: str = ""


Stage = Callable[[Bench], Bench]


def healthy() -> Bench:
    """A live account on the global site, bound to this machine's address, with everything in order."""
    account = generate(ip_allowlist=(HOME_ADDRESS,))
    return Bench(account=account, environ=variables(account))


def simulate(
    options: Options, causes: Sequence[str] = (), observer: Observer = lambda run: None
) -> tuple[Report, Credentials]:
    """Run ``check`` on a bench with these causes staged. Raises ``UsageError`` for what cannot be staged or asked."""
    known_ids(causes, tuple(STAGES), "cause to simulate")
    settle(options, {}, ())
    bench = healthy()
    for number, cause in enumerate(causes):
        try:
            bench = STAGES[cause](bench)
        except KeyError:
            raise UsageError(f"{cause} cannot be staged after {', '.join(causes[:number])}") from None
    return run_bench(bench, options, observer)


def run_bench(bench: Bench, options: Options, observer: Observer = lambda run: None) -> tuple[Report, Credentials]:
    """Start the bench's exchange and check against it, with the options that make sense there."""
    plan = replace(bench.plan, accounts=(bench.account,), websocket=options.websocket)
    with Exchange(plan) as exchange:
        places: tuple[Place, ...] = ()
        if bench.env_file:
            places = (parse_env_file(bench.env_file, ".env", dialect=bench.dialect),)
        if bench.document:
            places = (forms.read(bench.document, bench.document_name, bench.profile, bench.environ), *places)
        environ = {**bench.environ, SITES_VARIABLE: ",".join(f"{site.id}={site.rest[0]}" for site in exchange.sites)}
        around = RunInputs(
            environ=environ,
            places=places,
            file_exposure=lambda file, seconds: bench.exposure and replace(bench.exposure, file=file),
            sites=exchange.sites,
            extra_ca=exchange.ca_pem,
            proxy=_closed_port() if bench.proxied else None,
            vectors=bench.vectors or good_vectors(),
            facts_confirmed=bench.facts_confirmed,
            diallers=lambda command, port: (),
        )
        settled = replace(
            options,
            site=None,
            base_url=_base_url(bench),
            ntp=(exchange.ntp,),
            require=options.require or bench.require,
            try_case=options.try_case or bench.try_case,
            timeout=min(bench.timeout or options.timeout, options.timeout),
        )
        return examine(settled, around, observer=observer), load_credentials(environ, places)


def _base_url(bench: Bench) -> str | None:
    match bench.address:
        case "exchange":
            return None
        case "closed port":
            return _closed_port()
        case "no such name":
            return "https://exchange.invalid"


def _closed_port() -> str:
    with socket.socket() as listening:
        listening.bind((HOME_ADDRESS, 0))
        return f"http://{HOME_ADDRESS}:{listening.getsockname()[1]}"


def _change_plan(change: Callable[[Plan], Plan]) -> Stage:
    return lambda bench: replace(bench, plan=change(bench.plan))


def _account(change: Callable[[Account], Account]) -> Stage:
    return lambda bench: replace(bench, account=change(bench.account))


def _faulty(fault: Fault) -> Stage:
    return _change_plan(lambda plan: replace(plan, faults=(("*", fault),)))


def _set(name: str, change: Callable[[str], str]) -> Stage:
    return lambda bench: replace(bench, environ={**bench.environ, name: change(bench.environ[name])})


def _missing(bench: Bench) -> Bench:
    return replace(bench, environ={name: text for name, text in bench.environ.items() if name != "OKX_PASSPHRASE"})


def _swapped(bench: Bench) -> Bench:
    key, secret = bench.environ["OKX_API_KEY"], bench.environ["OKX_SECRET_KEY"]
    return replace(bench, environ={**bench.environ, "OKX_API_KEY": secret, "OKX_SECRET_KEY": key})


def _unquoted(end: str) -> Stage:
    """The passphrase ends so and is unquoted in an env file."""

    def stage(bench: Bench) -> Bench:
        environ = dict(bench.environ)
        passphrase = environ.pop("OKX_PASSPHRASE") + end
        return replace(
            bench,
            environ=environ,
            env_file=bench.env_file + f"OKX_PASSPHRASE={passphrase}\n",
            account=replace(bench.account, passphrase=Secret(passphrase)),
        )

    return stage


def _conflict(bench: Bench) -> Bench:
    """The shell still holds the passphrase of an older key; the env file has the right one."""
    right = bench.environ["OKX_PASSPHRASE"]
    return replace(
        bench,
        environ={**bench.environ, "OKX_PASSPHRASE": variables(generate())["OKX_PASSPHRASE"]},
        env_file=bench.env_file + f"OKX_PASSPHRASE='{right}'\n",
    )


def _case(bench: Bench) -> Bench:
    right = bench.account.passphrase.changed(str.swapcase)
    return replace(bench, account=replace(bench.account, passphrase=right), try_case=True)


def _case_suspect(bench: Bench) -> Bench:
    """All lower case as the user has it, while the account's has another letter in upper case."""
    typed = "a" + bench.environ["OKX_PASSPHRASE"].lower()
    right = typed[0] + typed[1:].swapcase()
    return replace(
        bench,
        environ={**bench.environ, "OKX_PASSPHRASE": typed},
        account=replace(bench.account, passphrase=Secret(right)),
    )


def _short_passphrase(bench: Bench) -> Bench:
    """A passphrase with a ``$`` in it, as a shell cuts it."""
    whole = bench.environ["OKX_PASSPHRASE"]
    return replace(bench, environ={**bench.environ, "OKX_PASSPHRASE": whole[:2]})


def _copy(source: str, target: str) -> Stage:
    return lambda bench: replace(bench, environ={**bench.environ, target: bench.environ[source]})


def _broken_signer(bench: Bench) -> Bench:
    """One published vector whose signature is another's: as a machine would see it whose HMAC is broken."""
    first, second, *rest = good_vectors()
    return replace(bench, vectors=(replace(first, signature=second.signature), second, *rest))


def _exposed(bench: Bench) -> Bench:
    """The passphrase is in an env file that every user can read and git tracks."""
    environ = dict(bench.environ)
    line = f"OKX_PASSPHRASE={environ.pop('OKX_PASSPHRASE')}\n"
    exposure = FileExposure(file=".env", mode="0644", readers="everyone", git="tracked")
    return replace(bench, environ=environ, env_file=bench.env_file + line, exposure=exposure)


def _reused(bench: Bench) -> Bench:
    """Two profiles of OKX's own command line, of two keys with one passphrase."""
    keys = {"live": bench.environ["OKX_API_KEY"], "demo": generate().api_key}
    secrets = {"live": bench.environ["OKX_SECRET_KEY"], "demo": variables(generate())["OKX_SECRET_KEY"]}
    lines = [
        f"[profiles.{name}]\napi_key = '{keys[name]}'\nsecret_key = '{secrets[name]}'\n"
        f"passphrase = {json.dumps(bench.environ['OKX_PASSPHRASE'])}\n"
        for name in keys
    ]
    return replace(bench, environ={}, document="".join(lines), document_name="~/.okx/config.toml", profile="live")


_PEM: Final = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END PRIVATE KEY-----"


def _web3(bench: Bench) -> Bench:
    """A key of the Web3 product, with its project id, as that product's guides name the variables."""
    stranger = STAGES["api-key-unknown"](bench)
    return replace(stranger, environ={**stranger.environ, PROJECT_VARIABLES[0]: generate().api_key.replace("-", "")})


STAGES: Final[Mapping[str, Stage]] = {
    "host-not-api": _faulty(Fault.REDIRECT),
    "websocket-port-retired": lambda bench: replace(
        bench, environ={**bench.environ, "OKX_WS_URL": f"wss://ws.okx.com:{RETIRED_PORTS[-1].port}/ws/v5/private"}
    ),
    "base-url-invalid": lambda bench: replace(
        bench, env_file=bench.env_file + "OKX_API_BASE_URL=`https://www.okx.com`\n"
    ),
    "dns-failure": lambda bench: replace(bench, address="no such name", timeout=3.0),
    "proxy-failure": lambda bench: replace(bench, proxied=True),
    "connection-refused": lambda bench: replace(bench, address="closed port"),
    "connection-timeout": lambda bench: replace(_faulty(Fault.HANG)(bench), timeout=2.0),
    "tls-untrusted": _change_plan(lambda plan: replace(plan, tls="unknown-issuer")),
    "blocked-by-edge": _faulty(Fault.EDGE_BLOCK),
    "rate-limited": _faulty(Fault.RATE_LIMITED),
    "exchange-unavailable": _faulty(Fault.UNAVAILABLE),
    "header-missing": _change_plan(lambda plan: replace(plan, stripped=(PASSPHRASE_HEADER,))),
    "tls-clock": _change_plan(lambda plan: replace(plan, tls="not-yet-valid", clock_offset=2 * 86_400.0 + 417.0)),
    "clock-timezone": _change_plan(lambda plan: replace(plan, clock_offset=-8 * 3600.0)),
    "clock-drift": _change_plan(lambda plan: replace(plan, clock_offset=45.0)),
    "credentials-missing": _missing,
    "credentials-placeholder": _set("OKX_API_KEY", lambda _: "your-api-key-here"),
    "template-not-filled": _set("OKX_API_KEY", lambda _: "${TRADING_KEY}"),
    "credentials-swapped": _swapped,
    "env-file-mangled": _unquoted(" #7"),
    "env-file-dialects": _unquoted("#7"),  # Node would cut it at the #
    "credential-sources-conflict": _conflict,
    "credential-whitespace": _set("OKX_SECRET_KEY", lambda text: text + "\n"),
    "credential-quoted": _set("OKX_PASSPHRASE", lambda text: f'"{text}"'),
    "credential-characters": _set("OKX_API_KEY", lambda text: text.replace("-", "\u2011")),
    "api-key-malformed": _set("OKX_API_KEY", lambda text: text[:-2]),
    "wrong-site": _account(lambda account: replace(account, site="eea")),
    "api-key-unknown": _account(lambda account: replace(account, api_key=generate().api_key)),
    "api-key-frozen": _account(lambda account: replace(account, state="frozen")),
    "ip-not-allowlisted": _account(lambda account: replace(account, ip_allowlist=(FOREIGN_ADDRESS,))),
    "wrong-environment": _account(lambda account: replace(account, demo=True)),
    "passphrase-case": _case,
    "passphrase-wrong": _account(lambda account: replace(account, passphrase=generate().passphrase)),
    "secret-wrong": _account(lambda account: replace(account, secret=generate().secret)),
    "passphrase-as-secret": _copy("OKX_PASSPHRASE", "OKX_SECRET_KEY"),
    "api-key-as-secret": _copy("OKX_API_KEY", "OKX_SECRET_KEY"),
    "signing-broken": _broken_signer,
    "permission-missing": lambda bench: replace(
        bench, account=replace(bench.account, permissions=("read_only",)), require=("trade",)
    ),
    "account-restricted": _account(lambda account: replace(account, state="restricted")),
    "withdraw-permission-granted": _account(
        lambda account: replace(account, permissions=("read_only", "trade", "withdraw"))
    ),
    "api-key-expiring": _account(lambda account: replace(account, ip_allowlist=())),
    "passphrase-case-suspect": _case_suspect,
    "credentials-exposed": _exposed,
    "passphrase-reused": _reused,
    "web3-key": _web3,
    "permission-market": _faulty(Fault.OTHER_MARKET),
    "secret-not-hmac": _set("OKX_SECRET_KEY", lambda _: _PEM),
    "secret-malformed": _set("OKX_SECRET_KEY", lambda text: text[:-1]),
    "passphrase-form": _short_passphrase,
    "facts-old": lambda bench: replace(bench, facts_confirmed="2026-01-01"),
}
"""Every cause that a simulation can stage."""
