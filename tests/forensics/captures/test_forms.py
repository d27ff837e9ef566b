"""Every form that a program prints gives what the same request as JSON gives. ``tests/forensics/forms/remake.py`` makes
the samples: two requests each, or a login, with a right signature that a mistake's takes the place of here.
"""

from __future__ import annotations

import json
from base64 import b64encode
from io import BytesIO
from pathlib import Path

import pytest

from okx_doctor.forensics.captures.capture import Capture, Unreadable
from okx_doctor.forensics.captures.detect import detect, pieces
from okx_doctor.forensics.inspector import Inspector
from okx_doctor.protocol.scheme import OKX
from okx_doctor.protocol.signing import SIGN_HEADER, TIMESTAMP_HEADER
from tests.forensics.bench import KEYS, ORDER_FIELDS, SECRET, b64, mac

pytestmark = pytest.mark.slow

SAMPLES = sorted((Path(__file__).parents[1] / "forms" / "samples").iterdir(), key=lambda path: path.name)
WRITTEN = (
    *("axios-calls", "charles-json", "charles-text", "fetch-browser", "fetch-node", "fiddler-text", "har-chrome"),
    *("har-websocket", "insomnia", "javascript-source", "log-prefix-http", "postman", "ruby-hash"),
    *("labelled", "browsers-headers", "browsers-table", "signers-log", "spring-entity"),
)
"""Forms whose program is not to be had: written from documentation."""
WITHOUT_A_BODY = ("axios-request", "node-client-request")
"""Dumps in which Node does not print the body: only the request without one can be read."""

PREFIXES = {
    "Python's logging": "2026-11-26 10:20:30,456 DEBUG bot: ",
    "loguru": "2026-11-26 10:20:30.456 | DEBUG    | bot.okx:send:31 - ",
    "slf4j": "10:20:30.456 [main] DEBUG c.e.Bot - ",
    "zap": "2026-11-26T10:20:30.456Z\tINFO\tbot/main.go:12\t",
    "klog": "I1126 10:20:30.456789       1 main.go:12] ",
    "a level in brackets": "[2026-11-26 10:20:30] INFO ",
    "Compose": "bot-1  | ",
    "Compose, and the program's own": "bot-1  | 2026-11-26 10:20:30,456 DEBUG bot: ",
    "docker logs -t": "2026-11-26T10:20:30.456789012Z ",
    "Swarm": "bot_bot.1.x4ml2@node    | ",
    "Kubernetes": "2026-11-26T10:20:30.456789012Z stdout F ",
    "Kubernetes, and the program's own": "2026-11-26T10:20:30.456789012Z stdout F 2026-11-26 10:20:30 INFO ",
    "journald": "Nov 26 10:20:30 host bot[1234]: ",
    "pm2": "0|bot     | ",
    "pm2 with its time": "0|bot  | 2026-11-26 10:20:30: ",
    "a platform's process": "2026-11-26T10:20:30.456789+00:00 app[worker.1]: ",
    "CloudWatch": "2026-11-26T10:20:30.456Z\t",
    "a quotation": "> ",
}
"""What is written before each line."""
WITHOUT_LINES = ("mitmproxy-flow",)
PREFIXED = ("log-prefix-http", "loguru-like")
"""Forms that have something before each line already."""


def mistakes(stamp: str, method: str, target: str, body: str) -> list[str]:
    """Twelve signatures, each made with one mistake."""
    path = target.partition("?")[0]
    python = json.dumps(ORDER_FIELDS) if body else "{}"
    return [
        b64(mac(f"{stamp}{method}{path}" + ("" if body else body))),
        b64(mac(f"{stamp}{method.lower()}{target}{body}")),
        b64(mac(f"{stamp}{method}https://www.okx.com{target}{body}")),
        b64(mac(f"{stamp}{method}{target.removeprefix('/api/v5')}{body}")),
        b64(mac(f"{stamp}{method}{target}{python}")),
        b64(mac(f"{stamp}{method}{target}{body}", SECRET + "\n")),
        b64(mac(f"{stamp}{method}{target}{body}", SECRET.lower())),
        b64(mac(f"{method}{stamp}{target}{body}")),
        b64(mac(f"{stamp}\n{method}\n{target}\n{body}")),
        b64(mac(SECRET, f"{stamp}{method}{target}{body}")),
        b64(mac(f"{method}{target}{body}")),
        b64(mac(f"{stamp}{'PUT' if body else 'POST'}{target}{body}")),
    ]


def read(raw: bytes) -> list[Capture]:
    return [piece for piece in pieces(BytesIO(raw)) if isinstance(piece, Capture)]


def as_json(capture: Capture, sign: str) -> bytes:
    request = capture.request
    headers = [(name, sign if name.lower() == SIGN_HEADER.lower() else value) for name, value in request.headers]
    answer = capture.response
    given: dict[str, object] = {"method": request.method, "url": capture.origin + request.target, "headers": headers}
    if request.body:
        given["body_base64"] = b64encode(request.body).decode()
    if answer is not None:
        given["response"] = {"status": answer.status, "body": json.dumps({"code": answer.code})}
    return json.dumps(given).encode()


_JUDGED = ("content-type", "user-agent", "host", *(name.lower() for name in OKX.headers))
_KNOWN: dict[object, list[str]] = {}


def causes(capture: Capture) -> list[str]:
    """The causes of a request; of one that is the same in all that is judged, those that were found before."""
    request, answer = capture.request, capture.response
    headers = tuple(sorted((name.lower(), value) for name, value in request.headers if name.lower() in _JUDGED))
    same = (request.method.upper(), request.target, request.body, headers, capture.origin, answer and answer.code)
    if same not in _KNOWN:
        found = Inspector(KEYS).inspect(capture).causes
        _KNOWN[same] = sorted(cause.id for cause in found if cause.id not in ("clock-drift", "timestamp-stale"))
    return _KNOWN[same]


def test_there_are_forty_forms_and_most_are_made_by_the_real_program() -> None:
    names = [sample.name for sample in SAMPLES]
    assert len(names) >= 40
    assert len(set(names) - set(WRITTEN)) >= 40
    assert set(WRITTEN) <= set(names)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_every_request_of_a_form_is_read(sample: Path) -> None:
    found = list(pieces(BytesIO(sample.read_bytes())))
    unreadable = [piece for piece in found if isinstance(piece, Unreadable)]
    assert len(unreadable) == (sample.name in WITHOUT_A_BODY)
    logins = [piece for piece in found if isinstance(piece, Capture) and piece.channel == "websocket"]
    assert len(found) == (1 if logins or sample.name == "curl-verbose" else 2)
    assert detect(sample.read_bytes()[:65536])


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_form_gives_the_causes_that_the_same_request_gives_as_json(sample: Path) -> None:
    raw = sample.read_bytes()
    for at, right in enumerate(read(raw)):
        request = right.request
        if right.channel == "websocket":
            continue
        stamp, sign = request.header(TIMESTAMP_HEADER) or "", request.header(SIGN_HEADER) or ""
        for wrong in mistakes(stamp, request.method, request.target, request.body.decode()):
            assert len(wrong) == len(sign)
            mistaken = read(raw.replace(sign.encode(), wrong.encode()))[at]
            (expected,) = read(as_json(right, wrong))
            assert causes(mistaken) == causes(expected), (sample.name, wrong)
            assert causes(mistaken)


def told(piece: Capture) -> tuple[object, ...]:
    """Whatever is judged of a request, wherever it stood."""
    request, answer = piece.request, piece.response
    headers = sorted((name.lower(), value) for name, value in request.headers)
    return (piece.channel, piece.origin, request.method, request.target, headers, request.body, answer)


@pytest.mark.parametrize(
    "sample", [path for path in SAMPLES if path.name not in (*WITHOUT_LINES, *PREFIXED)], ids=lambda sample: sample.name
)
def test_a_form_is_read_alike_with_a_logger_s_text_before_each_line(sample: Path) -> None:
    raw = sample.read_bytes()
    bare = [told(piece) for piece in read(raw)]

    for name, prefix in PREFIXES.items():
        logged = b"\n".join(prefix.encode() + line for line in raw.splitlines())
        assert [told(piece) for piece in read(logged)] == bare, name


def test_what_a_logger_wrote_is_taken_off_however_long_the_lines_are() -> None:
    line = b"GET /api/v5/account/balance HTTP/1.1"
    long = b"Cookie: " + b"x" * 200_000
    head = b"\n".join((line, b"Host: www.okx.com", b"OK-ACCESS-KEY: 1", b"OK-ACCESS-SIGN: 2", long, b""))
    logged = b"\n".join(b"bot-1  | " + one for one in head.split(b"\n"))

    assert [told(piece) for piece in read(logged)] == [told(piece) for piece in read(head)]
    assert len(read(head)) == 1
