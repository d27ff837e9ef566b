"""The table of exit statuses, row by row and clause by clause."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from okx_doctor.gate.api.faults import Fault
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.secrets.secret import Secret
from tests.cli.raw import ACCEPTED, Answerer, Raw, always, http, refusal, telling_time, the_time
from tests.cli.running import (
    CLOSED,
    CREDENTIALS,
    NO_NTP,
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

FORMATS = {"text": ("check",), "json": ("check", "--format", "json")}
WRONG_PASSPHRASE = {"OKX_PASSPHRASE": "Another-passphrase-7"}


def both(env: Mapping[str, str], cwd: Path, *more: str) -> tuple[Outcome, Outcome]:
    """The same run in text and in JSON."""
    runs: dict[str, Run] = {form: ((*arguments, *more), env) for form, arguments in FORMATS.items()}
    text, data = one_by_one(runs, cwd=cwd).values()
    return text, data


def test_a_healthy_run_is_0_in_text_and_json(okx: Exchange, tmp_path: Path) -> None:
    text, data = both(at(okx), tmp_path)
    assert (text.status, data.status) == (0, 0)
    assert data.report["status"] == "healthy"
    assert text.err == data.err == b""


def test_a_warning_is_0_and_with_fail_on_warning_1(tmp_path: Path) -> None:
    """A trading key without IP binding expires: api-key-expiring, a warning."""
    with Exchange(Plan(accounts=(account(ip_allowlist=()),), ntp="answers")) as okx:
        text, data = both(at(okx), tmp_path)
        strict_text, strict_data = both(at(okx), tmp_path, "--fail-on", "warning")
    assert list(data.causes) == ["api-key-expiring"]
    assert (text.status, data.status, strict_text.status, strict_data.status) == (0, 0, 1, 1)
    assert data.report["status"] == strict_data.report["status"] == "healthy"


def test_fail_on_warning_leaves_a_run_without_warnings_at_0(okx: Exchange, tmp_path: Path) -> None:
    assert okx_doctor("check", "--fail-on", "warning", env=at(okx), cwd=tmp_path).status == 0


def test_a_cause_is_1_in_text_and_json(okx: Exchange, tmp_path: Path) -> None:
    text, data = both(at(okx, **WRONG_PASSPHRASE), tmp_path)
    assert (text.status, data.status) == (1, 1)
    assert data.causes["passphrase-wrong"] == "stated"
    assert data.report["status"] == "unhealthy"


def test_a_warning_beside_a_cause_leaves_it_at_1(tmp_path: Path) -> None:
    with Exchange(Plan(accounts=(account(ip_allowlist=(), permissions=("read_only", "trade")),))) as okx:
        done = okx_doctor("check", "--require", "withdraw", "--format", "json", env=at(okx), cwd=tmp_path)
    assert done.status == 1
    assert list(done.causes) == ["permission-missing", "api-key-expiring"]


def test_forbidding_withdraw_makes_its_warning_an_error(tmp_path: Path) -> None:
    may = account(permissions=("read_only", "trade", "withdraw"))
    with Exchange(Plan(accounts=(may,))) as okx:
        _, allowed = both(at(okx), tmp_path)
        _, forbidden = both(at(okx), tmp_path, "--forbid", "withdraw")
    assert (allowed.status, forbidden.status) == (0, 1)
    assert list(allowed.causes) == list(forbidden.causes) == ["withdraw-permission-granted"]


USAGE = {
    "an unknown option": ("check", "--frmat", "json"),
    "an unknown command": ("chek",),
    "an unknown format": ("check", "--format", "xml"),
    "an unknown site": ("check", "--site", "globl"),
    "an unknown check to run": ("check", "--only", "clock.ntpp"),
    "an unknown check to skip": ("check", "--skip", "nope"),
    "an unknown cause to simulate": ("check", "--simulate=clok-drift"),
    "an unknown cause to explain": ("explain", "clok-drift"),
    "a superfluous argument": ("check", "now"),
    "a missing env file": ("check", "--env-file", "missing.env"),
    "a base URL that is none": ("check", "--base-url", "www.okx.com"),
    "a time limit that is none": ("check", "--timeout", "soon"),
    "a time limit of nothing": ("check", "--timeout", "0"),
    "a time limit that is no number": ("check", "--timeout", "nan"),
    "an endless time limit": ("check", "--timeout", "inf"),
    "a time server that is none": ("check", "--ntp", "time.example:port"),
    "an option without its value": ("check", "--format"),
    "a report that is missing": ("diagnose", "missing.json"),
    "no report": ("diagnose",),
    "an output in a missing folder": ("check", "--output", "missing/report.json"),
    "an output that is a folder": ("check", "--output", "."),
    "an output without a name": ("check", "--output", ""),
}


def test_wrong_usage_is_2_with_one_line_and_nothing_on_stdout_before_anything_runs(
    okx: Exchange, tmp_path: Path
) -> None:
    ended = one_by_one({name: (arguments, at(okx)) for name, arguments in USAGE.items()}, cwd=tmp_path)
    wrong = {name: (done.status, done.out, done.said) for name, done in ended.items()}
    assert {name: wrong[name] for name, done in ended.items() if not done.is_one_line_of_usage()} == {}
    assert [handled.request.target for handled in okx.handled] == []
    assert list(tmp_path.iterdir()) == []


def test_usage_is_2_when_json_is_asked_for_as_well(okx: Exchange, tmp_path: Path) -> None:
    done = okx_doctor("check", "--format", "json", "--only", "nope", env=at(okx), cwd=tmp_path)
    assert done.is_one_line_of_usage()


def test_a_base_url_that_is_no_url_is_2_from_the_environment_too(tmp_path: Path) -> None:
    done = okx_doctor("check", env=clean(**CREDENTIALS, OKX_API_BASE_URL="`x`"), cwd=tmp_path)
    assert done.is_one_line_of_usage()
    assert "OKX_API_BASE_URL" in done.said


def test_a_simulation_with_wrong_usage_is_2_as_well(tmp_path: Path) -> None:
    runs = [
        ("check", "--simulate", "--timeout", "0"),
        ("check", "--simulate", "--only", "nope"),
        ("check", "--simulate="),
    ]
    ended = one_by_one({str(arguments): (arguments, clean()) for arguments in runs}, cwd=tmp_path)
    assert [arguments for arguments, done in ended.items() if not done.is_one_line_of_usage()] == []


@pytest.mark.parametrize(
    "option",
    [
        ("--env-file", ".env"),
        ("--dialect", "docker"),
        ("--credentials", "-"),
        ("--profile", "live"),
        ("--site", "eea"),
        ("--base-url", "https://www.okx.com"),
        ("--ntp", "pool.ntp.org"),
    ],
    ids=lambda option: option[0],
)
def test_a_simulation_refuses_what_it_would_not_look_at(tmp_path: Path, option: tuple[str, str]) -> None:
    done = okx_doctor("check", "--simulate", *option, env=clean(), cwd=tmp_path)
    assert done.is_one_line_of_usage()
    assert f"leave {option[0]} out" in done.said


def test_an_exchange_that_never_answers_is_3_with_its_cause_named(okx: Exchange, tmp_path: Path) -> None:
    okx.stage(Fault.HANG)
    runs: dict[str, Run] = {form: ((*arguments, "--timeout", "2"), at(okx)) for form, arguments in FORMATS.items()}
    text, data = batch(runs, cwd=tmp_path).values()
    assert (text.status, data.status) == (3, 3)
    assert list(data.causes) == ["connection-timeout"]
    assert data.report["status"] == "undetermined"
    assert "connection-timeout" in text.text


def test_only_network_causes_are_3_and_named_all_the_same(tmp_path: Path) -> None:
    env = clean(**CREDENTIALS, OKX_API_BASE_URL=CLOSED)
    text, data = both(env, tmp_path)
    assert (text.status, data.status) == (3, 3)
    assert list(data.causes) == ["connection-refused"]
    assert "connection-refused" in text.text


@pytest.mark.parametrize("crashing", ["network.connection", "signed.config", "signature.vectors"])
def test_a_needed_check_that_crashed_is_3_and_the_rest_is_reported(
    okx: Exchange, tmp_path: Path, crashing: str
) -> None:
    code = (
        "from okx_doctor.checking import checks\n"
        "def boom(*_): raise RuntimeError('boom')\n"
        f"check = next(check for check in checks.ALL if check.id == {crashing!r})\n"
        "from msgspec.structs import force_setattr\n"
        "force_setattr(check, 'measure', boom)\n"
    )
    done = in_a_process("check", "--format", "json", env=at(okx), cwd=tmp_path, start=patched(code))
    assert done.status == 3
    assert done.checks[crashing] == "crash"
    assert done.checks["credentials.shape"] == "pass"
    assert b"boom" not in done.out + done.err


def test_missing_credentials_are_1_with_the_network_down(tmp_path: Path) -> None:
    done = okx_doctor("check", "--format", "json", env=clean(OKX_API_BASE_URL=CLOSED), cwd=tmp_path)
    assert done.status == 1
    assert set(done.causes) == {"credentials-missing"}  # nothing to send: no network is asked


def test_a_clock_convicted_by_time_servers_is_1_with_the_network_down(tmp_path: Path) -> None:
    with Exchange(Plan(ntp="answers", ntp_offset=45.0)) as okx:
        env = clean(**CREDENTIALS, OKX_API_BASE_URL=CLOSED, OKX_DOCTOR_NTP=okx.ntp)
        text, data = both(env, tmp_path)
    assert (text.status, data.status) == (1, 1)
    assert {"clock-drift", "connection-refused"} == set(data.causes)


def test_unreachable_time_servers_alone_are_0(okx: Exchange, tmp_path: Path) -> None:
    env = at(okx, OKX_DOCTOR_NTP=NO_NTP)
    text, data = both(env, tmp_path)
    assert (text.status, data.status) == (0, 0)
    assert data.checks["clock.ntp"] == "unknown"


def test_offline_is_judged_on_what_ran(tmp_path: Path) -> None:
    complete = okx_doctor("check", "--offline", env=clean(**CREDENTIALS), cwd=tmp_path)
    missing = okx_doctor("check", "--offline", env=clean(), cwd=tmp_path)
    assert (complete.status, missing.status) == (0, 1)


def test_only_is_judged_on_what_ran(okx: Exchange, tmp_path: Path) -> None:
    """The passphrase is wrong and the exchange hangs; neither is asked."""
    okx.stage(Fault.HANG)
    done = okx_doctor("check", "--only", "credentials", env=at(okx, **WRONG_PASSPHRASE), cwd=tmp_path)
    assert done.status == 0
    assert not okx.handled


def test_skip_is_judged_on_what_ran(okx: Exchange, tmp_path: Path) -> None:
    """What a skipped check would have measured is not missed by the ones behind it."""
    skipped = "network network.connection network.resolution clock signed credentials signature body target key"
    runs = {name: (("check", "--skip", name, "--format", "json"), at(okx)) for name in skipped.split()}
    ended = one_by_one(runs, cwd=tmp_path)
    left = {
        name: [check for check, status in done.checks.items() if status not in ("pass", "skip")]
        for name, done in ended.items()
    }
    assert {name: checks for name, checks in left.items() if checks} == {}
    assert {name: done.status for name, done in ended.items() if done.status} == {}


NO_ACCEPTANCE: tuple[tuple[int, object], ...] = (
    (401, {"code": 401, "message": "Unauthorized"}),
    (403, {"code": 403, "msg": "Forbidden"}),
    (404, {"code": 404, "msg": "Not Found"}),
    (400, {"code": "weird"}),
    (401, {"code": "50199", "msg": "a refusal that nobody has seen yet"}),
    (401, {"code": "0"}),
    (200, {"status": "ok"}),
    (200, []),
    (204, ""),
)


def test_an_answer_that_does_not_show_acceptance_never_passes_for_healthy(tmp_path: Path) -> None:
    """A gateway's JSON or a code that nobody knows: "I could not check" is not "fine"."""
    runs: dict[str, Run] = {}
    with ExitStack() as stack:
        for status, body in NO_ACCEPTANCE:
            server = stack.enter_context(Raw(telling_time(always(http(status, body)))))
            env = clean(**CREDENTIALS, OKX_API_BASE_URL=server.url)
            runs[f"{status} {body}"] = (("check", "--format", "json", "--timeout", "60", "--skip", "clock.ntp"), env)
        ended = one_by_one(runs, cwd=tmp_path)
    assert {name: done.report["status"] for name, done in ended.items() if done.status not in (1, 3)} == {}


def test_a_refusal_whose_retry_meets_something_else_never_passes_for_healthy(tmp_path: Path) -> None:
    """The first signed call is refused, the corrected one meets a gateway: a failed check and an exit of 0 would
    contradict each other."""

    def answering(first: str, then: bytes) -> Answerer:
        codes = iter([refusal(first, "no")])
        return telling_time(lambda heard: next(codes, then))

    others = {
        "a code of letters": refusal("weird", "no"),
        "a code nobody knows": refusal("50199", "no"),
        "a gateway's JSON": http(401, {"message": "Unauthorized"}),
        "a page": http(403, "<title>Blocked</title>", "text/html"),
        "nothing": http(401, ""),
    }
    runs: dict[str, Run] = {}
    with ExitStack() as stack:
        for code in ("50101", "50102", "50105", "50111", "50113", "50119"):
            for name, answer in others.items():
                server = stack.enter_context(Raw(answering(code, answer)))
                env = clean(**CREDENTIALS, OKX_API_BASE_URL=server.url)
                arguments = ("check", "--format", "json", "--timeout", "60", "--skip", "clock.ntp", "--try-case")
                runs[f"{code}, then {name}"] = (arguments, env)
        ended = one_by_one(runs, cwd=tmp_path)
    assert {name: done.causes for name, done in ended.items() if done.status not in (1, 3)} == {}


def test_a_run_whose_second_wave_is_refused_is_not_healthy(tmp_path: Path) -> None:
    """The GET without a query is taken, the one with a query and the POST are not."""

    def answer(status: int, body: object) -> int:
        def signed(heard: object) -> bytes:
            return http(200, ACCEPTED) if "config" in str(heard) else http(status, body)

        with Raw(telling_time(signed)) as server:
            env = clean(**CREDENTIALS, OKX_API_BASE_URL=server.url)
            return okx_doctor("check", "--timeout", "60", env=env, cwd=tmp_path).status

    assert answer(401, {"msg": "Invalid Sign", "code": "50113"}) in (1, 3)
    assert answer(401, {"code": 401, "message": "Unauthorized"}) in (1, 3)
    assert answer(200, {"code": "0", "msg": "", "data": []}) == 0


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(("extra", "status"), [({}, 0), (WRONG_PASSPHRASE, 1)], ids=["healthy", "cause"])
def test_output_takes_the_payload_and_the_status_stays(
    okx: Exchange, tmp_path: Path, form: str, extra: dict[str, str], status: int
) -> None:
    done = okx_doctor("check", "--format", form, "--output", "report", env=at(okx, **extra), cwd=tmp_path)
    written = (tmp_path / "report").read_text("utf-8")
    assert (done.status, done.out, done.err) == (status, b"", b"")
    assert json.loads(written)["checks"] if form == "json" else "OKX" in written


def test_diagnose_ends_as_the_run_did_that_it_judges_again(okx: Exchange, tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    for extra in ({}, WRONG_PASSPHRASE, {"OKX_API_BASE_URL": CLOSED}):
        saving = ("check", "--format", "json", "--output", "saved.json")
        first = okx_doctor(*saving, env=at(okx, **extra), cwd=tmp_path)
        again = {form: ("diagnose", str(saved), "--format", form) for form in ("text", "json")}
        text, data = one_by_one({form: (run, clean()) for form, run in again.items()}, cwd=tmp_path).values()
        assert (text.status, data.status) == (first.status, first.status)
        assert data.report["verdict"] == json.loads(saved.read_text("utf-8"))["verdict"]


def test_a_reader_who_leaves_early_is_told_no_cause(okx: Exchange, tmp_path: Path) -> None:
    """``okx-doctor check | true`` on a healthy machine: 1 would say that a cause holds."""
    running = subprocess.Popen(
        [sys.executable, "-m", "okx_doctor", "check"],
        env=at(okx),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None
    running.stdout.close()
    assert running.stderr is not None
    with running.stderr as stream:
        said = stream.read()
    assert running.wait(120) not in (0, 1, 2)
    assert said == b""


@pytest.mark.skipif(sys.platform == "win32", reason="no POSIX shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "> /dev/full", "< /dev/null"])
def test_closed_and_full_streams_bring_no_traceback_and_no_false_cause(
    okx: Exchange, tmp_path: Path, closed: str
) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$0" -m okx_doctor check {closed}', sys.executable],
        env=at(okx),
        cwd=tmp_path,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert b"bug" not in done.stderr
    assert done.returncode != 1


def test_the_status_of_a_wrong_passphrase_beats_a_network_that_breaks_later(tmp_path: Path) -> None:
    """Two sites, one of them down: the home site's refusal convicts all the same."""
    known = account(passphrase=Secret("Other-passphrase-7"))
    with Exchange(Plan(accounts=(known,), sites=("global", "eea"), faults=(("eea", Fault.HANG),))) as okx:
        done = in_a_process("check", "--timeout", "4", env=at(okx), cwd=tmp_path)
    assert done.status == 1


def test_a_time_that_cannot_be_read_with_an_accepted_key_is_3(tmp_path: Path) -> None:
    """Neither OKX nor a time server told the time: the clock could not be checked."""

    def answer(heard: object) -> bytes:
        return the_time("soon") if "public/time" in str(heard) else http(200, ACCEPTED)

    with Raw(answer) as server:
        env = clean(**CREDENTIALS, OKX_API_BASE_URL=server.url)
        done = okx_doctor("check", "--format", "json", "--timeout", "60", env=env, cwd=tmp_path)
    assert done.status == 3
    assert done.checks["clock.exchange"] == "unknown"
