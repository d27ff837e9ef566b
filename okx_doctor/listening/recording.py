"""Records requests as captures that ``inspect`` reads back, one JSON object a line, without the credentials.

Key and passphrase are replaced by what can still be judged of them (``forensics.stand_ins``).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.search.parts import Keys
from okx_doctor.forensics.stand_ins import stand_in
from okx_doctor.listening.received import ReceivedRequest
from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER, SIGN_HEADER, TIMESTAMP_HEADER, login_entry
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.secret import MASK

Mask = Callable[[str], str]

_OF_A_PASSPHRASE: Final = re.compile("passphrase|passwd|password", re.IGNORECASE)
_OF_A_KEY: Final = re.compile("key", re.IGNORECASE)
_OF_SOMETHING_ELSE: Final = re.compile("authorization|cookie|secret|token", re.IGNORECASE)


def record(heard: ReceivedRequest, keys: Keys, foreign: Mask) -> str:
    """A request as one line, without a line end; ``""`` where it is not signed.

    ``foreign`` takes secrets out of a text of the request.
    """
    capture = heard.capture
    if capture is None:
        return ""
    row = _login(capture, keys, foreign) if capture.channel == "websocket" else _request(capture, keys, foreign)
    row["received_at"] = _date(heard.received_at)
    row["response"] = {"status": heard.status or None, "body": {"code": heard.code}}
    return json.dumps(row, ensure_ascii=True)


def _request(capture: Capture, keys: Keys, foreign: Mask) -> dict[str, object]:
    request = capture.request
    row: dict[str, object] = {
        "method": request.method,
        "url": capture.origin + foreign(request.target),
        "headers": [[name, _header(name, value, keys, foreign)] for name, value in request.headers],
    }
    try:
        row["body"] = foreign(request.body.decode())
    except UnicodeDecodeError:
        masked = foreign(request.body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        row["body_base64"] = base64.b64encode(masked).decode()
    return row


def _login(capture: Capture, keys: Keys, foreign: Mask) -> dict[str, object]:
    request = capture.request
    entry = login_entry(
        key=stand_in(_value(request, KEY_HEADER), keys.api_key),
        sign=foreign(_value(request, SIGN_HEADER)),
        timestamp=foreign(_value(request, TIMESTAMP_HEADER)),
        passphrase=stand_in(_value(request, PASSPHRASE_HEADER), keys.passphrase),
    )
    return {"op": "login", "args": [entry]}


def _value(request: WireRequest, name: str) -> str:
    return request.header(name) or ""


def _header(name: str, value: str, keys: Keys, foreign: Mask) -> str:
    if _OF_A_PASSPHRASE.search(name):
        return stand_in(value, keys.passphrase)
    if _OF_SOMETHING_ELSE.search(name):
        return MASK
    if _OF_A_KEY.search(name) and name.lower() != "sec-websocket-key":
        return stand_in(value, keys.api_key)
    return foreign(value)


def _date(moment: float | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")
