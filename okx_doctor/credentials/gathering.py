"""Credentials from everywhere that was asked for, read and parsed within a time."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

from msgspec import Struct

from okx_doctor.credentials.documents.home import STANDARD_INPUT
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.load import Credentials, load_credentials
from okx_doctor.credentials.places import CredentialSources, Place, piped, read_places
from okx_doctor.deadline import within


class Gathered(Struct, frozen=True, kw_only=True):
    """The values read, and when the time allowed began, on the monotonic clock."""

    places: tuple[Place, ...]
    credentials: Credentials
    began: float


def gather(asked: CredentialSources, environ: Mapping[str, str], seconds: float) -> Gathered:
    """Read and parse. Input typed at a terminal is not hurried: the time begins when it has ended.

    Raises ``UnusableFile`` for a place that cannot be read, and for what is not read in time.
    """
    began = time.monotonic()
    text = ""
    if asked.from_standard_input:
        typed = sys.stdin is not None and sys.stdin.isatty()
        try:
            text = within(None if typed else seconds, piped)
        except TimeoutError:
            raise UnusableFile(f"{STANDARD_INPUT} did not end within {seconds:g} seconds; close it") from None
        began = time.monotonic() if typed else began

    def read() -> Gathered:
        places = read_places(asked, environ, lambda: text)
        return Gathered(places=places, credentials=load_credentials(environ, places), began=began)

    try:
        return within(began + seconds - time.monotonic(), read)
    except TimeoutError:
        said = f"the files with credentials are not read within {seconds:g} seconds"
        raise UnusableFile(f"{said}; leave out what is large in them, or raise --timeout") from None
