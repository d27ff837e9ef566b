"""Whose words a remedy takes for a request: those of the client that made it, as the table of clients knows it."""

from __future__ import annotations

from okx_doctor.catalogue.clients.recognise import client_named
from okx_doctor.forensics.captures.capture import Capture


def family(capture: Capture) -> str:
    """The client's family; ``""`` where the request does not tell."""
    if capture.form == "ccxt":
        return "ccxt"  # whose User-Agent is a browser's
    agent = capture.request.header("user-agent") or ""
    if not agent:
        return {"curl": "curl", "requests": "requests", "python-okx": "httpx"}.get(capture.form, "")
    found = client_named(user_agent=agent)
    return found.idiom if found else ""
