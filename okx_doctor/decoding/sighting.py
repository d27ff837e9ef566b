"""One answer as it was found in a paste, before anybody says what it means."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Channel = Literal["rest", "websocket", "edge"]
"""Where an answer comes from. ``edge`` is everything that is not OKX's API itself: a CDN, a proxy, the client."""

Kind = Literal[
    "code",  # OKX's own, REST or WebSocket; on the edge a number of Cloudflare's
    "status",  # an HTTP status, and the rest of the answer is not in the paste
    "empty",  # an answer that really has no body
    "page",  # HTML
    "no-json",  # the client expected JSON and found something else
    "gateway",  # JSON that is not OKX's: a gateway in front of the API
    "redirect",
    "proxy",
    "refused-by-client",  # the client did not send the request: it misses a credential
    "no-answer",  # the client gave up before any answer came
]


class Sighting(Struct, frozen=True, kw_only=True):
    """``code`` is ``""`` where the answer has none; ``at`` is the offset in the paste, ``line`` its line from 1.

    ``form`` names the form in which it was read, ``by_text`` says that there was no code and only OKX's wording
    was recognised, ``cause`` is the catalogue's id where a client's own error states it. Of the paste itself
    only the code, the status and the address in a 50110 are kept.
    """

    code: str = ""
    channel: Channel
    kind: Kind
    form: str
    at: int
    line: int = 1
    http_status: int | None = None
    by_text: bool = False
    cause: str = ""
    caller_ip: str = ""
