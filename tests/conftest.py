"""No test reads this machine's OKX settings, and none reaches another machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings

from okx_doctor.protocol.sites import is_loopback

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def shut_off(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Clear OKX and proxy variables; connecting or resolving beyond loopback fails the test.

    A test that wants another ``getaddrinfo`` stages its own.
    """
    if request.node.get_closest_marker("live"):
        yield
        return
    for name in tuple(os.environ):
        if name.upper().startswith(("OKX_", "OKEX_", "OK_ACCESS_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    strays: list[str] = []

    def watch(real: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                _stop_strays(address[0], strays)
            return real(self, address)

        return connect

    real_lookup = socket.getaddrinfo

    def lookup(host: Any, *rest: Any, **options: Any) -> Any:
        _stop_strays(host, strays)
        return real_lookup(host, *rest, **options)

    monkeypatch.setattr(socket.socket, "connect", watch(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", watch(socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    yield
    if strays:
        pytest.fail(f"this test tried to leave the machine: {', '.join(strays)}")


def _stop_strays(host: object, strays: list[str]) -> None:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "localhost")
    if not is_loopback(name) and name not in ("0.0.0.0", "::"):
        strays.append(name)
        raise socket.gaierror(socket.EAI_NONAME, "no test leaves this machine")
