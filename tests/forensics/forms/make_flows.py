"""Writes two requests as mitmproxy keeps and exports them: python make_flows.py FORM BASE_URL REQUESTS_JSON."""

from __future__ import annotations

import json
import sys
from typing import Any
from urllib.parse import urlsplit

from mitmproxy import http, io
from mitmproxy.addons import export
from mitmproxy.connection import Client, Server
from mitmproxy.test import taddons


def flow(one: dict[str, Any], base: str) -> http.HTTPFlow:
    host = urlsplit(base).hostname or ""
    client = Client(peername=("127.0.0.1", 1), sockname=("127.0.0.1", 2), timestamp_start=1795165737.0)
    made = http.HTTPFlow(client, Server(address=(host, 443)))
    made.request = http.Request.make(one["method"], base + one["target"], one["body"], one["headers"] | {"Host": host})
    made.response = http.Response.make(
        401, '{"msg":"Invalid Sign","code":"50113"}', {"Content-Type": "application/json"}
    )
    return made


form, base, given = sys.argv[1:]
taddons.context(export.Export()).__enter__()
for each in json.loads(given):
    if form == "mitmproxy-flow":
        io.FlowWriter(sys.stdout.buffer).add(flow(each, base))
    else:
        made = export.formats[form.removeprefix("mitmproxy-")](flow(each, base))
        sys.stdout.buffer.write((made if isinstance(made, bytes) else made.encode()) + b"\n\n")
