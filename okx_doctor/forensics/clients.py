"""Which HTTP client made a request, by its User-Agent: what a remedy is put into the words of."""

from __future__ import annotations

import re
from typing import Final

from okx_doctor.forensics.captures.capture import Capture

_FAMILIES: Final[tuple[tuple[str, str], ...]] = (
    (r"python-requests|okx-python|requests/", "requests"),
    (r"python-httpx|httpx", "httpx"),
    (r"aiohttp", "aiohttp"),
    (r"python-urllib|urllib3", "urllib"),
    (r"ccxt", "ccxt"),
    (r"axios", "axios"),
    (r"undici|node-fetch|^node$|node\.js|got \(|bun/|deno/", "fetch"),
    (r"okhttp", "okhttp"),
    (r"apache-httpclient|java-http-client|java/|resttemplate|reactornetty|jakarta", "java"),
    (r"go-http-client|fasthttp|resty|go-resty", "go"),
    (r"guzzle|php|symfony", "php"),
    (r"restsharp|\.net|dotnet", "dotnet"),
    (r"faraday|ruby|httparty|typhoeus", "ruby"),
    (r"reqwest|rust|hyper/", "rust"),
    (r"curl", "curl"),
    (r"mozilla|chrome|safari|firefox", "fetch"),
)


def family(capture: Capture) -> str:
    """The client's family; ``""`` where the request does not tell."""
    if capture.form == "ccxt":
        return "ccxt"  # whose User-Agent is a browser's
    agent = capture.request.header("user-agent") or ""
    if not agent:
        return {"curl": "curl", "requests": "requests", "python-okx": "httpx"}.get(capture.form, "")
    return next((name for pattern, name in _FAMILIES if re.search(pattern, agent, re.IGNORECASE)), "")
