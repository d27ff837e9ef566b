"""Certificates for the embedded exchange, good and bad. Who makes one imports trustme, which takes its time."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, assert_never

from msgspec import Struct

from okx_doctor.secrets.secret import Secret

Validity = Literal["trusted", "unknown-issuer", "not-yet-valid", "expired"]

_NAMES = ("localhost", "127.0.0.1")


class Made(Struct, frozen=True, kw_only=True):
    """``leaf_pem`` is the server's private key with the certificates that it presents, in PEM as ``ca_pem`` is."""

    leaf_pem: Secret
    ca_pem: str


class Issued(Struct, frozen=True, kw_only=True):
    """A server's TLS context, and the CA (PEM) a client is to trust: with it the named fault still shows."""

    context: ssl.SSLContext
    ca_pem: bytes


def issue(validity: Validity, now: float, names: Iterable[str] = ()) -> Issued:
    """A certificate for ``localhost``, ``127.0.0.1`` and further names or addresses, ready to be served with.

    ``now`` is this machine's clock in Unix seconds.
    """
    return prepare(make(validity, now, names))


def make(validity: Validity, now: float, names: Iterable[str] = ()) -> Made:
    """A certificate as ``issue`` gives it, not yet in a context.

    ``not-yet-valid`` begins a day from now and ``expired`` ended a day ago: on a machine whose clock is more
    than a day off, the same certificate is good, which is what makes a wrong clock look like a TLS fault.
    """
    import trustme

    today = datetime.fromtimestamp(now, UTC)
    day, year = timedelta(days=1), timedelta(days=365)
    issuer = trustme.CA()
    trusted = issuer
    called = tuple(dict.fromkeys((*_NAMES, *names)))
    match validity:
        case "trusted":
            leaf = issuer.issue_cert(*called)
        case "unknown-issuer":
            leaf, trusted = issuer.issue_cert(*called), trustme.CA()
        case "not-yet-valid":
            leaf = issuer.issue_cert(*called, not_before=today + day, not_after=today + year)
        case "expired":
            leaf = issuer.issue_cert(*called, not_before=today - year, not_after=today - day)
        case _:
            assert_never(validity)
    leaf_pem = leaf.private_key_and_cert_chain_pem.bytes().decode("ascii")
    return Made(leaf_pem=Secret(leaf_pem), ca_pem=trusted.cert_pem.bytes().decode("ascii"))


def prepare(made: Made) -> Issued:
    """The context that serves with it. Raises ``OSError`` where there is no room for the file it is read from."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # Python's default one heeds SSLKEYLOGFILE
    context.set_alpn_protocols(["http/1.1"])
    with (
        tempfile.TemporaryDirectory() as folder
    ):  # Python loads keys from files alone: https://bugs.python.org/issue16487
        file = Path(folder, "leaf.pem")
        file.write_text(made.leaf_pem.reveal(), "ascii")
        context.load_cert_chain(file)
    return Issued(context=context, ca_pem=made.ca_pem.encode())
