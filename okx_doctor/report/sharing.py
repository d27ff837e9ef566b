"""A report for other people's eyes: the network addresses in it are cut short."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from ipaddress import IPv6Address
from typing import Final, TypeVar, cast

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.model import CheckStatus, Report

_IPV4: Final = r"(?<![0-9A-Za-z.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?!\.?[0-9A-Za-z])"
_IPV6: Final = r"(?<![0-9A-Za-z:.])(?=[0-9A-Fa-f]*:)[0-9A-Fa-f:]{3,40}(?:\.[0-9]{1,3}){0,3}(?![0-9A-Za-z])"
_ADDRESS: Final = re.compile(f"{_IPV6}|{_IPV4}")

T = TypeVar("T")


def for_others(report: Report) -> Report:
    """The report with every IP address but loopback cut short: ``203.0.113.x``, ``2001:db8:7:x``.

    What a passphrase is made of is left out: it would make guessing it easier.
    """
    return mapped(_without_composition(report), masked)


_COMPOSITION: Final = ("passphrase-form", "passphrase-case-suspect")
"""Causes whose proof tells what kinds of characters the passphrase has."""


def _without_composition(report: Report) -> Report:
    causes = tuple(
        replace(cause, because=("what the passphrase is made of is told in text and JSON only",))
        if cause.id in _COMPOSITION
        else cause
        for cause in report.verdict.causes
    )
    checks = tuple(
        replace(check, summary="there") if check.id == "credentials.passphrase" and check.status in _MEASURED else check
        for check in report.checks
    )
    return replace(report, verdict=replace(report.verdict, causes=causes), checks=checks)


_MEASURED: Final = (CheckStatus.PASS, CheckStatus.WARN, CheckStatus.FAIL)


def masked(text: str) -> str:
    """Text with every IP address but loopback cut short."""
    return _ADDRESS.sub(lambda found: _short(found.group()), text)


def _short(address: str) -> str:
    if ":" not in address:
        kept = address.startswith("127.") or address == "0.0.0.0"  # noqa: S104  a text, nothing is bound
        return address if kept else f"{address.rpartition('.')[0]}.x"
    try:
        parsed = IPv6Address(address)
    except ValueError:
        if address.endswith(":") and ":" in address[:-1]:  # one that ends a clause
            return f"{_short(address[:-1])}:"
        return address  # a time of day, a MAC address
    if parsed.is_loopback or parsed.is_unspecified:
        return address
    if parsed.ipv4_mapped:
        return f"::ffff:{_short(str(parsed.ipv4_mapped))}"
    return ":".join(f"{int(group, 16):x}" for group in parsed.exploded.split(":")[:3]) + ":x"


def mapped(value: T, change: Callable[[str], str]) -> T:
    """The value with ``change`` made to every text in it, through structs, tuples, lists and mappings."""
    return cast(T, _mapped(value, change))


def _mapped(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Struct):
        return replace(value, **{name: _mapped(getattr(value, name), change) for name in value.__struct_fields__})
    if isinstance(value, tuple | list):
        return type(value)(_mapped(item, change) for item in value)
    if isinstance(value, dict):
        return {name: _mapped(item, change) for name, item in value.items()}
    return value
