"""Who may come in: what a page in a browser can make a browser send to a loopback port is turned away.

DNS rebinding is seen by the ``Host`` header, a cross-site request by ``Origin`` or ``Sec-Fetch-Site``. Imports
``okx_doctor.protocol`` and the standard library.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import urlsplit

from okx_doctor.protocol import sites
from okx_doctor.protocol.wire import Manner, WireRequest

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?", re.ASCII)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)", re.ASCII)


def rejection_reason(request: WireRequest, allowed: frozenset[str]) -> str:
    """Why a request is turned away; ``""`` where nothing speaks against it.

    ``allowed`` are further names, in lower case, by which the listener may be called. An IP address as such cannot
    be rebound, and neither can a host that is OKX's own.
    """
    absolute = "" if request.target.startswith("/") else request.target
    return _rejection_reason(request.manner, absolute, allowed)


@lru_cache(maxsize=64)
def _rejection_reason(manner: Manner, target: str, allowed: frozenset[str]) -> str:
    """The same; ``target`` is one in absolute form."""
    hosts = manner.all("host")
    host = _name(hosts[0].strip()) if len(hosts) == 1 else ""
    if not host or not _is_known(host, allowed):
        return "its Host header names neither this listener nor OKX"
    absolute = _ABSOLUTE.match(target)
    if absolute and not _is_known(_name(absolute.group(1)), allowed):
        return "its target names neither this listener nor OKX"
    if not all(_is_ours(_origin_name(origin.strip()), allowed) for origin in manner.all("origin")):
        return "its Origin header says that a web page of another site sent it"
    if not {value.strip().lower() for value in manner.all("sec-fetch-site")} <= {"none", "same-origin"}:
        return "its Sec-Fetch-Site header says that a web page of another site sent it"
    return ""


def _name(host: str) -> str:
    found = _HOST.fullmatch(host)
    return found.group(1).strip("[]").lower().rstrip(".") if found else ""


def _origin_name(origin: str) -> str:
    try:
        parts = urlsplit(origin)
        return (parts.hostname or "").lower().rstrip(".") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _is_known(name: str, allowed: frozenset[str]) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return _is_ours(name, allowed)
    return True


def _is_ours(name: str, allowed: frozenset[str]) -> bool:
    if sites.is_loopback(name) or name.endswith(".localhost") or name in allowed:
        return True
    return name in sites.hosts()
