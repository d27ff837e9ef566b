"""Makes the samples of every form of capture again: python -m tests.forensics.forms.remake [FORM…].

Wants the real programs: FORMS_NODE is a folder with axios, got, undici, node-fetch, ccxt and ws from npm, FORMS_PYTHON a
Python with httpx, requests, aiohttp, ccxt, python-okx and mitmproxy, FORMS_DOTNET the HOME of tests.decoding.stacks.make
with .NET in it, FORMS_JARS a folder with OkHttp and its logging-interceptor, FORMS_REQWEST the program of make.rs, and go,
java, php and curl on the path. A form whose program
is not there keeps the sample that it has. ``WRITTEN`` are those that were written from documentation.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

from tests.decoding.stacks.make import run_dotnet
from tests.forensics.bench import API_KEY, ORDER, ORDER_BODY, ORIGIN, PASSPHRASE, POSITIONS, SECRET, STAMP, b64, mac

HERE: Final = Path(__file__).parent
SAMPLES: Final = HERE / "samples"
ANSWER: Final = '{"msg":"Invalid Sign","code":"50113"}'
_HOST: Final = ORIGIN.removeprefix("https://")
_SECONDS: Final = 60
# Node writes a stack in colours too: an escape then stands between the folder and the name.
_PLACE: Final = re.compile(
    rb"(?:file://)?/[^\s'\"()]*?/((?:\x1b\[\d+m)?(?:node_modules|site-packages|tests/forensics/forms))/"
)


def request(method: str, target: str, body: str) -> dict[str, object]:
    headers = {
        "OK-ACCESS-KEY": API_KEY,
        "OK-ACCESS-SIGN": b64(mac(f"{STAMP}{method}{target}{body}")),
        "OK-ACCESS-TIMESTAMP": STAMP,
        "OK-ACCESS-PASSPHRASE": PASSPHRASE,
        "Content-Type": "application/json",
    }
    keys = [API_KEY, SECRET, PASSPHRASE]
    return {"method": method, "target": target, "body": body, "headers": headers, "keys": keys}


REQUESTS: Final = (request("GET", POSITIONS, ""), request("POST", ORDER, ORDER_BODY.decode()))


class _Refusing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER.encode())

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass

    def date_time_string(self, timestamp: float | None = None) -> str:
        return "Fri, 20 Nov 2026 09:08:58 GMT"


def made(command: list[str], base: str) -> bytes:
    """What a program prints of the two requests, with OKX's address for the one that it was sent to."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=_SECONDS, check=True)
    printed = done.stdout
    port = base.rpartition(":")[2]
    if command[-3].endswith("-flow"):
        return printed
    text = printed.replace(base.encode(), ORIGIN.encode()).replace(f"127.0.0.1:{port}".encode(), _HOST.encode())
    text = re.sub(rb"ws://127\.0\.0\.1:\d+", b"wss://ws.okx.com:443", text)
    return _PLACE.sub(rb"/app/\1/", text)


def programs(base: str) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Each form that a program makes, and how."""
    given = json.dumps(REQUESTS)
    node = ["node", str(HERE / "make.mjs")]
    python = [os.environ.get("FORMS_PYTHON", "python3")]
    for command in (node, [*python, str(HERE / "make.py")]):
        listed = subprocess.run([*command, "list", base, "[]"], capture_output=True, text=True, check=False)
        if listed.returncode:
            print(f"{command[0]}: its forms are kept as they are: {listed.stderr[-200:]}", file=sys.stderr)
        for form in listed.stdout.split():
            yield form, partial(made, [*command, form, base, given], base)
    for form in ("flow", "curl", "raw", "raw_request"):
        command = [*python, str(HERE / "make_flows.py"), f"mitmproxy-{form}", ORIGIN, given]
        yield f"mitmproxy-{form}", partial(made, command, ORIGIN)
    for form in ("go-dump", "go-headers", "go-request"):
        yield form, partial(made, ["go", "run", str(HERE / "make.go"), ORIGIN, given, form], ORIGIN)
    for form in ("php-print", "php-dump"):
        yield form, partial(made, ["php", str(HERE / "make.php"), form, ORIGIN, given], ORIGIN)
    for form in ("okhttp-log", "okhttp-request"):
        yield form, partial(okhttp, form, base)
    yield "reqwest-debug", reqwest
    yield "dotnet-request", dotnet
    yield "curl-verbose", lambda: b"".join(made([*curl(one, base), "-sv"], base) for one in REQUESTS[:1])
    yield "curl-include", lambda: b"".join(shown(one) + made([*curl(one, base), "-i", "-s"], base) for one in REQUESTS)


def dotnet() -> bytes:
    """What .NET prints of the two requests."""
    home = Path(os.environ.get("FORMS_DOTNET", "/nowhere")) / "dotnet"
    given = "".join("\t".join((*_line(one), ANSWER, *_flat(one))) + "\n" for one in REQUESTS)
    return run_dotnet(home, HERE / "Make.cs", given.encode())


def okhttp(form: str, base: str) -> bytes:
    """What OkHttp prints of the two requests, and its interceptor of their answers."""
    jars = f"{os.environ.get('FORMS_JARS', '/nowhere')}/*"
    return _told(["java", "-cp", jars, str(HERE / "Make.java"), form, base]).replace(base.encode(), ORIGIN.encode())


def reqwest() -> bytes:
    """What reqwest's requests are in Rust's ``{:?}``."""
    return _told([os.environ.get("FORMS_REQWEST", "/nowhere"), ORIGIN])


def _told(command: list[str]) -> bytes:
    """What a program prints that takes the two requests on its standard input."""
    given = "".join(
        "\t".join((*_line(one)[:1], str(one["target"]), str(one["body"]), *_flat(one))) + "\n" for one in REQUESTS
    )
    return subprocess.run(command, input=given.encode(), stdout=subprocess.PIPE, timeout=_SECONDS, check=True).stdout


def _line(one: dict[str, object]) -> tuple[str, str, str]:
    return str(one["method"]), f"{ORIGIN}{one['target']}", str(one["body"])


def _flat(one: dict[str, object]) -> Iterator[str]:
    headers = one["headers"]
    assert isinstance(headers, dict)
    return (text for pair in headers.items() for text in pair)


def curl(one: dict[str, object], base: str) -> list[str]:
    headers = one["headers"]
    assert isinstance(headers, dict)
    flags = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    body = ["--data-raw", str(one["body"])] if one["body"] else []
    return ["curl", "-X", str(one["method"]), f"{base}{one['target']}", *flags, *body]


def shown(one: dict[str, object]) -> bytes:
    """The command as it stands above its output in a terminal."""
    return (
        "\n$ " + " ".join(f"'{word}'" if re.search(r"[^\w./-]", word) else word for word in curl(one, ORIGIN)) + " -i\n"
    ).encode()


def written() -> Iterator[tuple[str, str]]:
    """The forms whose program is not to be had here, from its documentation or from exports that others published."""
    from tests.forensics.forms import written as forms

    for name, make in forms.FORMS.items():
        yield name, make(REQUESTS)


def main(wanted: list[str]) -> None:
    SAMPLES.mkdir(exist_ok=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Refusing)
    Thread(target=server.serve_forever, daemon=True).start()
    for form, make in programs(f"http://127.0.0.1:{server.server_address[1]}"):
        if not wanted or form in wanted:
            try:
                (SAMPLES / form).write_bytes(make())
            except (OSError, subprocess.SubprocessError) as error:
                print(f"{form}: kept as it is: {error}", file=sys.stderr)
    for form, text in written():
        if not wanted or form in wanted:
            (SAMPLES / form).write_text(text)


if __name__ == "__main__":
    main(sys.argv[1:])
