"""The timestamp as it was sent: its form, its unit, and its distance from the server's time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from okx_doctor.credentials import shapes
from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.findings import Finding, likely, possible, stated, warning
from okx_doctor.forensics.search import moments
from okx_doctor.protocol.signing import TIMESTAMP_HEADER
from okx_doctor.protocol.steps import refuses
from okx_doctor.protocol.timestamps import WINDOW_SECONDS, tells_time

_RIGHT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d{1,9}))?Z", re.ASCII)
_DIGITS: Final = re.compile(r"(\d{8,19})(\.\d+)?", re.ASCII)
_NO_VALUES: Final = (
    (r"0x[0-9a-fA-F]{6,16}", "it is the place of a value in memory: a pointer was sent, not what it points to"),
    (r"\[object \w+\]|<.+>|(?:function|async|class)\b.*", "it is a program's text for an object, not for a time"),
    (r"(?i:none|null|nil|undefined|nan|invalid date)", "it is a program's word for no value"),
)
"""Texts that programs write in place of a value, and what each of them tells."""
_HEADER: Final = TIMESTAMP_HEADER.lower()
_QUARTER: Final = 15 * 60
_FARTHEST_ZONE: Final = 14 * 3600.0  # Kiribati; a stamp that is years old is no local time
_NEAR_QUARTER: Final = 40
_DATE_STEP: Final = 1.0  # a Date header has whole seconds


def findings(capture: Capture, header: Mapping[str, str]) -> Iterator[Finding]:
    """Causes about the timestamp. ``header`` has lower-case names, here and in the other modules."""
    text = header.get(_HEADER)
    if not text:
        return
    code = capture.response.code if capture.response else ""
    if capture.channel == "websocket":
        wrong = list(_login_form(text))
    elif is_documented(text):
        wrong = []
    else:
        wrong = list(_rest_form(text, code))
    yield from wrong
    if not wrong or wrong[0].severity:
        yield from _age(text, capture, code)


def is_documented(text: str) -> bool:
    """Whether a timestamp has the form that OKX documents for a request."""
    return _RIGHT.fullmatch(text) is not None


def _rest_form(text: str, code: str) -> Iterator[Finding]:
    refused = refuses(code, "timestamp-fresh", "timestamp-readable")
    answered = (f"OKX answered {code}",) if refused else ()
    if found := _DIGITS.fullmatch(text):
        whole, fraction = found.groups()
        unit = "milliseconds" if 12 <= len(whole) <= 14 else "seconds" if len(whole) <= 11 else "micro- or nanoseconds"
        because = f"the timestamp {text} is a number: {unit} since 1970, where OKX documents a date"
        seen = "milliseconds got 50102 in public (okxapi/python-okx#55)"
        if unit == "seconds" and not fraction and not refused:
            yield possible("timestamp-unit", because, "whole seconds worked in v3; what v5 answers is unknown")
        elif unit == "seconds" and not refused:
            yield possible("timestamp-unit", because, "seconds with decimals are not documented")
        else:
            yield likely("timestamp-unit", because, *(answered or ((seen,) if unit == "milliseconds" else ())))
        return
    if found := _ISO.fullmatch(text):
        digits = len(found.group(1) or "")
        because = f"the timestamp {text} has {digits or 'no'} decimals, where OKX documents three"
        if digits < 3:
            yield warning("timestamp-precision", because, "maintained clients send it all the same")
        else:
            yield (likely if refused else possible)("timestamp-precision", because, *answered)
        return
    told = (f"{_shown(text)} is not of the form 2020-12-08T09:08:57.715Z", *_no_value(text))
    if refuses(code, "timestamp-readable"):
        yield stated("timestamp-format", *told, f"OKX answered {code}")
    elif re.search(r"\d[+-]\d\d:?\d\d$", text) and not refused:
        yield possible("timestamp-format", *told, "clients avoid the offset; one public case saw 50112")
    else:
        yield likely("timestamp-format", *told, *answered)


def _no_value(text: str) -> Iterator[str]:
    return (told for pattern, told in _NO_VALUES if re.fullmatch(pattern, text))


def _shown(text: str) -> str:
    """The timestamp where it is one; else its length, and the first sign that no timestamp has."""
    if tells_time(text):
        return f"the timestamp {text!r}"
    foreign = ((at, sign) for at, sign in enumerate(text, 1) if not sign.isascii())
    where = next((f" with {shapes.name_of(sign)} at the {at}th place," for at, sign in foreign), "")
    return f"the timestamp, {len(text)} characters long,{where}"


def _login_form(text: str) -> Iterator[Finding]:
    if re.fullmatch(r"\d{10}", text, re.ASCII):
        return
    if re.fullmatch(r"\d{10}\.\d+", text, re.ASCII):
        yield possible("websocket-timestamp", f"the login's timestamp {text} has decimals; clients send whole seconds")
    else:
        because = f"the login's {_shown(text).removeprefix('the ')} is not whole seconds since 1970"
        seen = "OKX documents seconds; a date or milliseconds were refused in public"
        yield likely("websocket-timestamp", because, *_no_value(text), seen)


def _age(text: str, capture: Capture, code: str) -> Iterator[Finding]:
    if capture.sent_before and refuses(code, "timestamp-fresh"):
        again = (
            f"the request at {capture.sent_before} carried the same timestamp and signature: it was kept and sent again"
        )
        yield stated("timestamp-stale", again, f"OKX answered {code}")
        return
    moment = moments.read(text)
    reference, whose = _reference(capture)
    if reference is None and moment is not None and capture.sent_at is not None:
        waited = capture.sent_at - moment / moments.SECOND
        if waited > WINDOW_SECONDS and refuses(code, "timestamp-fresh") and not _is_a_zone(waited):
            late = f"by the log's own time it was sent {waited:.0f} s after its timestamp was made"
            yield likely("timestamp-stale", f"OKX answered {code}", late)
            return
    if moment is None or reference is None:
        if refuses(code, "timestamp-fresh"):
            yield possible("clock-drift", f"OKX answered {code}, and the capture has no server time to compare")
            yield possible("timestamp-stale", f"OKX answered {code}, and the capture has no server time to compare")
        return
    off = moment / moments.SECOND - reference
    if abs(off) <= WINDOW_SECONDS + _DATE_STEP:
        return
    because = [f"the timestamp lies {_words(off)} {whose}"]
    if refuses(code, "timestamp-fresh"):
        because.append(f"OKX answered {code}")
    yield from _old_or_off(off, capture, moment / moments.SECOND, tuple(because))


def _is_a_zone(seconds: float) -> bool:
    """Whether a distance may be that of a time zone, so that it tells nothing of how long something waited."""
    beside = seconds % _QUARTER
    return seconds > _QUARTER - _NEAR_QUARTER and min(beside, _QUARTER - beside) <= _NEAR_QUARTER


def _old_or_off(off: float, capture: Capture, moment: float, because: tuple[str, ...]) -> Iterator[Finding]:
    beside = abs(off) % _QUARTER
    in_reach = _QUARTER - _NEAR_QUARTER <= abs(off) <= _FARTHEST_ZONE + _NEAR_QUARTER
    if in_reach and min(beside, _QUARTER - beside) <= _NEAR_QUARTER:
        zone = moments.zone_words(round(off / _QUARTER) * 15)
        yield likely("clock-timezone", *because, f"that is the distance of {zone}: local time written as UTC")
        return
    if off > 0:
        yield likely("clock-drift", *because)
        return
    if capture.sent_at is not None:
        waited = capture.sent_at - moment
        if waited > WINDOW_SECONDS:
            yield likely("timestamp-stale", *because, f"the client's own clock says it left {waited:.0f} s after that")
        else:
            yield likely("clock-drift", *because, "by the client's own clock it left at once")
        return
    yield likely("clock-drift", *because)
    yield possible("timestamp-stale", *because, "made early and sent late looks the same in a single request")


def _reference(capture: Capture) -> tuple[float | None, str]:
    """The server's time, and whose it is in words."""
    if capture.received_at is not None:
        return capture.received_at, "the time of the receiver"
    if capture.response is not None and capture.response.date is not None:
        return capture.response.date, "the Date of OKX's response"
    return None, ""


def _words(seconds: float) -> str:
    size = abs(seconds)
    unit = f"{size:.1f} s" if size < 600 else f"{size / 60:.1f} minutes" if size < 7200 else f"{size / 3600:.2f} hours"
    return f"{unit} {'after' if seconds > 0 else 'before'}"
