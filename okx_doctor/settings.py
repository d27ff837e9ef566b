"""Settles what a run is asked to do from options, environment and env files, before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from okx_doctor.catalogue.meant import meant
from okx_doctor.credentials.beside import demo_of, demo_word, of_environment
from okx_doctor.credentials.places import Place
from okx_doctor.credentials.variables import (
    BASE_URL_VARIABLE,
    DEMO_VARIABLES,
    NTP_VARIABLE,
    SITE_VARIABLE,
    SITES_VARIABLE,
)
from okx_doctor.observations import Target
from okx_doctor.protocol.sites import (
    NOT_API_HOSTS,
    SITE_IDS,
    SITES,
    NoUrl,
    Site,
    check_base_url,
    is_host,
    is_official,
    parse_sites,
    socket_form,
)

DEFAULT_NTP: Final = ("time.cloudflare.com", "time.google.com", "pool.ntp.org")
DEFAULT_TIMEOUT: Final = 10.0
PERMISSIONS: Final = ("read", "trade", "withdraw")


class UsageError(ValueError):
    """A run that cannot be started as asked; the text is one line that says what, where and what to do."""


class Options(Struct, frozen=True, kw_only=True):
    """The caller's options; ``None`` and empty mean: not given."""

    site: str | None = None
    base_url: str | None = None
    demo: bool | None = None
    ntp: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    websocket: bool = False
    offline: bool = False
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    try_case: bool = False
    timeout: float = DEFAULT_TIMEOUT
    label: str = ""


class Settings(Struct, frozen=True, kw_only=True):
    """The settled run. ``ntp_servers`` maps each server as it was named to its host and port."""

    target: Target
    sites: tuple[Site, ...]
    websocket_url: str
    ntp_servers: Mapping[str, tuple[str, int]]


def settle(options: Options, environ: Mapping[str, str], files: Sequence[Place]) -> Settings:
    """Decide site, base URL, environment and time servers. Raises ``UsageError``.

    Options win over the environment, which wins over env files. A file's base URL is followed only where it
    is an official one: a file must not be able to send credentials elsewhere.
    """
    sites = sites_in_force(environ)
    base_url, site_id, file_fault, file_ignored = _base_url(options, environ, files, sites)
    home = next((site for site in sites if base_url in site.rest and site_id in (site.id, "custom")), None)
    home = home or next((site for site in sites if base_url in site.rest), None)
    same_host = {site.id for site in sites if home and set(site.rest) & set(home.rest)}
    host = urlsplit(base_url).hostname or ""
    target = Target(
        site=home.id if home else "custom",
        base_url=base_url,
        demo=_demo(options, environ, files),
        official=home is not None,
        other_sites=tuple(site.id for site in sites if site.id not in same_host) if home else (),
        offline=options.offline,
        require=options.require,
        forbid=options.forbid,
        not_api_reason=_not_api(host),
        file_url_fault=str(file_fault or ""),
        file_url_hopeless=isinstance(file_fault, NoUrl),
        file_url_ignored=file_ignored,
        file_url_place=_place(files, BASE_URL_VARIABLE) if file_fault or file_ignored else "",
    )
    return Settings(
        target=target,
        sites=sites,
        websocket_url=socket_form(base_url) if home is None else "",
        ntp_servers=_ntp(options, environ),
    )


def known_ids(wanted: Sequence[str], known: Collection[str], what: str) -> None:
    """Raise ``UsageError`` for an id that does not exist, naming the nearest one."""
    for name in wanted:
        if name not in known:
            raise UsageError(f"there is no {what} {name!r}; {_hint(name, known)}")


def _hint(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    near = [found] if (found := meant(name, known)) else get_close_matches(name, known, 1, 0.5)
    return f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}"


def sites_in_force(environ: Mapping[str, str]) -> tuple[Site, ...]:
    """OKX's own sites, or those that ``OKX_DOCTOR_SITES`` names. Raises ``UsageError``."""
    text = environ.get(SITES_VARIABLE, "")
    if not text.strip():
        return SITES
    try:
        return parse_sites(text)
    except ValueError as error:
        raise UsageError(f"{SITES_VARIABLE}: {error}") from None


def _base_url(
    options: Options, environ: Mapping[str, str], files: Sequence[Place], sites: Sequence[Site]
) -> tuple[str, str, ValueError | None, str]:
    """(base URL, site id or "custom", what is wrong with a file's URL, a file's URL that was not followed)."""
    if options.site is not None:
        known_ids((options.site,), SITE_IDS, "site")
    if options.base_url is not None:
        return _check_url(options.base_url, "--base-url"), options.site or "custom", None, ""
    if options.site is not None:
        return _of_site(options.site, sites, "--site"), options.site, None, ""
    if environ.get(BASE_URL_VARIABLE):
        return _check_url(environ[BASE_URL_VARIABLE], BASE_URL_VARIABLE), "custom", None, ""
    if environ.get(SITE_VARIABLE):
        name = environ[SITE_VARIABLE].strip().lower()
        return _of_site(name, sites, SITE_VARIABLE), name, None, ""
    fault: ValueError | None = None
    ignored = ""
    written = _from_files(files, BASE_URL_VARIABLE)
    if written:
        try:
            url = check_base_url(written)
        except ValueError as error:
            fault = error
        else:
            if is_official(url) and any(url in site.rest for site in sites):
                return url, "custom", None, ""
            ignored = url
    name = (_from_files(files, SITE_VARIABLE) or "").strip().lower()
    if name:
        return _of_site(name, sites, SITE_VARIABLE), name, fault, ignored
    first = next((site for site in sites if site.id == "global"), sites[0])
    return first.rest[0], first.id, fault, ignored


def _check_url(text: str, where: str) -> str:
    try:
        return check_base_url(text)
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None


def _of_site(name: str, sites: Sequence[Site], where: str) -> str:
    if name not in SITE_IDS:  # not quoted: in a file a credential may well be on the wrong line
        raise UsageError(f"{where} names no site of OKX's; {_hint(name, SITE_IDS)}")
    for site in sites:
        if site.id == name:
            return site.rest[0]
    raise UsageError(f"{where}: {SITES_VARIABLE} does not name the site {name!r}")


def _demo(options: Options, environ: Mapping[str, str], files: Sequence[Place]) -> bool:
    if options.demo is not None:
        return options.demo
    freqtrade = demo_of(of_environment(environ))
    lookups = (
        lambda name: environ.get(name, "") or (freqtrade if name == DEMO_VARIABLES[0] else ""),
        *(file.setting for file in files),
    )
    for look_up in lookups:
        for name in DEMO_VARIABLES:
            text = look_up(name)
            if (said := demo_word(text)) is not None:
                return said
            if text.strip():
                raise UsageError(f"{name} is neither 1 (demo) nor 0 (live)")
    return False


def _ntp(options: Options, environ: Mapping[str, str]) -> dict[str, tuple[str, int]]:
    named = options.ntp or tuple(environ.get(NTP_VARIABLE, "").replace(",", " ").split()) or DEFAULT_NTP
    servers: dict[str, tuple[str, int]] = {}
    for server in named:
        try:
            servers[server] = split_server(server)
        except ValueError:
            raise UsageError(f"{server!r} is no time server; write HOST or HOST:PORT") from None
    return servers


def split_server(server: str) -> tuple[str, int]:
    """Host and port of ``HOST``, ``HOST:PORT`` or ``[IPv6]:PORT``. Raises ``ValueError`` for anything else."""
    parts = urlsplit(f"//{server}" if server.count(":") < 2 or "[" in server else f"//[{server}]")
    bare = not (parts.path or parts.query or parts.fragment or parts.username is not None)
    if not bare or parts.port == 0 or not is_host(parts.hostname or ""):
        raise ValueError("no server")
    return parts.hostname or "", parts.port or 123


def _from_files(files: Sequence[Place], name: str) -> str:
    return next((value for file in files if (value := file.setting(name))), "")


def _place(files: Sequence[Place], name: str) -> str:
    return next(file.label for file in files if file.setting(name))


def _not_api(host: str) -> str:
    if host in NOT_API_HOSTS:
        return NOT_API_HOSTS[host]
    return NOT_API_HOSTS["okex.com"] if host.endswith(".okex.com") else ""
