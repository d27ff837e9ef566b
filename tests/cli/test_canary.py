"""Sentinel credentials through every command and every failure; then every byte that was written is searched."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import stat
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest

from okx_doctor.checking.simulation import STAGES
from okx_doctor.gate.api.faults import Fault
from okx_doctor.gate.serve.exchange import Exchange, Plan
from tests.cli.canary import Canary
from tests.cli.raw import ACCEPTED, Raw, ReceivedRequest, always, http, refusal, telling_time
from tests.cli.running import (
    API_KEY,
    CLOSED,
    CREDENTIALS,
    PASSPHRASE,
    SECRET,
    Outcome,
    Run,
    account,
    at,
    batch,
    clean,
    in_a_process,
    okx_doctor,
    one_by_one,
    patched,
)

pytestmark = pytest.mark.slow

ACCENTED = PASSPHRASE + "é"
OTHER_KEY = "0badf00d-77aa-4e1c-9d52-64c1fe3ab985"
OTHER_SECRET = "D41E8A7730B95FC2664AE9017C3D85BF"
OTHER_PASSPHRASE = "Qj!7_Old-phrase%9&z"
CANARY = Canary((SECRET, ACCENTED, OTHER_SECRET, OTHER_PASSPHRASE), (API_KEY, OTHER_KEY))
RUN = ("check", "--timeout", "60", "--skip", "clock.ntp")


def written(name: str, done: Outcome) -> dict[str, bytes]:
    return {f"{name}: stdout": done.out, f"{name}: stderr": done.err}


def leaks_of(runs: Mapping[str, Run], cwd: Path, *, diagnosed: bool = False) -> dict[str, list[str]]:
    """Run all, in text and as JSON into a file, which is judged once more where asked for; search everything."""
    asked: dict[str, Run] = {}
    saved: dict[str, Path] = {}
    for number, (name, (arguments, env)) in enumerate(runs.items()):
        saved[name] = cwd / f"saved-{number}.json"
        asked[f"{name}, text"] = (arguments, env)
        asked[f"{name}, json"] = ((*arguments, "--format", "json", "--output", str(saved[name])), env)
    ended = batch(asked, cwd=cwd)
    there = {name: file for name, file in saved.items() if file.exists()}
    if diagnosed:
        again: dict[str, Run] = {
            f"{name}, diagnosed": (("diagnose", str(file)), clean()) for name, file in there.items()
        }
        ended |= batch(again, cwd=cwd)
    everything = {f"{name}: file": file.read_bytes() for name, file in there.items()}
    for name, done in ended.items():
        everything |= written(name, done)
    assert any(everything.values())
    return CANARY.leaks(everything)


def test_the_canary_sings() -> None:
    """The search itself finds what it is to find, wherever it stands."""
    piece = PASSPHRASE[5:17]
    for leak in (
        piece,
        piece.swapcase(),
        json.dumps({"a": piece}),
        json.dumps(json.dumps(piece)),
        quote(piece, safe=""),
        html.escape(piece),
        piece.encode().hex(),
        base64.b64encode(piece.encode()).decode(),
        base64.b64encode(b"x" + piece.encode() + b"yyyy").decode(),
        base64.b64encode(b"xx" + piece.encode() + b"y").decode(),
        base64.urlsafe_b64encode(b"????" + ACCENTED.encode()).decode(),
        f"{SECRET[3:10]}\n      {SECRET[10:15]}",
    ):
        assert CANARY.found(f"some text {leak} and more".encode()), leak
    assert not CANARY.found(b"some text and more, of 36 characters, [hidden]")


STAGED = f"""
import socket, sys
from okx_doctor import cli
from okx_doctor.checking import simulation
from okx_doctor.gate.accounts import generate
from okx_doctor.secrets.secret import Secret
known = dict(api_key={API_KEY!r}, secret=Secret({SECRET!r}), passphrase=Secret({PASSPHRASE!r}))
other = dict(api_key={OTHER_KEY!r}, secret=Secret({OTHER_SECRET!r}), passphrase=Secret({OTHER_PASSPHRASE!r}))
staging = False
simulation.generate = lambda **changes: generate(**(other if staging else known) | changes)
healthy = simulation.healthy
def stage():
    global staging
    staging = False
    bench = healthy()
    staging = True
    return bench
simulation.healthy = stage
look_up = socket.getaddrinfo
def getaddrinfo(host, *rest, **options):
    if str(host).endswith('.invalid'):
        raise socket.gaierror(socket.EAI_NONAME, 'no such name')
    return look_up(host, *rest, **options)
socket.getaddrinfo = getaddrinfo
for cause in sys.argv[1:]:
    for more in ([], ['--format', 'json', '--output', cause + '.json']):
        sys.argv[1:] = ['check', '--simulate=' + cause, '--websocket', *more]
        print(cause, cli.run(), file=sys.stderr, flush=True)
"""


def test_no_stage_of_the_simulation_shows_a_credential(tmp_path: Path) -> None:
    """Every cause that can be staged, as the whole command, with the sentinels as the bench's own credentials."""
    stacked = [
        "clock-drift,passphrase-wrong",
        "wrong-site,ip-not-allowlisted",
        "env-file-mangled,secret-wrong",
    ]
    causes = [*STAGES, "healthy", *stacked]
    shares = [causes[start::4] for start in range(4)]

    def run(share: list[str]) -> Outcome:
        return in_a_process(*share, env=clean(), cwd=tmp_path, seconds=100, start=("-c", STAGED))

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(run, shares))
    outputs = {str(share): done.out + done.err for share, done in zip(shares, ended, strict=True)}
    outputs |= {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert len(outputs) == 4 + len(causes)
    assert not any(b"bug" in done.err for done in ended)
    assert CANARY.leaks(outputs) == {}


def faulty(**variables: str) -> dict[str, str]:
    return clean(**{**CREDENTIALS, "OKX_API_BASE_URL": CLOSED, **variables})


def test_no_wrong_use_shows_a_credential(tmp_path: Path) -> None:
    """A credential in the wrong variable is a usual mistake, and stderr is in the CI log."""
    runs: dict[str, Run] = {}
    for value, what in ((SECRET, "secret"), (PASSPHRASE, "passphrase"), (API_KEY, "key")):
        escaped = quote(value, safe="")
        for variable in ("OKX_SITE", "OKX_DEMO", "OKX_API_BASE_URL", "OKX_DOCTOR_SITES", "OKX_DOCTOR_NTP"):
            there = {} if variable == "OKX_SITE" else {"OKX_API_BASE_URL": CLOSED}  # which would hide the site
            runs[f"{what} as {variable}"] = (RUN, clean(**{**CREDENTIALS, **there, variable: value}))
        for how, url in {
            "query": f"https://www.okx.com/?p={value}",
            "user": f"https://user:{escaped}@www.okx.com",
            "quoted": f'"https://{value}@www.okx.com"',
            "bracket": f"https://u:{escaped}@[::1",
            "port": f"https://www.okx.com:{escaped}",
        }.items():
            runs[f"{what} in a URL, {how}"] = (RUN, faulty(OKX_API_BASE_URL=url))
        runs[f"{what} in the sites"] = (RUN, faulty(OKX_DOCTOR_SITES=f"global=https://x/{value}"))
        runs[f"{what} in a time server"] = (RUN, faulty(OKX_DOCTOR_NTP=f"{value}:x"))
    ended = one_by_one(runs, cwd=tmp_path)
    assert CANARY.leaks({name: done.out + done.err for name, done in ended.items()}) == {}


def test_no_argument_is_repeated_that_is_a_credential(tmp_path: Path) -> None:
    """They never belong on the command line; but who puts one there gets no second copy in the log."""
    runs: dict[str, Run] = {}
    for value, what in ((SECRET, "secret"), (PASSPHRASE, "passphrase")):
        for arguments in (
            (*RUN, value),
            (*RUN, "--passphrase", value),
            (*RUN, f"--secret={value}"),
            (*RUN, "--env-file", value),
            (*RUN, "--only", value),
            (*RUN, "--ntp", f"{value}:x"),
            (*RUN, "--base-url", value),
            (*RUN, "--output", f"missing/{value}"),
            (*RUN, "--timeout", value),
            (*RUN, f"--simulate={value}"),
            (value,),
            ("explain", value),
            ("diagnose", value),
        ):
            name = " ".join(arguments).replace(value, what)
            runs[name] = (arguments, faulty())
    ended = one_by_one(runs, cwd=tmp_path)
    assert CANARY.leaks({name: done.out + done.err for name, done in ended.items()}) == {}


def test_no_argument_is_repeated_that_is_a_credential_of_a_file_that_was_named(tmp_path: Path) -> None:
    """Also where another place of credentials cannot be read, or the command line cannot be parsed."""
    values = {"OKX_API_KEY": OTHER_KEY, "OKX_SECRET_KEY": OTHER_SECRET, "OKX_PASSPHRASE": OTHER_PASSPHRASE}
    (tmp_path / "bot.env").write_text("".join(f"{name}='{value}'\n" for name, value in values.items()))
    (tmp_path / "bot.json").write_text(json.dumps({"okx": values}))
    (tmp_path / "passphrase").write_text(OTHER_PASSPHRASE)
    profile = tmp_path / ".okx" / "config.toml"
    profile.parent.mkdir()
    profile.write_text("[profiles.live]\n" + "".join(f"{name} = '{value}'\n" for name, value in values.items()))
    plain = clean(HOME=str(tmp_path), USERPROFILE=str(tmp_path))
    places: dict[str, Run] = {
        "an env file": (("--env-file", "bot.env"), plain),
        "an env file, joined": (("--env-file=bot.env",), plain),
        "a document": (("--credentials", "bot.json"), plain),
        "a profile": (("--profile=live",), plain),
        "a secret file": ((), clean(OKX_PASSPHRASE_FILE="passphrase")),
        "an env file beside a missing one": (("--env-file", "bot.env", "--credentials", "missing"), plain),
        "an env file beside a missing secret": (("--env-file", "bot.env"), clean(OKX_PASSPHRASE_FILE="missing")),
    }
    runs: dict[str, Run] = {}
    for name, (place, env) in places.items():
        for wrong in (("--site", OTHER_PASSPHRASE), (f"--format={OTHER_PASSPHRASE}",), (OTHER_PASSPHRASE,), ("--x",)):
            words = " ".join(wrong).replace(OTHER_PASSPHRASE, "passphrase")
            runs[f"{name}, {words} before"] = ((*RUN, *wrong, *place), env)
            runs[f"{name}, {words} behind"] = ((*RUN, *place, *wrong), env)
    runs["env, behind"] = (("env", "bot.env", "--format", OTHER_PASSPHRASE), plain)
    runs["env, before"] = (("env", f"--format={OTHER_PASSPHRASE}", "bot.env"), plain)

    ended = one_by_one(runs, cwd=tmp_path)

    assert {name: done.said for name, done in ended.items() if not done.is_one_line_of_usage()} == {}
    assert CANARY.leaks({name: done.out + done.err for name, done in ended.items()}) == {}


def test_no_path_that_holds_a_credential_shows_it_where_a_line_is_broken(tmp_path: Path) -> None:
    passphrase = "Zq7-vTr4plMw9_Kd2xN5"  # of characters that a path and a wrapped line can hold
    runs: dict[str, Run] = {}
    for before in range(20, 80, 4):
        file = tmp_path / str(before) / f"{'a' * before}-{passphrase}.env"
        file.parent.mkdir()
        file.write_text(f"OKX_API_KEY={API_KEY}\nOKX_SECRET_KEY='{SECRET}  '\nOKX_PASSPHRASE={passphrase}\n")
        relative = str(file.relative_to(tmp_path))
        runs[f"check, {before}"] = (("check", "--offline", "--env-file", relative), clean())
        runs[f"env, {before}"] = (("env", relative), clean())

    ended = one_by_one(runs, cwd=tmp_path)

    joined = {name: b"".join(done.out.split()) for name, done in ended.items()}  # lines are broken anywhere
    assert {name for name, out in joined.items() if b"[hidden]" not in out} == set()
    assert Canary((passphrase, SECRET)).leaks(joined) == {}


def test_no_network_failure_shows_a_credential(tmp_path: Path) -> None:
    okx = {"OKX_API_BASE_URL": "https://www.okx.com"}
    runs: dict[str, Run] = {
        "closed port": (RUN, faulty()),
        "unknown host": (RUN, faulty(OKX_API_BASE_URL="https://127.0.0.256")),
        "proxy": (RUN, faulty(**okx, HTTPS_PROXY="http://127.0.0.1:9")),
        "a proxy's user": (RUN, faulty(**okx, HTTPS_PROXY=f"http://{API_KEY}:{SECRET}@127.0.0.1:9")),
        "a proxy that is no URL": (RUN, faulty(**okx, HTTPS_PROXY=f"http://u:{SECRET}@[::1")),
        "offline": ((*RUN, "--offline"), faulty()),
    }
    assert leaks_of(runs, tmp_path) == {}


def test_no_fault_of_the_exchange_shows_a_credential(tmp_path: Path) -> None:
    with ExitStack() as stack:
        runs: dict[str, Run] = {}
        for fault in Fault:
            plan = Plan(accounts=(account(),), sites=("global",), faults=(("*", fault),))
            okx = stack.enter_context(Exchange(plan))
            runs[fault.value] = ((*RUN, "--timeout", "1"), at(okx))
        assert leaks_of(runs, tmp_path) == {}


def test_no_damaged_or_misplaced_value_is_shown(tmp_path: Path) -> None:
    with Exchange(Plan(accounts=(account(),), websocket=True)) as okx:
        runs: dict[str, Run] = {}
        arguments = (*RUN, "--websocket", "--try-case")
        for slot, value in CREDENTIALS.items():
            for how, damaged in {
                "newline": value + "\n",
                "inner newline": value[:14] + "\n" + value[14:],
                "accent": value + "é",
                "quotes": f'"{value}"',
                "surrogate": value + "\udcff",
                "cut": value[:-1],
                "case": value.swapcase(),
            }.items():
                runs[f"{slot}, {how}"] = (arguments, at(okx, **{slot: damaged}))
        values = (API_KEY, SECRET, ACCENTED)
        for order in ((0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0), (1, 1, 1)):
            placed = dict(zip(CREDENTIALS, (values[at_] for at_ in order), strict=True))
            runs[f"slots {order}"] = (arguments, at(okx, **placed))
        assert leaks_of(runs, tmp_path) == {}


def test_no_env_file_shows_a_credential(tmp_path: Path) -> None:
    """Mangled, shadowed, badly encoded: every loader's quarrel with a file that holds the sentinels."""
    plain = [f"OKX_API_KEY={API_KEY}", f"OKX_SECRET_KEY={SECRET}"]
    rows = {
        "unquoted": f"OKX_PASSPHRASE={ACCENTED}",
        "double quotes": f'OKX_PASSPHRASE="{ACCENTED}"',
        "single quotes": f"OKX_PASSPHRASE='{ACCENTED}'",
        "never closed": f"OKX_PASSPHRASE='{ACCENTED}",
        "two equals signs": f"OKX_PASSPHRASE=={ACCENTED}",
        "comment": f"OKX_PASSPHRASE={ACCENTED} # {SECRET}",
        "expansion": f"OKX_PASSPHRASE=${{{ACCENTED}}}{ACCENTED}",
        "no assignment": f"{ACCENTED} {SECRET}",
        "a name that is one": f"{SECRET}={ACCENTED}",
        "alias": f"OKX_PASSWORD={ACCENTED}\nOKX_API_SECRET={OTHER_SECRET}",
    }
    runs: dict[str, Run] = {}
    for name, row in rows.items():
        (tmp_path / f"{name}.env").write_text("\n".join((*plain, row)), "utf-8")
        arguments = (*RUN, "--offline", "--env-file", f"{name}.env")
        runs[name] = (arguments, clean())
        runs[f"{name}, shadowed"] = (arguments, clean(OKX_PASSPHRASE=PASSPHRASE.partition("#")[0]))
    for encoding in ("utf-16", "latin-1", "utf-16-be"):
        (tmp_path / f"{encoding}.env").write_text("\n".join((*plain, rows["unquoted"])), encoding)
        runs[encoding] = ((*RUN, "--env-file", f"{encoding}.env"), clean())
    assert leaks_of(runs, tmp_path) == {}


ECHOES: dict[str, Callable[[ReceivedRequest], bytes]] = {
    "the passphrase": lambda heard: refusal("50105", f"wrong: {heard.passphrase}"),
    "all headers": lambda heard: refusal("50105", heard.raw.decode("latin-1")),
    "all headers as JSON in JSON": lambda heard: refusal(
        "50105", json.dumps({"h": json.dumps(heard.raw.decode("latin-1"))})
    ),
    "a message cut inside the passphrase": lambda heard: refusal("50105", "x" * 480 + heard.passphrase),
    "a message cut inside the key": lambda heard: refusal("50111", "x" * 485 + heard.header("OK-ACCESS-KEY")),
    "JSON cut inside the passphrase": lambda heard: http(500, '{"msg":"' + "x" * 170 + heard.passphrase),
    "the code": lambda heard: refusal(heard.passphrase, ""),
    "a title": lambda heard: http(403, f"<title>no {heard.passphrase}</title>", "text/html"),
    "a title that is cut": lambda heard: http(403, f"<title>{'z ' * 92}{heard.passphrase}</title>", "text/html"),
    "a title as HTML has it": lambda heard: http(
        403, f"<title>no {html.escape(heard.passphrase)}</title>", "text/html"
    ),
    "a title that is wrapped": lambda heard: http(403, f"<title>{'z' * 25} {heard.passphrase}</title>", "text/html"),
    "a redirect's path": lambda heard: http(302, "", "text/html", f"Location: /login?p={heard.passphrase}"),
    "a redirect's path that is cut": lambda heard: http(
        302, "", "text/html", f"Location: /login/{'z' * 76}{heard.passphrase}"
    ),
    "a redirect's host": lambda heard: http(
        302, "", "text/html", f"Location: https://{re.sub(r'[^A-Za-z0-9]', '-', heard.passphrase)}.example/"
    ),
    "a redirect's user": lambda heard: http(
        302, "", "text/html", f"Location: //{quote(heard.passphrase, safe='')}:x@h/"
    ),
    "a redirect in lower-case escapes": lambda heard: http(
        302,
        "",
        "text/html",
        "Location: /" + re.sub("%..", lambda found: found.group().lower(), quote(heard.passphrase, safe="")),
    ),
    "base64 of a header line": lambda heard: refusal(
        "50105", base64.b64encode(f"p: {heard.passphrase}".encode()).decode()
    ),
    "base64 of all headers": lambda heard: refusal("50105", base64.b64encode(heard.raw[-300:]).decode()),
    "a hex dump": lambda heard: refusal("50105", heard.passphrase.encode().hex(" ")),
    "Go's JSON in JSON": lambda heard: refusal(
        "50105", json.dumps(heard.passphrase).replace("&", "\\u0026").replace("'", "\\u0027")
    ),
    "a passphrase spelled apart": lambda heard: refusal("50105", " ".join(heard.passphrase)),
    "a passphrase with something invisible": lambda heard: refusal(
        "50105", heard.passphrase[:14] + "\u200b" + heard.passphrase[14:]
    ),
    "account data": lambda heard: http(
        200, {**ACCEPTED, "data": [{"perm": heard.passphrase, "ip": heard.passphrase, "uid": SECRET}]}
    ),
    "a gateway's JSON": lambda heard: http(500, {"message": heard.passphrase, "error": heard.passphrase}),
}


def test_no_document_and_no_secret_file_shows_a_credential(tmp_path: Path) -> None:
    """Sound, damaged at every third place, in the wrong form, and with other people's credentials beside one's own."""
    values = {"apiKey": API_KEY, "secret": SECRET, "password": ACCENTED}
    others = {"apiKey": OTHER_KEY, "secret": OTHER_SECRET, "password": OTHER_PASSPHRASE}
    rows = [(name, json.dumps(text, ensure_ascii=False)) for name, text in values.items()]
    sound = {
        "json": json.dumps({"okx": values, "binance": others}, indent=1, ensure_ascii=False),
        "yaml": "okx:\n" + "".join(f"  {name}: {text}\n" for name, text in rows),
        "toml": "[profiles.default]\n" + "".join(f"{name} = {text}\n" for name, text in rows),
    }
    twice = {name: {"a": values, "b": others} for name in ("json", "yaml", "toml")}
    runs: dict[str, Run] = {}
    for form, text in sound.items():
        texts = {
            "sound": text,
            "twice": json.dumps(twice[form]),
            "unquoted": text.replace('"', ""),
            "single": text.replace('"', "'"),
            **{f"without {at}": text[:at] + text[at + 1 :] for at in range(0, len(text), len(text) // 12)},
            **{f"cut at {at}": text[:at] for at in range(0, len(text), len(text) // 8)},
        }
        for name, content in texts.items():
            for suffix in (form, "env" if name == "sound" else form):
                file = f"{form} {name}.{suffix}"
                (tmp_path / file).write_text(content, "utf-8")
                runs[file] = ((*RUN, "--offline", "--no-env-file", "--credentials", file), clean())
    (tmp_path / "secrets").mkdir()
    for name, text in values.items():
        (tmp_path / "secrets" / name).write_text(f"{text}\n", "utf-8")
    runs["secrets"] = ((*RUN, "--offline", "--credentials", "secrets"), clean())
    runs["a secret for a profile"] = ((*RUN, "--credentials", "json sound.json", "--profile", SECRET), clean())
    runs["a secret for a file"] = ((*RUN, "--credentials", SECRET), clean())
    assert leaks_of(runs, tmp_path) == {}


def test_a_server_that_repeats_what_it_got_makes_nothing_leak(tmp_path: Path) -> None:
    with ExitStack() as stack:
        runs: dict[str, Run] = {}
        for name, answer in ECHOES.items():
            server = stack.enter_context(Raw(telling_time(answer)))
            runs[name] = (RUN, clean(**CREDENTIALS, OKX_API_BASE_URL=server.url))
        assert leaks_of(runs, tmp_path, diagnosed=True) == {}


def test_a_50110_shows_the_address_with_its_family_and_masks_the_key(tmp_path: Path) -> None:
    for address, family in (("198.51.100.23", "IPv4"), ("2001:db8::7:23", "IPv6")):
        text = f"Your IP {address} is not included in your API key's {API_KEY} IP whitelist."
        with Raw(telling_time(always(refusal("50110", text)))) as server:
            env = clean(**CREDENTIALS, OKX_API_BASE_URL=server.url)
            for form in ("text", "json"):
                done = okx_doctor(*RUN, "--format", form, env=env, cwd=tmp_path)
                assert CANARY.leaks(written(form, done)) == {}
                assert address in done.flat
                assert family in done.flat
                assert done.status == 1


def test_characters_that_are_no_ascii_are_not_spelled_out_one_by_one(tmp_path: Path) -> None:
    """A passphrase of Cyrillic letters, each named with its place, would be a passphrase told."""
    import unicodedata

    for slot, value in {
        "OKX_PASSPHRASE": "парольнадёжный",
        "OKX_SECRET_KEY": SECRET.translate(str.maketrans("0123456789ABCDEF", "０１２３４５６７８９ＡＢＣＤＥＦ")),
    }.items():
        for form in ("text", "json"):
            done = okx_doctor(
                *RUN, "--offline", "--format", form, env=clean(**{**CREDENTIALS, slot: value}), cwd=tmp_path
            )
            flat = done.flat.lower()
            told = [char for char in value if f"u+{ord(char):04x}" in flat or unicodedata.name(char).lower() in flat]
            assert len(told) <= len(value) // 2, f"{slot}: {len(told)} of {len(value)} characters are told"


WORDS = ("null", "true", "false", "status", "okx-doctor", "checks", "error", "https", "1000", "0.00")


def test_a_passphrase_that_is_a_word_of_the_report_leaves_it_readable(tmp_path: Path) -> None:
    """``OKX_PASSPHRASE=null`` comes out of many a template."""
    runs: dict[str, Run] = {word: ((*RUN, "--format", "json"), faulty(OKX_PASSPHRASE=word)) for word in WORDS}
    ended = one_by_one(runs, cwd=tmp_path)
    for number, (word, done) in enumerate(ended.items()):
        assert done.report["schema"] == "okx-doctor/report/1", word
        keys = {"schema", "tool", "started_at", "duration_ms", "target", "status", "verdict", "checks"}
        assert set(done.report) == keys, word
        (tmp_path / f"{number}.json").write_bytes(done.out)
    again = one_by_one(
        {word: (("diagnose", f"{number}.json"), clean()) for number, word in enumerate(WORDS)}, cwd=tmp_path
    )
    assert {word: done.status for word, done in again.items()} == {word: done.status for word, done in ended.items()}


CRASHES = {
    "a check": (
        "from msgspec.structs import force_setattr\nfor check in checks.ALL: force_setattr(check, 'measure', boom)\n"
    ),
    "the judgement": "from okx_doctor.checking import run\nput(run, 'report')\n",
    "the report": "from okx_doctor.report import text\nput(text, 'render_text')\n",
    "the loading": "from okx_doctor.cli import check\nput(check, 'gather')\n",
    "the client": "import httpx\nput(httpx.Client, 'send')\n",
    "the signer": "from okx_doctor.probes import signed\nput(signed, 'signed_headers')\n",
}


@pytest.mark.parametrize("code", CRASHES.values(), ids=CRASHES)
def test_a_crash_shows_no_credential_and_no_traceback(okx: Exchange, tmp_path: Path, code: str) -> None:
    """The exception's text holds all three, as an HTTP library's well may."""
    boom = f"def boom(*_, **__): raise ValueError({' '.join((API_KEY, SECRET, PASSPHRASE))!r})\n"
    put = "def put(place, name):\n    assert hasattr(place, name)\n    setattr(place, name, boom)\n"
    start = patched("from okx_doctor.checking import checks\n" + boom + put + code)
    for form in ("text", "json"):
        done = in_a_process(*RUN, "--format", form, env=at(okx), cwd=tmp_path, start=start)
        assert done.status == (0 if form == "json" and "render_text" in code else 3)
        assert CANARY.leaks(written(form, done)) == {}


# Files


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_a_file_is_written_for_its_owner_alone(okx: Exchange, tmp_path: Path) -> None:
    """A new one under the loosest umask, and one that others could read before."""
    (tmp_path / "old.json").write_text("{}")
    (tmp_path / "old.json").chmod(0o666)
    loose = patched("import os\nos.umask(0)\n")
    for name in ("new.json", "old.json"):
        in_a_process(*RUN, "--format", "json", "--output", name, env=at(okx), cwd=tmp_path, start=loose)
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        assert json.loads((tmp_path / name).read_text("utf-8"))["status"] == "healthy"
    saved = tmp_path / "new.json"
    in_a_process("diagnose", str(saved), "--output", "again.txt", env=clean(), cwd=tmp_path, start=loose)
    assert stat.S_IMODE((tmp_path / "again.txt").stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege there")
@pytest.mark.parametrize("target", ["victim.txt", "not-there.txt", "/dev/null"])
def test_a_file_is_never_written_through_a_symlink(okx: Exchange, tmp_path: Path, target: str) -> None:
    (tmp_path / "victim.txt").write_text("precious")
    (tmp_path / "report").symlink_to(target)
    done = okx_doctor(*RUN, "--output", "report", env=at(okx), cwd=tmp_path)
    assert done.is_one_line_of_usage()
    assert (tmp_path / "victim.txt").read_text() == "precious"
    assert not (tmp_path / "not-there.txt").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFO in the file system")
@pytest.mark.parametrize("kind", ["fifo", "folder"])
def test_a_file_that_cannot_be_written_is_one_line_of_usage(okx: Exchange, tmp_path: Path, kind: str) -> None:
    if kind == "fifo":
        os.mkfifo(tmp_path / "report")
    else:
        (tmp_path / "report").mkdir()
    done = okx_doctor(*RUN, "--output", "report", env=at(okx), cwd=tmp_path)
    assert done.is_one_line_of_usage()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_report_that_does_not_fit_where_it_belongs_is_lost_and_nothing_is_concluded(
    okx: Exchange, tmp_path: Path
) -> None:
    done = okx_doctor(*RUN, "--output", "/dev/full", env=at(okx), cwd=tmp_path)
    assert done.status == 3
    assert done.said == "okx-doctor: cannot write /dev/full: No space left on device\n"


def test_a_wrong_passphrase_of_old_is_masked_as_well(okx: Exchange, tmp_path: Path) -> None:
    """The value that the environment hides is a secret too; the server repeats whatever it got."""
    (tmp_path / ".env").write_text(f"OKX_PASSPHRASE='{OTHER_PASSPHRASE}'\n")
    with Raw(telling_time(lambda heard: refusal("50105", f"wrong {heard.passphrase}"))) as server:
        env = clean(**CREDENTIALS, OKX_API_BASE_URL=server.url)
        assert leaks_of({"shadowed": (RUN, env)}, tmp_path) == {}
        assert any(heard.passphrase == OTHER_PASSPHRASE for heard in server.heard)
