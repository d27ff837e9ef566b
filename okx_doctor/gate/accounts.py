"""Accounts of the embedded exchange: one API key each, with what OKX knows about it.

Imports ``okx_doctor.secrets`` and the standard library.
"""

from __future__ import annotations

import secrets
import string
import uuid
from typing import Literal, TypedDict, Unpack

from msgspec import Struct

from okx_doctor.secrets.secret import Secret, shows_only

State = Literal["normal", "frozen", "restricted"]

_SPECIAL = "!@%*_-+"


@shows_only("site", "demo", "permissions", "label", "state")
class Account(Struct, frozen=True, kw_only=True):
    """One API key and its account.

    ``site`` is a ``protocol.sites`` id. ``ip_allowlist`` holds IPv4 and IPv6 addresses and CIDR networks;
    empty means unbound. ``permissions`` are OKX's words: ``read_only``, ``trade``, ``withdraw``. ``uid``
    differs from ``main_uid`` for a sub-account. ``state``: ``frozen`` is the key's (50100), ``restricted``
    the account's (50027).
    """

    api_key: str
    secret: Secret
    passphrase: Secret
    site: str = "global"
    demo: bool = False
    ip_allowlist: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ("read_only", "trade")
    uid: str
    main_uid: str
    label: str = "simulated"
    state: State = "normal"


class Changes(TypedDict, total=False):
    """Fields of ``Account`` that ``generate`` may be given instead of making them up."""

    api_key: str
    secret: Secret
    passphrase: Secret
    site: str
    demo: bool
    ip_allowlist: tuple[str, ...]
    permissions: tuple[str, ...]
    uid: str
    main_uid: str
    label: str
    state: State


def variables(account: Account) -> dict[str, str]:
    """The environment variables for a bot that uses the account."""
    return {
        "OKX_API_KEY": account.api_key,
        "OKX_SECRET_KEY": account.secret.reveal(),
        "OKX_PASSPHRASE": account.passphrase.reveal(),
    }


def generate(**changes: Unpack[Changes]) -> Account:
    """An account with credentials made for it, in the shapes of OKX's own samples.

    A lower-case version 4 UUID, a secret of 32 upper-case hex digits and a passphrase of 14 characters that
    satisfies the rule documented for sub-account keys (facts: docs #overview-rest-authentication samples).
    A changed ``uid`` alone stays a main account.
    """
    uid = changes.get("uid", str(secrets.randbelow(9 * 10**17) + 10**17))
    made: Changes = {
        "api_key": str(uuid.uuid4()),
        "secret": Secret(secrets.token_hex(16).upper()),
        "passphrase": Secret(_passphrase()),
        "uid": uid,
        "main_uid": uid,
    }
    return Account(**(made | changes))


def _passphrase() -> str:
    kinds = (string.ascii_uppercase, string.ascii_lowercase, string.digits, _SPECIAL)
    characters = [secrets.choice(kind) for kind in kinds]
    characters += [secrets.choice(string.ascii_letters + string.digits) for _ in range(10)]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)
