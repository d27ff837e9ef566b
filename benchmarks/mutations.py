"""Mutated inputs through the public door, in process: any exception but the documented ones is a crash.

python -m benchmarks.mutations [COUNT] [SEED]
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import okx_doctor
from okx_doctor.checking.assemble import UnusableReport, judge_again
from okx_doctor.checking.checks import ALL
from okx_doctor.credentials.comparing import compare_all
from okx_doctor.credentials.dialects import DIALECTS
from okx_doctor.credentials.documents import forms
from okx_doctor.credentials.env_file import open_text
from okx_doctor.credentials.files import UnusableFile, decode
from okx_doctor.credentials.load import load_credentials
from okx_doctor.decoding.decode import decode as decode_text
from okx_doctor.leaks.find import leaks
from okx_doctor.report.env_files import render_text

Door = Callable[[bytes], object]

KEY, SECRET = "5e17c0de-9b3a-4d6f-8a21-7f40c2d1b96e", "9F3B7C21E8D04A56B1C7F02D93E84A6B"
HEADERS = f'"OK-ACCESS-KEY": "{KEY}", "OK-ACCESS-SIGN": "a=", "OK-ACCESS-TIMESTAMP": "2026-01-01T00:00:00.000Z"'
SEEDS: dict[str, tuple[bytes, ...]] = {
    "env": (
        f"OKX_API_KEY={KEY}\r\nexport OKX_SECRET_KEY='{SECRET}'\nOKX_PASSPHRASE=\"a$b #c\"\n# x\n".encode(),
        b": n\r\nOKX_PASSPHRASE=a",
        b"A=${B:-x}\nOKX_PASSPHRASE=$A`x`\\\n more\n",
    ),
    "home": (
        f'[default]\napi_key = "{KEY}"\nsecret_key = "{SECRET}"\npassphrase = "a"\n'.encode(),
        f'{{"exchange": {{"name": "okx", "key": "{KEY}", "secret": "{SECRET}", "password": "a"}}}}'.encode(),
        f"okx:\n  api_key: {KEY}\n  secret: '{SECRET}'\n  passphrase: 1_0\n".encode(),
    ),
    "inspect": (
        f"curl -X POST 'https://www.okx.com/api/v5/trade/order?a=b' -H 'OK-ACCESS-KEY: {KEY}' -d '{{}}'".encode(),
        f'{{"method": "GET", "url": "https://www.okx.com/api/v5/account/balance", "headers": {{{HEADERS}}}}}'.encode(),
        f'{{"op":"login","args":[{{"apiKey":"{KEY}","passphrase":"a","timestamp":"1538054050","sign":"a="}}]}}'.encode(),
        f"GET /api/v5/public/time HTTP/1.1\r\nOK-ACCESS-KEY: {KEY}\r\nDate: Mon, 1 Jan 10000 0:0:0\r\n\r\n".encode(),
        b"send: b'GET /api/v5/account/config HTTP/1.1\\r\\nOK-ACCESS-SIGN: a\\r\\n\\r\\n'\n",
    ),
    "decode": (
        b'okx {"code":"50113","msg":"Invalid Sign","data":[]}',
        b'HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\n\r\n{"msg":"x","code":"50102"}',
        b'{"event":"error","code":"60009","msg":"Login failed."}',
        b"<html><title>Just a moment...</title></html>",
    ),
    "guard": (f"OKX_SECRET_KEY = '{SECRET}'\nimport ccxt\n".encode(), f'okx:\n "apiKey": "{KEY}"\n'.encode()),
}
PIECES = (
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\x0b",
        b"\x0c",
        b"\xc2\x85",
        b"\xe2\x80\xa8",
        b"\xff",
        b"\xed\xa0\x80",
        b"\\ud800",
        b"\0",
    ),
    *(
        b"'",
        b'"',
        b"`",
        b"$",
        b"${",
        b"}",
        b"{",
        b"[",
        b"]",
        b"\\",
        b"#",
        b"=",
        b":",
        b",",
        b"\xef\xbb\xbf",
        b" ",
        b"\t",
    ),
    *(b"1901-01-01T00:00:00.000Z", b"10000-01-01T00:00:00Z", b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59.999Z"),
    *(b"1e999", b"9" * 400, b"-1", b"NaN", b"null", b"true", b"[" * 2000, b"\x1b[31m", b"%", b"%zz", b"//[", b"@"),
)


def mutated(seed: bytes, chance: random.Random) -> bytes:
    """A seed with a few pieces put in, taken out, doubled or overwritten."""
    text = bytearray(seed)
    for _ in range(chance.randint(1, 5)):
        at, length = chance.randint(0, len(text)), chance.randint(0, 12)
        match chance.randint(0, 4):
            case 0:
                text[at:at] = chance.choice(PIECES)
            case 1:
                del text[at : at + length]
            case 2:
                text[at:at] = text[at : at + length]
            case 3:
                text[at : at + 1] = bytes([chance.randint(0, 255)])
            case _:
                text[at : at + length] = chance.choice(PIECES)
    return bytes(text)


def read_env(raw: bytes) -> None:
    """As ``env`` and ``check --env-file`` read it, as every loader."""
    text = decode(raw, "it", keep_mark=True)
    compared = compare_all(open_text(text, environ={}))
    render_text("x.env", compared, width=80, colour=False, ascii_only=False)
    for each in DIALECTS:
        try:
            load_credentials({}, (forms.read(text, "x.env", None, {}, each),))
        except UnusableFile:
            continue


def read_home(raw: bytes) -> None:
    """As ``--credentials`` reads it, in each of its forms."""
    for name in ("x.toml", "x.json", "x.yaml", "x"):
        try:
            load_credentials({}, (forms.read(decode(raw, "it"), name, None, {}),))
        except UnusableFile:
            continue


def check_offline(raw: bytes) -> None:
    """The whole of ``check --offline --env-file``."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "x.env")
        file.write_bytes(raw)
        okx_doctor.check(env_file=file, offline=True, only=("credentials",), timeout=600)


def inspect(raw: bytes) -> None:
    """As ``inspect`` takes it, without a key: with one a search follows, which takes a second each."""
    okx_doctor.inspect(raw)


def judge(raw: bytes) -> None:
    """As ``diagnose`` reads it."""
    judge_again(raw.decode("utf-8", "replace"), ALL)


DOORS: dict[str, tuple[str, Door, int]] = {
    "env": ("env", read_env, 8),
    "--credentials": ("home", read_home, 4),
    "check --offline": ("env", check_offline, 1),
    "inspect": ("inspect", inspect, 6),
    "decode": ("decode", lambda raw: decode_text(raw.decode("utf-8", "replace")), 6),
    "guard": ("guard", lambda raw: leaks(raw.decode("utf-8", "replace"), "x.py"), 6),
    "diagnose": ("decode", judge, 1),
}
"""What is tried: its seeds, the door, and how often compared with the others."""

DOCUMENTED = (UnusableFile, UnusableReport, okx_doctor.UsageError)


def crashes(count: int, seed: int) -> Iterator[tuple[str, bytes, Exception]]:
    """Every input of ``count`` that met an exception which nobody is told of."""
    chance = random.Random(seed)
    names = [name for name, (_, _, share) in DOORS.items() for _ in range(share)]
    for _ in range(count):
        name = chance.choice(names)
        kind, door, _ = DOORS[name]
        raw = mutated(chance.choice(SEEDS[kind]), chance)
        try:
            door(raw)
        except DOCUMENTED:
            continue
        except Exception as error:
            yield name, raw, error


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 320_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    began = time.monotonic()
    found: Counter[str] = Counter()
    for name, raw, error in crashes(count, seed):
        if not found[f"{name} {type(error).__name__}"]:
            print(f"{name}: {type(error).__name__} for {raw!r}")
        found[f"{name} {type(error).__name__}"] += 1
    print(f"{count} mutated inputs in {time.monotonic() - began:.0f} s: {found.total()} crashes {dict(found)}")


if __name__ == "__main__":
    main()
