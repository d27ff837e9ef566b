"""Words that people use for a cause, and the cause that they mean."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

_MEANT: Final[Mapping[str, tuple[str, ...]]] = {
    "clock-drift": ("clock", "time", "drift", "ntp", "recvwindow", "expired"),
    "clock-timezone": ("timezone", "utc", "zone"),
    "passphrase-wrong": ("passphrase", "password"),
    "secret-wrong": ("secret",),
    "api-key-unknown": ("key", "apikey", "unknown"),
    "ip-not-allowlisted": ("ip", "whitelist", "allowlist", "address"),
    "wrong-site": ("site", "region", "country"),
    "wrong-environment": ("demo", "environment", "simulated", "sandbox", "testnet", "live"),
    "permission-missing": ("permission", "permissions", "rights"),
    "credentials-missing": ("missing", "credentials", "env"),
    "credentials-swapped": ("swapped",),
    "credential-quoted": ("quotes", "quoted"),
    "credential-whitespace": ("whitespace", "space", "blank", "newline"),
    "env-file-mangled": ("dotenv", "mangled", "hash", "dollar"),
    "dns-failure": ("dns", "resolve", "resolution"),
    "connection-timeout": ("timeout", "slow"),
    "connection-refused": ("refused", "connection", "firewall"),
    "proxy-failure": ("proxy",),
    "tls-untrusted": ("tls", "ssl", "certificate"),
    "blocked-by-edge": ("cloudflare", "blocked", "forbidden"),
    "rate-limited": ("rate", "ratelimit", "throttled"),
    "body-reserialised": ("body", "json", "order"),
    "query-not-signed": ("query", "params", "parameters"),
    "signature-unexplained": ("signature", "sign"),
    "timestamp-format": ("timestamp",),
    "withdraw-permission-granted": ("withdraw", "withdrawal"),
    "api-key-expiring": ("expiring", "idle"),
}
_BY_WORD: Final[Mapping[str, str]] = {word: cause for cause, words in _MEANT.items() for word in words}


def meant(word: str, known: Collection[str]) -> str:
    """The cause among those ``known`` that a word means; ``""`` where there is none."""
    cause = _BY_WORD.get(word.lower().replace("_", "-"), "")
    return cause if cause in known else ""
