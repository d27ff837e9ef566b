"""A request that OKX would refuse for what it asks, after authentication: code, status and text as documented."""

from __future__ import annotations

from okx_doctor.protocol import codes


class Refused(Exception):
    """The request is refused. ``filling`` replaces the gaps of OKX's text in their order."""

    def __init__(self, code: str, *filling: str) -> None:
        row = codes.find(code)
        text = row.wire_text if row else ""
        for number, value in enumerate(filling):
            text = text.replace(f"{{param{number}}}", value)
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = (row.wire_status if row else None) or 200


def parameter_error(name: str) -> Refused:
    """A parameter holds what it may not hold."""
    return Refused("51000", name)


def missing(name: str) -> Refused:
    """A parameter is empty, or not there."""
    return Refused("50014", name)


def missing_both(name: str, other: str) -> Refused:
    """Of two parameters one has to be given."""
    return Refused("50015", name, other)
