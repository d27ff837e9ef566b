"""JSON without a code: a gateway in front of OKX's API speaks.

Seen in ccxt/ccxt#6722, freqtrade/freqtrade#10704 and, from OKX's sister exchange, thrasher-corp/gocryptotrader#1436;
the other texts are those of the gateway software itself (Kong).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from okx_doctor.decoding.paste import Paste
from okx_doctor.decoding.sighting import Sighting
from okx_doctor.protocol.answers import Form, read_answer

_BODY: Final = re.compile(
    r"\{\s{0,8}[\"']?(?:message|error_message|msg)[\"']?\s{0,3}:\s{0,3}[\"']([^\"'\\\n]{1,300})[\"']\s{0,8}\}"
)
_SAID: Final = (
    "an unexpected error occurred",
    "name resolution failed",
    "you have been denied access",
    "no route matched",
    "the upstream server is timing out",
    "an invalid response was received from the upstream server",
    "api rate limit exceeded",
    "failure to get a peer from the ring-balancer",
)
_MOST: Final = 2_000


def gateway_texts(paste: Paste) -> Iterator[Sighting]:
    """The texts that gateways of OKX's and its sister exchange were seen to send."""
    for number, match in enumerate(_BODY.finditer(paste.text)):
        if number >= _MOST:
            return
        answer = read_answer(0, {}, json.dumps({"message": match[1]}).encode())
        said = answer.message.lower()
        if answer.form is Form.OTHER_JSON and any(words in said for words in _SAID):
            status = 403 if "denied access" in said else None
            yield Sighting(
                code="",
                channel="edge",
                kind="gateway",
                form="no-code envelope",
                at=match.start(),
                http_status=status,
            )
