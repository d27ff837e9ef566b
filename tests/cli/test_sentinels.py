"""Passphrases of every awkward kind through every command, in one process: nothing leaks, every format stays whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest
from lxml import etree
from markdown_it import MarkdownIt

from okx_doctor.catalogue.causes import entry
from okx_doctor.cli.output import REPORT_FORMATS, Withheld, emit
from okx_doctor.model import (
    Cause,
    CheckResult,
    CheckStatus,
    Confidence,
    Health,
    Remedy,
    Report,
    TargetSummary,
    Tool,
    Undetermined,
    Verdict,
)
from okx_doctor.secrets.redactor import redactor_of
from okx_doctor.secrets.secret import Secret
from tests.cli.canary import Canary
from tests.cli.raw import Raw, http, refusal, telling_time
from tests.cli.running import API_KEY, CLOSED, SECRET, Outcome, clean, okx_doctor

pytestmark = pytest.mark.slow

OWN = ("signed", "healthy", "proven", "passphrase", "passphrase-wrong", "undetermined")
SENTINELS: Mapping[str, str] = {
    "quotes of all kinds": 'it\'s "me" `x`-Z9',
    "a quote in the middle": "O'Brien'77-xyZ",
    "what JSON puts between a name and a value": '": "',
    "an attribute": "class=",
    "a year": "2026",
    "a date": "2026-11-26",
    "a code": "50105",
    "a number": "0.001",
    "one character": "a",
    "500 characters": "Ab3$xY9-zQ" * 50,
    "letters beyond ASCII": "парольнадёжный7",
    "signs beyond the first plane": "🔑k1🗝️k2🔐k3🔑",
    "markup": "<b>&amp;</b>\"Z1'",
    "Markdown": "](x)|`*_#[Z1](y)",
    "an end of CDATA": "]]>Zq1-->x",
    "percent signs": "%41%42%2FZq3%",
    "a workflow command": "::error::Zq1",
    "backslashes": "a\\n\\u0041\\\\Zq1",
    "a word that is a part of ours": "monkey",
    **{f"our own word {word}": word for word in OWN},
}
_TOLD_ANYWAY = ('": "', "class=", "2026", "2026-11-26", "0.001", "50105", *OWN)
TOLD = {name: text for name, text in SENTINELS.items() if len(text) >= 4 and text not in _TOLD_ANYWAY}
"""Those that are recognised where they leak: no number, no word and no sign of a report's own."""
ALARMING = {name: text for name, text in TOLD.items() if 8 <= len(text) <= 40}
"""Those that the alarm is for; a long one would be broken into lines."""
STAMP = "2026-11-20T09:08:57.715Z"

Run = Callable[..., Outcome]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The command line in this process."""

    def run(*words: str, **variables: str) -> Outcome:
        env = clean(OKX_API_KEY=API_KEY, OKX_SECRET_KEY=SECRET, OKX_API_BASE_URL=CLOSED) | variables
        done = okx_doctor(*words, env=env, cwd=tmp_path)
        assert b"bug of its own" not in done.err and b"withheld" not in done.err, done.err
        return done

    return run


class _Tags(HTMLParser):
    """The elements of a page in their order, each with the names of its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, *(name for name, _ in attrs)))


def skeleton(form: str, text: str) -> object:
    """What a document is made of besides its texts, by a real parser of its form."""
    match form:
        case "json":
            return _keys(json.loads(text))
        case "junit":
            tree = etree.fromstring(text.encode())
            return [(node.tag, sorted(node.attrib)) for node in tree.iter()]
        case "html":
            assert text.startswith("<!doctype html>\n<html") and text.endswith("</html>\n")
            return _Tags(text).found
        case "markdown":
            tokens = MarkdownIt("gfm-like").parse(text)
            return [token.type for token in tokens]
        case "github":
            return [re.match(r"::\w+ title=[\w-]+", line) is not None for line in text.splitlines() if line[:2] == "::"]
        case _:
            return all(line.isprintable() for line in text.splitlines())


def _keys(value: object) -> object:
    if isinstance(value, dict):
        return {name: _keys(item) for name, item in value.items()}
    return [_keys(item) for item in value] if isinstance(value, list) else type(value).__name__


def leaks(sentinel: str, *written: bytes) -> list[str]:
    """What can be recognised of a sentinel: all of it where it is short, every twelve characters of it otherwise."""
    everything = b"\n".join(written)
    if len(sentinel) < 12:
        return [sentinel] * (sentinel in everything.decode())
    return Canary((sentinel,)).found(everything)


@pytest.mark.parametrize("form", REPORT_FORMATS)
@pytest.mark.parametrize("sentinel", SENTINELS.values(), ids=SENTINELS)
def test_a_finished_report_is_never_rewritten(
    form: str, sentinel: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Whatever the passphrase is spelled like: with it and without any the same bytes are written."""
    report = _report()
    emit([report], form, None, redactor_of(()))
    bare = capfdbinary.readouterr().out

    emit([report], form, None, redactor_of([Secret(sentinel)]))

    assert capfdbinary.readouterr().out == bare
    assert skeleton(form, bare.decode())


@pytest.mark.parametrize("form", REPORT_FORMATS)
@pytest.mark.parametrize("sentinel", ALARMING.values(), ids=ALARMING)
def test_a_report_that_holds_a_credential_all_the_same_is_withheld(
    form: str, sentinel: str, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    report = _report(f"it is {sentinel}.")
    file = tmp_path / "report"

    with pytest.raises(Withheld):
        emit([report], form, str(file), redactor_of([Secret(sentinel)]))

    assert not file.exists()
    assert capfdbinary.readouterr() == (b"", b"")


@pytest.mark.parametrize("sentinel", SENTINELS.values(), ids=SENTINELS)
def test_check_is_whole_in_every_format_and_diagnose_comes_to_the_same(run: Run, sentinel: str, tmp_path: Path) -> None:
    """The passphrase is also a file's name and a profile's, as far as it can be one."""
    name = re.sub(r"[/\0]", "_", sentinel) if len(sentinel) < 100 else "bot"
    (tmp_path / f"{name}.env").write_text("OKX_FLAG=0\n")
    words = ("check", "--offline", "--only", "credentials", "--env-file", f"{name}.env")
    found = {form: run(*words, "--format", form, OKX_PASSPHRASE=sentinel) for form in REPORT_FORMATS}
    neutral = {form: run(*words, "--format", form, OKX_PASSPHRASE="Zz9-neutral-Xy") for form in ("json", "junit")}

    for form, done in found.items():
        assert done.status in (0, 1), done.said
        assert skeleton(form, done.text), form
        if sentinel in TOLD.values():
            assert leaks(sentinel, done.out, done.err) == []
    assert found["json"].report.keys() == neutral["json"].report.keys()
    assert len(skeleton("junit", found["junit"].text)) == len(skeleton("junit", neutral["junit"].text))  # type: ignore[arg-type]

    (tmp_path / "saved.json").write_bytes(found["json"].out)
    again = run("diagnose", "saved.json", "--format", "json", OKX_PASSPHRASE=sentinel)
    assert (again.status, _judged(again)) == (found["json"].status, _judged(found["json"]))


def _judged(done: Outcome) -> object:
    """The verdict without the commands that check again: those have options of the run, which no report holds."""
    verdict = done.report["verdict"]
    for cause in verdict["causes"]:
        cause["remedy"].pop("verify")
    return verdict


@pytest.mark.parametrize("sentinel", TOLD.values(), ids=TOLD)
def test_every_other_command_shows_nothing_of_it(run: Run, sentinel: str, tmp_path: Path) -> None:
    """Where it stands in a capture, in a request to sign, in a file and its name, in a paste, on a command line."""
    name = re.sub(r"[/\0]", "_", sentinel) if len(sentinel) < 100 else "bot"
    quoted = sentinel.replace("\\", "\\\\").replace('"', '\\"')
    (tmp_path / f"{name}.env").write_text(
        f"OKX_API_KEY={API_KEY}\nOKX_SECRET_KEY={SECRET}\nOKX_PASSPHRASE='{sentinel}'\n"
    )
    request = {
        "method": "POST",
        "url": f"https://www.okx.com/api/v5/trade/order?x={sentinel}&passphrase={sentinel}",
        "headers": {
            "OK-ACCESS-KEY": API_KEY,
            "OK-ACCESS-SIGN": "AAAA",
            "OK-ACCESS-TIMESTAMP": STAMP,
            "OK-ACCESS-PASSPHRASE": sentinel,
            "X-Other": sentinel,
        },
        "body": json.dumps({"password": sentinel, "x": sentinel}, ensure_ascii=False),
    }
    (tmp_path / "capture.json").write_text(json.dumps(request))
    (tmp_path / "paste").write_text(f'HTTP/1.1 401\n\n{{"msg": "{quoted}", "code": "50105"}}')
    signing = ("sign", "POST", f"/api/v5/x?p={re.sub(r'[^!-~]|[#]', '', sentinel)}", "--body", sentinel)
    commands: list[tuple[str, ...]] = [
        ("inspect", "capture.json"),
        ("inspect", "capture.json", "--format", "json"),
        ("inspect", f"{name}.env"),
        signing,
        (*signing, "--format", "json"),
        ("guard", f"./{name}.env"),
        ("env", f"{name}.env"),
        ("env", f"{name}.env", "--format", "json"),
        ("decode", "paste"),
        ("decode", "paste", "--format", "json"),
        ("decode", f"x{sentinel}"),
        ("explain", f"x {sentinel}"),
        ("diagnose", f"x {sentinel}"),
        ("check", "--only", f"x {sentinel}"),
        ("listen", "--host", f"x {sentinel}"),
        ("test-signer", "--timeout", "300", "--", f"./{name}"),
        (f"x {sentinel}",),
    ]
    for words in commands:
        done = run(*words, OKX_PASSPHRASE=sentinel)
        plain = done.out.replace(re.sub(r"[^!-~]|[#]", "", sentinel).encode(), b"") if len(sentinel) < 4 else done.out
        assert leaks(sentinel, plain, done.err) == [], words
        assert done.status in (0, 1, 2), words
        if words[-1] == "json" and done.out:
            json.loads(done.out)
        assert not [line for line in done.text.splitlines() if line.startswith("::") or not line.isprintable()], words


@pytest.mark.parametrize("sentinel", [text for text in TOLD.values() if text.isascii() and len(text) < 100])
def test_a_server_makes_no_report_repeat_it_cut_spaced_or_whole(run: Run, sentinel: str) -> None:
    """In a title, in a redirect's host, in a message, in a code."""
    spaced = " ".join(sentinel)
    host = re.sub(r"[^A-Za-z0-9]", "-", sentinel).strip("-")
    for answer in (
        http(403, f"<title>{sentinel[:-1]}</title>", "text/html"),
        http(403, f"<title>{spaced}</title>", "text/html"),
        http(302, "", "text/html", f"Location: https://{host}.okx.com/"),
        http(302, "", "text/html", f"Location: https://{host[:-1]}.example/"),
        refusal(sentinel[:6], spaced),
        http(401, {"code": "50110", "msg": f"Your IP {spaced} is not included"}),
    ):
        with Raw(telling_time(lambda heard, answer=answer: answer)) as server:  # type: ignore[misc]
            done = run(
                "check", "--only", "signed.config", "--timeout", "3", "--format", "json",
                OKX_PASSPHRASE=sentinel, OKX_API_BASE_URL=server.url,
            )  # fmt: skip
            seen = json.dumps(done.report["checks"]) + json.dumps(done.report["verdict"])
            assert sentinel[:-1] not in seen and spaced not in seen
            assert host[:-1].lower() not in seen.lower() or len(host) < 5


def _report(because: str = "the passphrase is wrong: OKX answers 50105 to GET account/config") -> Report:
    """A small report whose own words are what some of the sentinels are spelled like."""
    known = entry("passphrase-wrong")
    cause = Cause(
        id=known.id,
        severity=known.severity,
        confidence=Confidence.PROVEN,
        title=known.title,
        because=(because, "signed, and healthy in 0.001 s on 2026-11-26"),
        remedy=Remedy(text="Set the passphrase.", commands=("unset OKX_PASSPHRASE",)),
        checks=("signed.config",),
    )
    return Report(
        schema="okx-doctor/report/1",
        tool=Tool(name="okx-doctor", version="1.2.3"),
        started_at="2026-11-26T13:54:07.123Z",
        duration_ms=2026,
        target=TargetSummary(site="global", base_url="https://openapi.okx.com", environment="live"),
        status=Health.UNHEALTHY,
        verdict=Verdict(causes=(cause,), undetermined=(Undetermined(id="secret-wrong", missing="a signed call"),)),
        checks=(
            CheckResult(
                id="signed.config",
                group="signed",
                title="OKX accepts a signed GET",
                status=CheckStatus.FAIL,
                summary="undetermined: OKX answers 50105",
                duration_ms=7,
                observations={},
            ),
        ),
    )
