"""The formats made for other eyes, as whole commands: the same exit status, nothing secret, no address in full."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from okx_doctor.cli.output import REPORT_FORMATS
from okx_doctor.gate.serve.exchange import Exchange, Plan
from tests.cli.canary import Canary
from tests.cli.raw import Raw, always, refusal, telling_time
from tests.cli.running import (
    API_KEY,
    CLOSED,
    CREDENTIALS,
    PASSPHRASE,
    SECRET,
    Run,
    account,
    at,
    clean,
    in_a_process,
    okx_doctor,
    one_by_one,
    patched,
)

pytestmark = pytest.mark.slow

SHARED = tuple(form for form in REPORT_FORMATS if form not in ("text", "json"))
BEGIN = {
    "github": r"\? could not judge|✗|✓ healthy|Checked |Simulated",
    "junit": r"<\?xml ",
    "markdown": r"## ",
    "html": r"<!doctype html>",
}
CANARY = Canary((SECRET, PASSPHRASE), (API_KEY,))
RUN = ("check", "--timeout", "60", "--skip", "clock.ntp")


def every(*arguments: str) -> dict[str, tuple[str, ...]]:
    return {form: (*arguments, "--format", form) for form in REPORT_FORMATS}


def runs(env: dict[str, str], *arguments: str) -> dict[str, Run]:
    return {form: (told, env) for form, told in every(*arguments).items()}


def test_the_exit_status_is_the_same_in_every_format(okx: Exchange, tmp_path: Path) -> None:
    wrong = {"OKX_PASSPHRASE": "Another-phrase-7"}
    for env, arguments, status in (
        (at(okx), RUN, 0),
        (at(okx, **wrong), RUN, 1),
        (clean(**CREDENTIALS, OKX_API_BASE_URL=CLOSED), RUN, 3),
        (clean(), ("check", "--simulate=api-key-expiring", "--fail-on", "warning"), 1),
        (clean(), ("check", "--timeout", "0"), 2),
    ):
        ended = one_by_one(runs(env, *arguments), cwd=tmp_path)
        assert {form: done.status for form, done in ended.items()} == dict.fromkeys(REPORT_FORMATS, status)
        for form in SHARED:
            assert status == 2 or re.match(BEGIN[form], ended[form].text), form


LEAKY = """
from msgspec.structs import replace
from okx_doctor.checking import assemble
from okx_doctor.model import Remedy
bad = {bad!r}
judged = assemble.judge
def judge(evidence):
    verdict = judged(evidence)
    remedy = Remedy(text=bad, commands=(bad,), verify=bad)
    return replace(verdict, causes=tuple(replace(cause, because=(bad,), remedy=remedy) for cause in verdict.causes))
assemble.judge = judge
assemble.summary = lambda *_: bad
"""


def test_a_report_that_a_secret_got_into_is_withheld_in_every_format(tmp_path: Path) -> None:
    """However the format escapes it; no summary is written, and one line says so."""
    start = patched(LEAKY.format(bad=f"{PASSPHRASE} and {SECRET} of {API_KEY}"))
    summary = tmp_path / "summary.md"
    with Exchange(Plan(accounts=(account(ip_allowlist=()),))) as okx:  # a key that expires: one cause
        for form in REPORT_FORMATS:
            env = at(okx, GITHUB_STEP_SUMMARY=str(summary))
            done = in_a_process(*RUN, "--format", form, env=env, cwd=tmp_path, start=start)
            assert (done.status, done.out, done.said.count("\n")) == (3, b"", 1), form
            assert "withheld" in done.said
            assert CANARY.leaks({form: done.err}) == {}
    assert not summary.exists()


def test_the_address_that_okx_saw_is_for_the_own_eyes_alone(tmp_path: Path) -> None:
    text = "Your IP 198.51.100.23 is not included in your API key's IP whitelist."
    with Raw(telling_time(always(refusal("50110", text)))) as server:
        ended = one_by_one(runs(clean(**CREDENTIALS, OKX_API_BASE_URL=server.url), *RUN), cwd=tmp_path)
    assert {form: "198.51.100.23" in done.flat for form, done in ended.items()} == {
        form: form not in SHARED for form in REPORT_FORMATS
    }
    for form in SHARED:
        assert re.search(r"198(?:\.|&#46;)51(?:\.|&#46;)100(?:\.|&#46;)x", ended[form].text), form


def test_a_saved_report_is_rendered_in_every_format_and_one_of_an_older_version_too(tmp_path: Path) -> None:
    done = okx_doctor("check", "--simulate=clock-drift", "--format", "json", env=clean(), cwd=tmp_path)
    (tmp_path / "new.json").write_bytes(done.out)
    older = done.report
    for check in older["checks"]:
        for call in check["observations"].get("signed_calls", []):
            assert call.pop("started_ms") >= 0 and call.pop("duration_ms") >= 0
    (tmp_path / "old.json").write_text(json.dumps(older))
    for name in ("new", "old"):
        ended = one_by_one(runs(clean(), "diagnose", f"{name}.json"), cwd=tmp_path)
        assert {form: told.status for form, told in ended.items()} == dict.fromkeys(REPORT_FORMATS, 1)
        for form in REPORT_FORMATS:
            assert "clock-drift" in ended[form].text
        assert (re.search(r'class="when">\+\d+ ms', ended["html"].text) is None) is (name == "old")


@pytest.mark.parametrize("form", SHARED)
def test_a_report_in_a_file_is_for_its_owner_alone(form: str, tmp_path: Path) -> None:
    done = okx_doctor("check", "--simulate", "--format", form, "--output", "r", env=clean(), cwd=tmp_path)
    assert (done.status, done.out, done.err) == (0, b"", b"")
    assert stat.S_IMODE((tmp_path / "r").stat().st_mode) == 0o600
    assert "Simulated" in (tmp_path / "r").read_text("utf-8")


def test_only_github_writes_a_step_summary(tmp_path: Path) -> None:
    for form in REPORT_FORMATS:
        summary = tmp_path / form
        env = clean(GITHUB_STEP_SUMMARY=str(summary))
        assert okx_doctor("check", "--simulate", "--format", form, env=env, cwd=tmp_path).err == b""
        assert summary.exists() is (form == "github")
