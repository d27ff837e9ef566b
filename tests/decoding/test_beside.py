"""What real clients print of a failure, below a request in every form: read as decode reads it, and of that request."""

from __future__ import annotations

from io import BytesIO
from itertools import cycle
from pathlib import Path

import pytest

from okx_doctor.decoding.beside import failures_beside, place_of
from okx_doctor.decoding.decode import decode
from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.captures.detect import pieces
from tests.decoding.stacks.texts import spoken

pytestmark = pytest.mark.slow

FORMS = Path(__file__).parents[1] / "forensics" / "forms"
ANSWERS = (b"fetch Response:", b"handleRestResponse:", b"< HTTP/", b"HTTP/1.1 401", b"StatusCode:", b"reply: ")
"""How an answer begins, up to which a sample is of a request alone."""
WITHOUT_LINES = ("har-chrome", "har-websocket", "mitmproxy-flow", "insomnia", "postman")
"""Forms in which nobody's text can stand between."""
LED = "urllib-debug"
"""Its User-Agent leads among the causes of a call without an answer, as it does in decode."""
PREFIXED = "log-prefix-http"
"""Each line of it has a logger's text before it, and so would a failure's have."""
TIMEOUT = "ccxt.base.errors.RequestTimeout: okx GET https://www.okx.com/api/v5/asset/currencies"


def captures(raw: bytes) -> list[Capture]:
    return [piece for piece in pieces(BytesIO(raw)) if isinstance(piece, Capture)]


def alone(sample: Path) -> bytes:
    """What a sample has before its first answer."""
    raw = sample.read_bytes().replace(b"127.0.0.1", b"104.18.2.1")
    ends = [at for mark in ANSWERS if (at := raw.find(mark)) > 0]
    return raw[: min(ends, default=len(raw))].rstrip() + b"\n\n"


SAMPLES = [path for path in sorted((FORMS / "samples").iterdir()) if path.name not in WITHOUT_LINES]
UNANSWERED = [path for path in SAMPLES if (found := captures(alone(path))) and not found[-1].is_answered]


def failures(capture: Capture) -> list[tuple[str, str, list[str]]]:
    """Kind, code and causes of each failure beside a request."""
    return [(one.sighting.kind, one.code, [cause.id for cause in one.causes]) for one in failures_beside(capture)]


def test_most_forms_have_a_request_without_an_answer() -> None:
    assert len(UNANSWERED) >= 40


def test_what_a_client_printed_below_a_request_is_read_as_decode_reads_it() -> None:
    others = [path for path in UNANSWERED if path.name not in (LED, PREFIXED)]
    silent = [path for path in others if not failures(captures(alone(path))[-1])]
    forms = cycle(silent)
    for text in spoken():
        if "\n> " in text.text or any(one.sighting.vague for one in decode(text.text)):
            continue  # it holds a request of its own, or a lone general word, which tells only by itself
        form = next(forms)
        raw = alone(form) + text.text.encode() + b"\n"
        told = [(one.sighting.kind, one.code, [cause.id for cause in one.causes]) for one in decode(text.text)]

        assert failures(captures(raw)[-1]) == told, (form.name, str(text))


@pytest.mark.parametrize("sample", UNANSWERED, ids=lambda sample: sample.name)
def test_a_failure_is_of_the_request_above_it_alone_and_its_line_is_told(sample: Path) -> None:
    lines = alone(sample).decode()
    raw = f"{lines}{TIMEOUT}\n{lines}".encode()
    found = captures(raw)
    *_, failed = found[: len(found) // 2]

    assert [failures(one) for one in found if one is not failed] == [
        failures(one) for one in captures(lines.encode() * 2) if one.place != failed.place
    ]
    (timeout, *_) = failures_beside(failed)
    assert next(cause.id for cause in timeout.causes if sample.name != LED or cause.id != "blocked-by-edge") == (
        "connection-timeout"
    )
    by_number = [f"line {lines.count(chr(10)) + 1}"] if "line" in failed.place else [failed.place]
    assert [place_of(timeout, failed)] == by_number


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_nothing_but_a_status_is_told_where_nothing_failed(sample: Path) -> None:
    assert {kind for one in captures(sample.read_bytes()) for kind, _, _ in failures(one)} <= {"status"}


@pytest.mark.parametrize("name", sorted(path.name for path in (FORMS / "unanswered").iterdir()))
def test_what_a_client_prints_of_request_and_failure_together_is_read(name: str) -> None:
    causes = {
        "timeout": "connection-timeout",
        "reset": "connection-refused",
        "closed": "connection-refused",
        "refused": "connection-refused",
        "dns": "dns-failure",
    }
    (found,) = captures((FORMS / "unanswered" / name).read_bytes())
    (failure,) = failures_beside(found)

    assert failure.causes[0].id == causes[name.rpartition("-")[2]]


def test_errors_one_after_another_are_each_of_their_own_request() -> None:
    names = ("axios-closed", "axios-timeout", "got-dns", "axios-reset", "fetch-timeout", "got-reset")
    raw = b"".join((FORMS / "unanswered" / name).read_bytes() for name in names)

    assert [[causes[0] for _, _, causes in failures(one)] for one in captures(raw)] == [
        ["connection-refused"],
        ["connection-timeout"],
        ["dns-failure"],
        ["connection-refused"],
        ["connection-timeout"],
        ["connection-refused"],
    ]


def test_an_error_that_stands_above_the_only_request_is_of_it() -> None:
    (found,) = captures(
        TIMEOUT.encode() + b"\n" + b"\n".join(alone(FORMS / "samples" / "logged-dict").splitlines()[:1])
    )

    assert [causes[0] for _, _, causes in failures(found)] == ["connection-timeout"]


def test_a_failure_behind_an_answer_is_of_no_request() -> None:
    raw = (FORMS / "samples" / "ccxt-python").read_bytes() + TIMEOUT.encode()

    assert [failures(one) for one in captures(raw)] == [[], []]


def test_what_a_browser_shows_without_headers_is_of_no_request_that_has_them() -> None:
    raw = alone(FORMS / "samples" / "ccxt-python") + TIMEOUT.encode() + b"\n"
    raw += b'in a browser: {"msg":"Request header OK-ACCESS-KEY can not be empty.","code":"50103"}\n'

    assert [(kind, causes[0]) for kind, _, causes in failures(captures(raw)[-1])] == [
        ("no-answer", "connection-timeout")
    ]
