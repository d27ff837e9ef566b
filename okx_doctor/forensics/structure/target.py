"""Where the request goes: host and path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.findings import Finding, likely, possible
from okx_doctor.protocol import web3
from okx_doctor.protocol.sites import NOT_API_HOSTS, retired_port

_RETIRED: Final = re.compile(r"/api/(?:v[1-4]/|\w+/v[1-4]/|v[1-4]$)")
_UNKNOWN_HOSTS: Final = ("aws.okx.com", "api.okx.com")


@lru_cache(maxsize=64)
def _host(origin: str) -> str:
    return re.sub(r"^\w+://([^/:?#@]*@)?([^/:?#]*).*", r"\2", origin).lower()


def findings(capture: Capture) -> Iterator[Finding]:
    """Causes about host and path."""
    host = _host(capture.origin)
    if retired := retired_port(capture.origin):
        yield likely(
            "websocket-port-retired",
            f"it goes to port {retired.port}, which OKX closed on {retired.retired}; the port is {retired.instead} now",
        )
    if host == web3.HOST or web3.is_web3_path(capture.request.path) or capture.request.header(web3.PROJECT_HEADER):
        seen = [f"the host is {host}"] if host == web3.HOST else []
        seen += ["the path is one of OKX's Web3 product"] if web3.is_web3_path(capture.request.path) else []
        seen += [f"{web3.PROJECT_HEADER} is sent"] if capture.request.header(web3.PROJECT_HEADER) else []
        yield likely("web3-key", *seen)
    if capture.channel == "rest" and host in NOT_API_HOSTS:
        yield likely("host-not-api", f"the request goes to {host}: {NOT_API_HOSTS[host]}")
    elif host in _UNKNOWN_HOSTS:
        yield possible("host-not-api", f"the request goes to {host}, which the documentation of 2026 does not name")
    if found := _RETIRED.match(capture.request.path):
        yield likely("api-version-retired", f"the path begins with {found.group()}; only /api/v5/ is served")
