"""Complaints on stderr about a command line that cannot be run, and about input that cannot be read."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import Final

from okx_doctor.credentials.load import load_credentials
from okx_doctor.credentials.places import CredentialSources, read_places
from okx_doctor.deadline import within
from okx_doctor.secrets.foreign_text import inert, visible
from okx_doctor.secrets.redactor import redactor_of
from okx_doctor.secrets.secret import MASK, Secret

_CREDENTIAL_LIKE: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")

_PATIENCE: Final = 0.3
"""Seconds for each place that is read for a complaint alone."""


def masked(message: str) -> str:
    """Mask the credentials in a message: one gets into it when it was typed where another word belongs."""
    file = _given("--credentials")
    named = CredentialSources(no_env_file=True)
    if file != "-":  # standard input can be read but once
        named = CredentialSources(no_env_file=True, credentials=file, profile=_given("--profile"))
    env_files = [_given("--env-file"), *(sys.argv[2:] if sys.argv[1:2] == ["env"] else ())]
    without_files = {name: value for name, value in os.environ.items() if not name.endswith("_FILE")}
    secrets = [*load_credentials(os.environ, ()).secrets()]
    for asked, environ in (  # each by itself, since one that cannot be read ends the reading
        (CredentialSources(no_env_file=True), os.environ),
        (CredentialSources(), without_files),
        *((CredentialSources(no_env_file=True, env_file=each), without_files) for each in env_files),
        (named, without_files),
    ):
        with suppress(Exception):  # an unreadable file is not the fault that is being reported
            secrets += within(_PATIENCE, partial(_loaded, asked, environ))
    return _CREDENTIAL_LIKE.sub(MASK, redactor_of(secrets).told(message))


def _loaded(asked: CredentialSources, environ: Mapping[str, str]) -> Sequence[Secret]:
    return load_credentials({}, read_places(asked, environ)).secrets()


def _given(option: str) -> str | None:
    """The values of an option on the command line, whether or not it can be parsed."""
    words = sys.argv[1:]
    apart = [word for name, word in pairwise(words) if name == option]
    joined = [word.removeprefix(f"{option}=") for word in words if word.startswith(f"{option}=")]
    return next(iter((*apart, *joined)), None)


def one_line(text: str) -> str:
    """A message on one line, fit for a log: nothing in it drives a terminal or is a command."""
    return inert(visible(" ".join(text.split())))
