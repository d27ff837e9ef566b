"""The listener's child process: what it is handed, and that it explains with it."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from queue import SimpleQueue

import pytest
from msgspec.structs import replace

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.search.parts import Keys
from okx_doctor.forensics.verdict import Inspection
from okx_doctor.listening.explainer import Explainer, hand_over, taken_over
from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER
from okx_doctor.secrets.secret import Secret
from okx_doctor.testing.explaining import keys_of
from tests.gate.bot import DEMO, LIVE, NOW, altered, signed, with_header

pytestmark = pytest.mark.slow

OLDER = Secret("0123456789ABCDEF0123456789ABCDEF")
KEYS = replace(keys_of(LIVE), others=((OLDER, ("credential-sources-conflict",), "the secret from .env"),))
RIGHT = signed(LIVE, now=NOW)
SENT = {
    "right": (RIGHT, {}),
    "signed with an older secret": (
        signed(replace(LIVE, secret=OLDER), now=NOW),
        {"credential-sources-conflict": "proven"},
    ),
    "method in lower case": (replace(signed(LIVE, "get", now=NOW), method="GET"), {"method-case": "proven"}),
    "passphrase in another case": (
        signed(altered(LIVE, passphrase=LIVE.passphrase.reveal().swapcase()), now=NOW),
        {"passphrase-case": "likely"},
    ),
    "passphrase for the key": (
        with_header(RIGHT, KEY_HEADER, LIVE.passphrase.reveal()),
        {"credentials-swapped": "likely"},
    ),
    "secret for the passphrase": (
        with_header(RIGHT, PASSPHRASE_HEADER, LIVE.secret.reveal()),
        {"credentials-swapped": "likely"},
    ),
    "of the second account": (signed(DEMO, now=NOW), {}),
}
"""Requests that only somebody explains who has each of the values in clear, with what is named."""


def _named(found: Inspection | None) -> Mapping[str, str]:
    return {"nothing": ""} if found is None else {cause.id: cause.confidence.value for cause in found.causes}


def test_the_child_explains_with_the_values_that_it_is_handed() -> None:
    told: SimpleQueue[tuple[int, Inspection | None]] = SimpleQueue()
    with Explainer((KEYS, keys_of(DEMO)), lambda number, found: told.put((number, found))) as explainer:
        for number, (request, _) in enumerate(SENT.values()):
            explainer.ask(number, Capture(request=request, form="http", place=f"request {number}"))
        found = dict(told.get(timeout=60) for _ in SENT)

    assert {name: _named(found[number]) for number, name in enumerate(SENT)} == {
        name: causes for name, (_, causes) in SENT.items()
    }


def test_what_is_handed_over_arrives_as_it_was() -> None:
    odd = Keys(secret=Secret("a\udcff\n"), passphrase=Secret(""), others=((OLDER, ("secret-wrong",), "another"),))
    pipe = io.BytesIO()

    hand_over((KEYS, odd), pipe)
    pipe.seek(0)

    assert taken_over(pipe) == (KEYS, odd)


def test_keys_that_are_pickled_in_any_other_way_are_masks() -> None:
    raw = pickle.dumps(KEYS)

    for value in (KEYS.secret, KEYS.api_key, KEYS.passphrase, OLDER):
        assert value.reveal().encode() not in raw
