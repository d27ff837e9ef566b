"""What the adversary answers with, and what each answer is worth by the rulebook, told apart from the package."""

from __future__ import annotations

import json
import random
from typing import Final, Literal

from msgspec import Struct

Shape = Literal["okx", "html", "json", "empty", "junk", "redirect", "cut off", "error event", "odd code", "closed"]
"""``okx`` is OKX's envelope over REST and its event on a socket; the last three are a socket's alone."""


class Answer(Struct, frozen=True, kw_only=True):
    """One answer of the exchange. ``status`` means nothing on a socket."""

    status: int = 200
    code: str = "0"
    shape: Shape = "okx"

    def __str__(self) -> str:
        return f"{self.status}/{self.code}" if self.shape == "okx" else f"{self.status} {self.shape}"


ACCEPTING: Final = Answer()
PASSPHRASE_REFUSED: Final = "50105"
LOGIN_TWINS: Final = {"50102": "60006", "50111": "60005", "50119": "60032", "50105": "60024", "50113": "60007"}
"""What a socket says where REST has another code; the other refusals are alike."""

AUTHENTICATION: Final = ("50100", "50101", "50102", "50105", "50110", "50111", "50113", "50119")
_HEADERS: Final = ("50103", "50104", "50106", "50107", "50112", "50114", "50121")
_BEHIND: Final = ("51010", "50014", "50002", "51001", "50038", "51000", "50016")
"""Codes of the endpoint itself, documented for REST: whoever is told one has been let in."""
_ALSO_BEHIND: Final = ("58004", "50005")

_OTHERWISE: Final = ("60005", "60006", "60007", "60009", "60011", "60024", "60032", "50011", "50061")
"""Codes of a socket, and of the rate: over REST the first are nobody's, and the others tell of no step."""
_UNCLEAR: Final = ("60024", "60009", "60011", "60007", "99999", "12345", "70999", "50011", "50061")
_ODD_STATUSES: Final = (200, 400, 401, 403, 404, 418, 500, 502, 503)


def accepted(answer: Answer) -> bool:
    """2xx and code 0; on a socket the login event with code 0."""
    return answer.shape == "okx" and 200 <= answer.status < 300 and answer.code == "0"


def past_authentication(answer: Answer) -> bool:
    """A documented code of the endpoint itself, with a status that authentication does not answer with."""
    fits = 200 <= answer.status < 300 or (400 <= answer.status < 500 and answer.status not in (401, 403, 429))
    return answer.shape == "okx" and fits and answer.code in (*_BEHIND, *_ALSO_BEHIND)


def refused(answer: Answer) -> bool:
    """A code of a step of authentication, or any 401 or 403 with a code; a socket's code over REST is neither."""
    if answer.shape != "okx" or answer.status == 429 or answer.status >= 500 or answer.code in _OTHERWISE:
        return False
    return answer.code in (*AUTHENTICATION, *_HEADERS) or answer.status in (401, 403)


def body(answer: Answer) -> tuple[dict[str, str], bytes]:
    """Headers and body over REST."""
    match answer.shape:
        case "html":
            return {"content-type": "text/html"}, b"<html><head><title>Just a moment</title></head></html>"
        case "json":
            return {"content-type": "application/json"}, b'{"message": "upstream", "ok": false}'
        case "empty":
            return {"content-type": "application/json"}, b""
        case "junk":
            return {"content-type": "application/json"}, b'{"code": "0", "da'
        case "redirect":
            return {"location": "https://www.okx.com/api/v5/account/config"}, b""
        case _:
            rows = [_KEY_ROW] if answer.code == "0" else []
            document = {"code": answer.code, "data": rows, "msg": ""}
            return {"content-type": "application/json"}, json.dumps(document).encode()


_KEY_ROW: Final = {"uid": "1", "mainUid": "1", "perm": "read_only", "ip": "127.0.0.1", "label": "bot"}


def event(answer: Answer) -> str:
    """The text of a socket's answer to a login."""
    match answer.shape:
        case "error event":
            return '{"event": "error", "code": "0", "msg": ""}'
        case "odd code":
            return '{"event": "login", "code": "0 of 1", "msg": ""}'
        case "okx":
            kind = "login" if answer.code == "0" else "error"
            return json.dumps({"event": kind, "code": answer.code, "msg": ""})
        case _:
            return '{"event": "log'


def any_answer(rng: random.Random) -> Answer:
    """Anything that may come over REST, the telling answers more often than the odd ones."""
    roll = rng.random()
    if roll < 0.28:
        return ACCEPTING
    if roll < 0.70:
        return Answer(status=rng.choice((401, 401, 401, 200, 400)), code=rng.choice(AUTHENTICATION))
    if roll < 0.76:
        return Answer(status=rng.choice((200, 200, 400, 404)), code=rng.choice(_BEHIND))
    if roll < 0.80:
        return Answer(status=429, code=rng.choice(("50011", "0", "50105")), shape=rng.choice(("okx", "html")))
    if roll < 0.84:
        return Answer(status=rng.choice((401, 403, 500, 404)), code="0")
    if roll < 0.89:
        return Answer(status=rng.choice(_ODD_STATUSES), code=rng.choice(_UNCLEAR))
    if roll < 0.93:
        return Answer(status=rng.choice(_ODD_STATUSES), code=rng.choice((*_BEHIND, *_HEADERS, "50005", "58004")))
    shape: Shape = rng.choice(("html", "json", "empty", "junk", "redirect", "cut off"))
    return Answer(status=302 if shape == "redirect" else rng.choice(_ODD_STATUSES), code="", shape=shape)


def any_event(rng: random.Random) -> Answer:
    """Anything that a socket may answer a login with."""
    roll = rng.random()
    if roll < 0.45:
        return ACCEPTING
    if roll < 0.85:
        return Answer(code=rng.choice((*LOGIN_TWINS.values(), "50101", "50110", "60009", "60011", "99999")))
    return Answer(code="", shape=rng.choice(("junk", "error event", "odd code", "closed")))
