"""Inspecting many requests one after another: what one teaches about its client helps with the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from msgspec.structs import replace

from okx_doctor.forensics import findings, structure
from okx_doctor.forensics.captures.capture import Capture, is_refused_message
from okx_doctor.forensics.search.parts import Keys, OpenKeys, Subject
from okx_doctor.forensics.search.recall import Names
from okx_doctor.forensics.search.search import DEPTH, Outcome, Runner, search
from okx_doctor.forensics.search.subject import subject as subject_of
from okx_doctor.forensics.structure import headers, passphrases
from okx_doctor.forensics.verdict import Inspection, Validity, judged, texts, valid
from okx_doctor.protocol import signing
from okx_doctor.secrets.secret import Secret

FULL_SEARCHES: Final = 3
"""Unexplained requests of one client that are searched in full; the next only for single mistakes."""
_CLIENTS: Final = 1000
"""Keys that are counted separately; a client that makes keys up gets no full search for each of them."""
_REMEMBERED: Final = 16

Other = TypeVar("Other")


def inspect_each(pieces: Iterable[Capture | Other], *inspectors: Inspector) -> Iterator[Inspection | Other]:
    """The verdict on each capture, in order and one at a time; pieces of other kinds pass through unchanged.

    Of several inspectors, the one whose API key a request carries judges it, and the first any other request.
    """
    by_key = {inspector.api_key: inspector for inspector in reversed(inspectors)}
    for piece in pieces:
        if isinstance(piece, Capture):
            sent_key = Secret(piece.request.header(signing.KEY_HEADER) or "")
            yield by_key.get(sent_key, inspectors[0]).inspect(piece)
        else:
            yield piece


class Inspector:
    """Judges requests in turn. Without ``keys`` only what can be seen without the secret."""

    def __init__(self, keys: Keys | None, *, deep: bool = False, runner: Runner | None = None) -> None:
        self.api_key = None if keys is None else keys.api_key
        self._keys = None if keys is None else keys.opened()
        self._deep, self._runner = deep, runner
        self._known: dict[Names, None] = {}
        self._unexplained: Counter[str] = Counter()

    def inspect(self, capture: Capture) -> Inspection:
        """The verdict on one request. Never raises, whatever it holds."""
        if not headers.is_signed(capture):
            return self._unsigned(capture)
        found = structure.findings(capture)
        if not found and self._keys is not None and (sent := _rightly_signed(capture, self._keys)) is not None:
            return valid(capture, sent)
        shown = without_masked(capture)
        hidden = not _is_checkable(capture)
        if hidden or (capture.body_file and not capture.body_read):
            found += passphrases.findings(shown, self._keys) if self._keys else []
            return judged(capture, found, None, None)
        if self._keys is None:
            return judged(capture, found, subject_of(shown, OpenKeys(secret="")), None)
        found += passphrases.findings(shown, self._keys)
        subject = subject_of(shown, self._keys)
        if not found and is_right(subject) and not _refused(capture):
            return Inspection(
                capture=capture,
                verdict=Validity.VALID,
                prehash=texts(capture, subject, subject.prehash),
                hypotheses_tried=1,
            )
        return self._searched(capture, found, subject)

    def _unsigned(self, capture: Capture) -> Inspection:
        given = headers.by_name(capture)
        wanted = headers.must_be_signed(capture) or headers.is_refused_unsigned(capture)
        if is_refused_message(capture):
            made = judged(capture, tuple(structure.message(capture)), None, None)
            return Inspection(capture=capture, verdict=Validity.UNSIGNED, causes=made.causes, client=made.client)
        absent = (*(headers.findings(capture, given) if wanted else ()), *structure.edge(capture))
        made = judged(capture, tuple(structure.dead_port(capture)) or absent, None, None)
        return Inspection(capture=capture, verdict=Validity.UNSIGNED, causes=made.causes, client=made.client)

    def _searched(self, capture: Capture, found: list[findings.Finding], subject: Subject) -> Inspection:
        client = subject.sent_key
        is_new = client not in self._unexplained and len(self._unexplained) < _CLIENTS
        in_full = self._deep or is_new or 0 < self._unexplained[client] < FULL_SEARCHES
        outcome = Outcome(hits=(), tried=0)
        if subject.signature:
            outcome = search(
                subject,
                depth=DEPTH if in_full else 0,
                deep=self._deep,
                known=tuple(self._known),
                runner=self._runner,
            )
        made = judged(capture, found, subject, outcome, in_full=in_full)
        if made.verdict is Validity.UNEXPLAINED and (is_new or client in self._unexplained):
            self._unexplained[client] += 1
        self._remember(made.mistakes, *made.also)
        return made

    def _remember(self, *found: Names) -> None:
        """Mistakes to try first on the next request, the last ones found first."""
        for names in found:
            if names and names not in self._known and len(self._known) < _REMEMBERED:
                self._known = {names: None, **self._known}


def _rightly_signed(capture: Capture, keys: OpenKeys) -> bytes | None:
    """The text that was signed, where that can be said without taking the request apart: key and passphrase are
    those that were loaded, if any, and the signature is right.
    """
    request, first = capture.request, capture.request.first
    if keys.api_key not in ("", first.get(_KEY)) or keys.passphrase not in ("", first.get(_PASSPHRASE)):
        return None
    if capture.masked or capture.body_file or _refused(capture):
        return None
    try:
        sent = signing.prehash(first.get(_STAMP, ""), request.method.upper(), request.target, request.body)
        return sent if signing.sign(keys.secret, sent) == first.get(_SIGN) else None
    except UnicodeEncodeError:
        return None


_KEY, _SIGN, _STAMP, _PASSPHRASE = (name.lower() for name in headers.REQUIRED)


def is_right(subject: Subject) -> bool:
    """Whether the signature is the one that OKX computes."""
    try:
        return signing.sign(subject.keys.secret, subject.prehash) == subject.signature
    except UnicodeEncodeError:
        return False


def without_masked(capture: Capture) -> Capture:
    """The capture without the headers whose values were hidden before it was shared."""
    if not capture.masked:
        return capture
    shown = tuple((name, value) for name, value in capture.request.headers if name.lower() not in capture.masked)
    return replace(capture, request=replace(capture.request, headers=shown))


def _is_checkable(capture: Capture) -> bool:
    """Whether signature and timestamp are there to check."""
    return capture.masked.isdisjoint((signing.SIGN_HEADER.lower(), signing.TIMESTAMP_HEADER.lower()))


def _refused(capture: Capture) -> bool:
    return capture.response is not None and capture.response.code not in ("", "0")
