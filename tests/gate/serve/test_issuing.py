"""A certificate that is made beside: served with as any other, whoever makes it in the end."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from okx_doctor.gate.serve.certificates import Issued, Made, Validity, make
from okx_doctor.gate.serve.issuing import issuing

pytestmark = pytest.mark.slow

HOST = "www.okx.com"
NAMES = ("okx.com", "*.okx.com")


def shakes_hands(issued: Issued) -> bool:
    """Whether a client that trusts its authority alone takes it for OKX's."""
    client = ssl.create_default_context(cadata=issued.ca_pem.decode())
    ours, theirs = socket.socketpair()
    with ours, theirs:
        serving = threading.Thread(target=lambda: issued.context.wrap_socket(theirs, server_side=True).close())
        serving.start()
        with client.wrap_socket(ours, server_hostname=HOST) as connection:
            done = connection.version() is not None
        serving.join()
    return done


def test_a_client_that_trusts_its_authority_takes_it_for_okxs() -> None:
    with issuing(time.time(), NAMES) as certificate:
        assert shakes_hands(certificate())


def test_each_is_of_an_authority_of_its_own() -> None:
    with issuing(time.time(), NAMES) as one, issuing(time.time(), NAMES) as other:
        assert one().ca_pem != other().ca_pem


@pytest.mark.skipif(sys.platform != "linux", reason="a second process makes it on Linux alone")
@pytest.mark.parametrize("then", ["certificate()", "pass"], ids=["waited for", "not waited for"])
def test_it_is_made_by_a_process_that_is_gone_at_the_end(then: str) -> None:
    program = (
        "import os, sys, time\n"
        "from okx_doctor.gate.serve.issuing import issuing\n"
        f"with issuing(time.time(), {NAMES!r}) as certificate:\n"
        f"    {then}\n"
        "try:\n"
        "    os.waitpid(-1, 0)\n"
        "except ChildProcessError:\n"
        "    print('trustme' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)

    assert done.stdout == "False\n"


@pytest.mark.parametrize("error", [BlockingIOError(11, "no process more"), OSError(24, "Too many open files")])
def test_where_there_is_no_second_process_this_one_makes_it(error: OSError, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise error

    monkeypatch.setattr(os, "fork", refused)
    with issuing(time.time(), NAMES) as certificate:
        assert shakes_hands(certificate())


@pytest.mark.skipif(sys.platform != "linux", reason="a second process makes it on Linux alone")
def test_where_the_second_process_fails_this_one_makes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = os.getpid()

    def make_here(validity: Validity, now: float, names: Iterable[str]) -> Made:
        if os.getpid() != ours:
            raise MemoryError
        return make(validity, now, names)

    monkeypatch.setattr("okx_doctor.gate.serve.issuing.make", make_here)
    with issuing(time.time(), NAMES) as certificate:
        assert shakes_hands(certificate())


def test_the_private_key_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with issuing(time.time(), NAMES) as certificate:
        certificate()

    assert list(tmp_path.iterdir()) == []
