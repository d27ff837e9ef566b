"""Certificates for the embedded exchange, good and bad. Imports trustme; loaded only for TLS."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal, assert_never

import trustme
from msgspec import Struct

Validity = Literal["trusted", "unknown-issuer", "not-yet-valid", "expired"]

_NAMES = ("localhost", "127.0.0.1")


class Issued(Struct, frozen=True, kw_only=True):
    """A server's TLS context, and the CA (PEM) a client is to trust: with it the named fault still shows."""

    context: ssl.SSLContext
    ca_pem: bytes


def issue(validity: Validity, now: float, names: Iterable[str] = ()) -> Issued:
    """A certificate for ``localhost``, ``127.0.0.1`` and further names or addresses.

    ``now`` is this machine's clock in Unix seconds.

    ``not-yet-valid`` begins a day from now and ``expired`` ended a day ago: on a machine whose clock is more
    than a day off, the same certificate is good, which is what makes a wrong clock look like a TLS fault.
    """
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
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # Python's default one heeds SSLKEYLOGFILE
    context.set_alpn_protocols(["http/1.1"])
    leaf.configure_cert(context)
    return Issued(context=context, ca_pem=trusted.cert_pem.bytes())
