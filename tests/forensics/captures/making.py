"""The one order and the one call that every form of capture is made of."""

from __future__ import annotations

import json

from okx_doctor.forensics.captures.capture import Capture
from tests.forensics.bench import API_KEY, ORDER_BODY, PASSPHRASE, STAMP

SIGN = "OkAjRTXqfIRKxx7SRjIowU96vZPkf4n9X2G+8yduCf4="
HEADERS = {
    "OK-ACCESS-KEY": API_KEY,
    "OK-ACCESS-SIGN": SIGN,
    "OK-ACCESS-TIMESTAMP": STAMP,
    "OK-ACCESS-PASSPHRASE": PASSPHRASE,
}
URL = "https://www.okx.com/api/v5/trade/order"
GET_URL = "https://www.okx.com/api/v5/account/balance?ccy=BTC%2CETH&"
BODY = ORDER_BODY.decode()


def flags(quote: str = "'") -> str:
    return " ".join(f"-H {quote}{name}: {value}{quote}" for name, value in HEADERS.items())


AS_BROWSERS_COPY_IT = f"curl '{URL}' \\\n  -X 'POST' \\\n  {flags()} \\\n  --data-raw '{BODY}' \\\n  --compressed"
WITH_JSON = f"curl --json '{BODY}' {flags()} --url {URL}"


def okx_headers(capture: Capture) -> dict[str, str]:
    return {name: value for name, value in capture.request.headers if name in HEADERS}


def har(*entries: object) -> str:
    return json.dumps(
        {"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "pages": [], "entries": entries}}
    )


def entry(url: str = URL, **post: object) -> dict[str, object]:
    return {
        "startedDateTime": "2026-11-20T10:08:57.800+01:00",
        "request": {
            "method": "POST",
            "url": url,
            "headers": [{"name": name, "value": value} for name, value in HEADERS.items()]
            + [{"name": ":authority", "value": "www.okx.com"}],
            "postData": dict[str, object](mimeType="application/json", text=BODY) | post,
        },
        "response": {
            "status": 401,
            "headers": [{"name": "date", "value": "Fri, 20 Nov 2026 09:08:58 GMT"}],
            "content": {"text": '{"msg":"Invalid Sign","code":"50113"}'},
        },
    }


def as_json(**changes: object) -> dict[str, object]:
    return {"method": "POST", "url": URL, "headers": HEADERS, "body": BODY, **changes}
