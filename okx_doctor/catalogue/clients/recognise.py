"""Which client this is, by the marks that it leaves: names of variables, a file, a log, a User-Agent."""

from __future__ import annotations

import re
from collections.abc import Collection

from okx_doctor.catalogue.clients.client import Client
from okx_doctor.catalogue.clients.table import CLIENTS


def client_named(*, user_agent: str = "", names: Collection[str] = (), file: str = "", log: str = "") -> Client | None:
    """The client that left these marks, the surest mark first; ``None`` where they tell nothing.

    ``names`` are variables of an environment or an env file, or the dotted keys of a document
    (``exchange.ccxt_config``); ``file`` is a path; ``log`` is a text that a program printed. A User-Agent tells least:
    many a client leaves that of the library below it.
    """
    return _by_names(names) or _by_file(file) or _by_log(log) or _by_agent(user_agent)


def _by_names(names: Collection[str]) -> Client | None:
    there = frozenset(names)
    return next((client for client in CLIENTS if any(there.issuperset(group) for group in client.names)), None)


def _by_file(path: str) -> Client | None:
    plain = path.replace("\\", "/")
    return next((client for client in CLIENTS if plain and _found(client.files, plain)), None)


def _by_log(text: str) -> Client | None:
    return next((client for client in CLIENTS if text and _found(client.logs, text)), None)


def _by_agent(user_agent: str) -> Client | None:
    return next((client for client in CLIENTS if user_agent and _found(client.agents, user_agent)), None)


def _found(pattern: str, text: str) -> bool:
    return bool(pattern) and re.search(pattern, text, re.IGNORECASE | re.MULTILINE) is not None
