"""Forms of capture whose program is not to be had here, written from documentation and published exports."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tests.forensics.bench import API_KEY, PASSPHRASE, b64, mac

ORIGIN: Final = "https://www.okx.com"
ANSWER: Final = '{"msg":"Invalid Sign","code":"50113"}'
One = Mapping[str, Any]
Requests = Sequence[One]


def fetch_of_a_browser(requests: Requests) -> str:
    """Chrome's and Firefox's "Copy as fetch"."""
    return "\n".join(
        _fetch(
            one,
            {
                "referrer": "https://www.okx.com/",
                "referrerPolicy": "strict-origin",
                "mode": "cors",
                "credentials": "include",
            },
        )
        for one in requests
    )


def fetch_of_node(requests: Requests) -> str:
    """Chrome's "Copy as fetch (Node.js)"."""
    return "\n".join(_fetch(one, {}) for one in requests)


def _fetch(one: One, more: Mapping[str, str]) -> str:
    headers = {"accept": "*/*", **{name.lower(): value for name, value in one["headers"].items()}}
    init = {
        "headers": headers,
        **{name: value for name, value in more.items() if "referrer" in name},
        "body": one["body"] or None,
        "method": one["method"],
        **{name: value for name, value in more.items() if "referrer" not in name},
    }
    return f"fetch({json.dumps(ORIGIN + one['target'])}, {json.dumps(init, indent=2)});"


def javascript_source(requests: Requests) -> str:
    """A request as somebody pastes it from his own program."""
    headers = [",\n".join(f"    '{name}': '{value}'" for name, value in one["headers"].items()) for one in requests]
    return "\n\n".join(
        f"const res = await axios({{\n  method: '{one['method'].lower()}',  // signed above\n  url: `{ORIGIN}{one['target']}`,\n  headers: {{\n{given},\n  }},\n"
        + (f"  data: {one['body']!r},\n" if one["body"] else "")
        + "});"
        for one, given in zip(requests, headers, strict=True)
    )


def axios_post(requests: Requests) -> str:
    """The short calls of axios."""
    return "\n".join(
        f"axios.{one['method'].lower()}('{ORIGIN}{one['target']}', "
        + (f"{one['body']!r}, " if one["body"] else "")
        + f"{{ headers: {json.dumps(one['headers'])} }})"
        for one in requests
    )


def har(requests: Requests) -> str:
    """A HAR file as Chrome saves it."""
    return json.dumps(
        {
            "log": {
                "version": "1.2",
                "creator": {"name": "WebInspector", "version": "537.36"},
                "entries": [_entry(one) for one in requests],
            }
        }
    )


def _entry(one: One) -> dict[str, Any]:
    posted = {"postData": {"mimeType": "application/json", "text": one["body"]}} if one["body"] else {}
    return {
        "startedDateTime": "2026-11-20T09:08:57.800Z",
        "request": {
            "method": one["method"],
            "url": ORIGIN + one["target"],
            "headers": [{"name": name, "value": value} for name, value in one["headers"].items()],
            **posted,
        },
        "response": {"status": 401, "headers": [], "content": {"text": ANSWER}},
    }


def charles_json(requests: Requests) -> str:
    """Charles's session exported as JSON (.chlsj)."""
    return json.dumps([_charles(one) for one in requests])


def _charles(one: One) -> dict[str, Any]:
    path, _, query = one["target"].partition("?")
    headers = [
        {"name": ":method", "value": one["method"]},
        *({"name": name, "value": value} for name, value in one["headers"].items()),
    ]
    return {
        "status": "COMPLETE",
        "method": one["method"],
        "protocolVersion": "HTTP/2.0",
        "scheme": "https",
        "host": "www.okx.com",
        "port": None,
        "actualPort": 443,
        "path": path,
        "query": query or None,
        "tunnel": False,
        "request": {
            "sizes": {"headers": 0, "body": len(one["body"])},
            "mimeType": "application/json",
            "header": {"headers": headers},
            **({"body": {"text": one["body"], "charset": None}} if one["body"] else {}),
        },
        "response": {
            "status": 401,
            "sizes": {"headers": 0, "body": 37},
            "header": {"headers": []},
            "body": {"text": ANSWER},
        },
    }


def fiddler_text(requests: Requests) -> str:
    """Fiddler's sessions saved as text: the address whole in the request line, a rule below each session."""
    return ("\n" + "-" * 66 + "\n\n").join(
        f"{one['method']} {ORIGIN}{one['target']} HTTP/1.1\nHost: www.okx.com\n"
        + "".join(f"{name}: {value}\n" for name, value in one["headers"].items())
        + (f"Content-Length: {len(one['body'])}\n" if one["body"] else "")
        + f"\n{one['body']}\nHTTP/1.1 401 Unauthorized\nContent-Type: application/json\nContent-Length: 37\n\n{ANSWER}\n"
        for one in requests
    )


def charles_text(requests: Requests) -> str:
    """Charles's "Copy Request" and a session saved as trace: the head of an HTTP/2 request."""
    return "\n\n".join(
        f"{one['method']} {one['target']} HTTP/2\nHost: www.okx.com\n"
        + "".join(f"{name.lower()}: {value}\n" for name, value in one["headers"].items())
        + f"\n{one['body']}"
        for one in requests
    )


def postman_collection(requests: Requests) -> str:
    """Postman's collection, format 2.1."""
    return json.dumps(
        {
            "info": {"name": "OKX", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
            "item": [{"name": "private", "item": [_postman(one) for one in requests]}],
        },
        indent=1,
    )


def _postman(one: One) -> dict[str, Any]:
    path, _, query = one["target"].partition("?")
    url = {
        "raw": ORIGIN + one["target"],
        "protocol": "https",
        "host": ["www", "okx", "com"],
        "path": path.split("/")[1:],
        "query": [dict(zip(("key", "value"), pair.split("="), strict=True)) for pair in query.split("&") if pair],
    }
    body = (
        {"body": {"mode": "raw", "raw": one["body"], "options": {"raw": {"language": "json"}}}} if one["body"] else {}
    )
    return {
        "name": path,
        "request": {
            "method": one["method"],
            "header": [{"key": name, "value": value, "type": "text"} for name, value in one["headers"].items()],
            "url": url,
            **body,
        },
        "response": [],
    }


def insomnia_export(requests: Requests) -> str:
    """Insomnia's export, format 4."""
    return json.dumps(
        {
            "_type": "export",
            "__export_format": 4,
            "resources": [{"_id": "wrk_1", "_type": "workspace", "name": "OKX"}, *(_insomnia(one) for one in requests)],
        }
    )


def _insomnia(one: One) -> dict[str, Any]:
    path, _, query = one["target"].partition("?")
    return {
        "_id": "req_1",
        "_type": "request",
        "parentId": "wrk_1",
        "name": path,
        "method": one["method"],
        "url": ORIGIN + path,
        "parameters": [dict(zip(("name", "value"), pair.split("="), strict=True)) for pair in query.split("&") if pair],
        "headers": [{"name": name, "value": value} for name, value in one["headers"].items()],
        "body": {"mimeType": "application/json", "text": one["body"]} if one["body"] else {},
        "authentication": {},
    }


def har_websocket(requests: Requests) -> str:
    """A HAR file of Chrome's with the messages of a socket."""
    login = json.dumps({"op": "login", "args": [LOGIN]})
    entry = {
        "startedDateTime": "2026-11-20T09:08:57.800Z",
        "request": {"method": "GET", "url": "wss://ws.okx.com:8443/ws/v5/private", "headers": []},
        "response": {"status": 101},
        "_webSocketMessages": [
            {"type": "send", "time": 1795165737.9, "opcode": 1, "data": login},
            {
                "type": "receive",
                "time": 1795165738.0,
                "opcode": 1,
                "data": '{"event":"error","msg":"Login failed.","code":"60009"}',
            },
        ],
    }
    return json.dumps({"log": {"version": "1.2", "creator": {}, "entries": [entry]}})


LOGIN: Final = {
    "apiKey": API_KEY,
    "passphrase": PASSPHRASE,
    "timestamp": "1795165737",
    "sign": b64(mac("1795165737GET/users/self/verify")),
}


def with_prefixes(requests: Requests) -> str:
    """Raw HTTP as Compose prints it with a time before each line."""
    return "".join(
        f"bot-1  | 2026-11-20T09:08:58.001Z {line}\n"
        for line in charles_text(requests).replace("HTTP/2", "HTTP/1.1").split("\n")
    )


def ruby_hash(requests: Requests) -> str:
    """Ruby's inspection of a Hash."""
    return "\n".join(
        f'{{"method"=>"{one["method"]}", "url"=>"{ORIGIN}{one["target"]}", "headers"=>{{{", ".join(f"{json.dumps(n)}=>{json.dumps(v)}" for n, v in one["headers"].items())}}}, "body"=>{json.dumps(one["body"]) if one["body"] else "nil"}}}'
        for one in requests
    )


def labelled(requests: Requests) -> str:
    """The log of OKX's own SDK for Java, by a public report of 2021 (jane-cloud/Open-API-SDK-V5, issue 7)."""
    return "\n".join(
        f"Request(2026-11-20 09:08:57:800):\nUrl: {ORIGIN}{one['target']}\nMethod: {one['method']}\nHeaders:\n"
        + "".join(f"{name}: {value}\n" for name, value in one["headers"].items())
        + f"request body:{one['body']}\npreHash: {one['headers']['OK-ACCESS-TIMESTAMP']}{one['method']}{one['target']}"
        f"{one['body']}\nResponse(2026-11-20 09:08:57:900):\nStatus: 401\nMessage: Unauthorized\n"
        for one in requests
    )


def browsers_headers(requests: Requests) -> str:
    """What is selected and copied in Chrome's network panel, with the payload below."""
    return "\n".join(
        f"Request URL: {ORIGIN}{one['target']}\nRequest Method: {one['method']}\nStatus Code: 401 Unauthorized\n"
        f"Remote Address: 104.18.43.174:443\n:authority: www.okx.com\n:method: {one['method']}\n:path: {one['target']}\n"
        + "".join(f"{name.lower()}: {value}\n" for name, value in one["headers"].items())
        + f"request payload: {one['body']}\n"
        for one in requests
    )


def browsers_table(requests: Requests) -> str:
    """The same from later versions: names and values on lines of their own."""
    return "\n".join(
        f"Request URL\n{ORIGIN}{one['target']}\nRequest Method\n{one['method']}\nStatus Code\n401 Unauthorized\n"
        + "".join(f"{name.lower()}\n{value}\n" for name, value in one["headers"].items())
        + f"request payload\n{one['body'] or '(empty)'}\n"
        for one in requests
    )


def signers_log(requests: Requests) -> str:
    """What somebody prints of his own signing."""
    return "\n".join(
        f"timestamp: {one['headers']['OK-ACCESS-TIMESTAMP']}\nmethod = {one['method']}\nrequestPath = {one['target']}\n"
        f"body = {one['body']!r}\nsignature = {one['headers']['OK-ACCESS-SIGN']}\n"
        for one in requests
    )


def spring_entity(requests: Requests) -> str:
    """Spring's RequestEntity in words, of its documentation (HttpEntity.toString)."""
    return "\n".join(
        f"<{one['method']} {ORIGIN}{one['target']},"
        + (f"{one['body']}," if one["body"] else "")
        + f"[{', '.join(f'{name}:{chr(34)}{value}{chr(34)}' for name, value in one['headers'].items())}]>"
        for one in requests
    )


FORMS: Final[Mapping[str, Callable[[Requests], str]]] = {
    "fetch-browser": fetch_of_a_browser,
    "fetch-node": fetch_of_node,
    "javascript-source": javascript_source,
    "axios-calls": axios_post,
    "har-chrome": har,
    "charles-json": charles_json,
    "charles-text": charles_text,
    "fiddler-text": fiddler_text,
    "postman": postman_collection,
    "insomnia": insomnia_export,
    "log-prefix-http": with_prefixes,
    "ruby-hash": ruby_hash,
    "har-websocket": har_websocket,
    "labelled": labelled,
    "browsers-headers": browsers_headers,
    "browsers-table": browsers_table,
    "signers-log": signers_log,
    "spring-entity": spring_entity,
}
