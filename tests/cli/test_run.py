"""``okx-doctor run -- COMMAND``: an unchanged program, sealed off, judged; what is said of it and how it ends."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from okx_doctor.confining.refusals import CannotSeal
from okx_doctor.protocol.sites import hosts
from tests.cli.running import CLI, CREDENTIALS, Outcome, clean, in_a_process, okx_doctor
from tests.confining.running import USERS, required
from tests.needs import needs, program, skip_without
from tests.peers import env_loaders
from tests.schemas import schema_of

pytestmark = pytest.mark.slow

BOT = Path(__file__).with_name("sealed_bot.py")
OTHER_KEY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(autouse=True)
def _sealable() -> None:
    required(USERS[0] if os.geteuid() == 0 else USERS[1])


def bot(*does: str) -> list[str]:
    """The command line of a bot that does these things in turn."""
    return [sys.executable, str(BOT), *does]


def run(folder: Path, *arguments: str, env: Mapping[str, str] = CREDENTIALS) -> Outcome:
    return okx_doctor("run", "--no-env-file", *arguments, env=clean(**env), cwd=folder)


def judged(folder: Path, *arguments: str, env: Mapping[str, str] = CREDENTIALS) -> list[dict[str, Any]]:
    """The lines of JSON, the last of them about the run as a whole."""
    said = run(folder, "--format", "json", *arguments, env=env)
    rows = [json.loads(line) for line in said.said.splitlines() if line.startswith("{")]
    for row in rows:
        name = "run" if row["schema"] == "okx-doctor/run/1" else "listening"
        jsonschema.validate(row, schema_of(name))
    assert rows[-1]["schema"] == "okx-doctor/run/1"
    return rows


def test_a_bot_that_is_right_is_accepted_and_its_own_output_is_left_alone(tmp_path: Path) -> None:
    ran = run(tmp_path, "--", *bot("balance", "say hello"))

    assert (ran.status, ran.text) == (0, "hello\n")
    assert "sealed off. Nothing it sends can leave this machine." in ran.said_flat
    assert "with the credentials from the environment" in ran.said_flat
    assert "✓ 200       GET  /api/v5/account/balance" in ran.said
    assert ran.said_flat.endswith("sealed_bot.py ended with status 0. 1 request: 1 accepted.")


def test_a_wrong_secret_of_the_bots_is_refused_explained_and_status_1(tmp_path: Path) -> None:
    ran = run(tmp_path, "--", "env", f"OKX_SECRET_KEY={CREDENTIALS['OKX_SECRET_KEY'][:-1]}", *bot("balance"))

    assert ran.status == 1
    assert "secret-altered: proven" in ran.said_flat
    assert CREDENTIALS["OKX_SECRET_KEY"][:-1] not in ran.said


def test_another_key_than_the_loaded_one_is_named_with_what_to_do(tmp_path: Path) -> None:
    ran = run(tmp_path, "--", "env", f"OKX_API_KEY={OTHER_KEY}", *bot("balance"))

    assert ran.status == 1
    assert "1 request carries another API key than the one from the environment" in ran.said_flat


def test_generated_credentials_take_the_place_of_every_name_that_is_set(tmp_path: Path) -> None:
    real = {"OKX_API_KEY": OTHER_KEY, "OKX_SECRET_KEY": "real", "OKX_PASSPHRASE": "real", "OKX_API_SECRET": "real"}
    ran = run(tmp_path, "--generate", "--", *bot("balance", "tell OKX_API_SECRET"), env=real)

    assert ran.status == 0
    assert ran.text not in ("", "real\n")


@pytest.mark.parametrize(
    ("does", "options", "status"),
    [
        (["exit 7"], [], 7),
        (["balance", "exit 7"], [], 7),
        (["wrong", "exit 7"], [], 1),
        (["wrong", "exit 7"], ["--status", "bot"], 7),
        (["wrong"], ["--status", "bot"], 0),
        (["kill 9"], [], 137),
        (["public"], [], 3),
        ([], [], 3),
    ],
    ids=str,
)
def test_the_exit_status_is_the_judgements_then_the_bots_then_that_nothing_was_signed(
    does: list[str], options: list[str], status: int, tmp_path: Path
) -> None:
    assert run(tmp_path, *options, "--", *bot(*does)).status == status


@pytest.mark.parametrize(
    ("command", "status", "line"),
    [
        (["no-such-bot"], 127, "no-such-bot: No such file or directory"),
        (["bot.py"], 127, "bot.py: No such file or directory"),
        (["./bot.py"], 126, "./bot.py: Permission denied"),
        (["docker", "run", "bot"], 2, "docker starts the bot outside the seal; run okx-doctor inside the container"),
        ([], 2, "name the bot's own command behind --, as in: okx-doctor run -- python3 bot.py"),
    ],
    ids=str,
)
def test_a_command_that_cannot_be_run_is_one_line(command: list[str], status: int, line: str, tmp_path: Path) -> None:
    (tmp_path / "bot.py").write_text("")
    ran = run(tmp_path, "--", *command)

    assert (ran.status, ran.text, ran.said) == (status, "", f"okx-doctor: {line}\n")


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--allow", "www.okx.com:443"], "--allow www.okx.com:443: OKX's hosts are never let out"),
        (["--allow", "aws.okex.com:8443"], "--allow aws.okex.com:8443: OKX's hosts are never let out"),
        (["--allow", "localhost"], "--allow localhost is no HOST:PORT"),
        (["--allow-ip", "here"], "--allow-ip 'here' is no IP address or network"),
        (["--until-idle", "inf"], "inf"),
        (["--record", "one", "--output", "one"], "--record and --output both name one"),
        (["--record", "no/such/folder"], "cannot write no/such/folder"),
    ],
    ids=str,
)
def test_bad_input_is_one_line_and_the_command_is_not_started(options: list[str], line: str, tmp_path: Path) -> None:
    ran = run(tmp_path, *options, "--", "touch", "started")

    assert ran.is_one_line_of_usage(), ran.said
    assert line in ran.said_flat
    assert not (tmp_path / "started").exists()


def test_without_credentials_nothing_is_started(tmp_path: Path) -> None:
    ran = run(tmp_path, "--", "touch", "started", env={})

    assert ran.is_one_line_of_usage()
    assert "let --generate make some up" in ran.said_flat
    assert not (tmp_path / "started").exists()


def test_without_a_seal_nothing_is_started_and_one_line_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise CannotSeal("cannot seal the bot off (unshare: Operation not permitted), so it was not started; do this")

    monkeypatch.setattr("okx_doctor.cli.sealed_run.confine", refused)
    ran = run(tmp_path, "--", "touch", "started")

    assert ran.is_one_line_of_usage()
    assert "so it was not started; do this" in ran.said_flat
    assert not (tmp_path / "started").exists()


def test_where_the_exchange_cannot_start_the_command_does_not_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def __init__(self, *_: object, **__: object) -> None:
            raise OSError(24, "Too many open files")

    monkeypatch.setattr("okx_doctor.cli.sealed_run.Listener", Broken)
    ran = run(tmp_path, "--", "touch", "started")

    assert ran.status == 3
    assert ran.said.count("\n") == 1
    assert not (tmp_path / "started").exists()


LOADED = """
import sys
from okx_doctor.cli import run
status = run()
print(any(name in sys.modules for name in ("okx_doctor.report.inspection", "rich")))
sys.exit(status)
"""


@pytest.mark.parametrize(
    ("does", "status", "loaded", "said"),
    [
        ((), 3, "False", "ended with status 0. nothing came."),
        (("balance",), 0, "True", "ended with status 0. 1 request: 1 accepted."),
    ],
    ids=["nothing sent", "one request"],
)
def test_what_explains_requests_is_loaded_where_there_are_any(
    does: Sequence[str], status: int, loaded: str, said: str, tmp_path: Path
) -> None:
    command = bot(*does) if does else ["true"]
    ran = in_a_process(
        "run", "--no-env-file", "--", *command, env=clean(**CREDENTIALS), cwd=tmp_path, start=("-c", LOADED)
    )

    assert (ran.status, ran.text) == (status, f"{loaded}\n")
    assert ran.said_flat.endswith(said)


def test_names_packets_and_proxies_that_were_not_let_out_are_listed_at_the_end(tmp_path: Path) -> None:
    ran = run(tmp_path, "--", *bot("balance", "ask api.telegram.org", "knock 203.0.113.7", "proxy 7890"))

    assert ran.status == 0
    assert "Not let out: api.telegram.org, 1 packet to a bare address\n" in ran.said
    assert "It wants a proxy at 127.0.0.1:7890, which could reach OKX; take it out" in ran.said_flat


def test_a_process_that_goes_on_is_named(tmp_path: Path) -> None:
    ran = run(tmp_path, "--", *bot("leave sleep 30"))

    assert "goes on without it and without a network" in ran.said_flat
    pid = int(ran.said.split("(process ")[1].split(")")[0])
    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("does", "target"),
    [("socket wss://ws.okx.com:8443", "ws.okx.com:8443/ws/v5/public"), ("rest 8443", "/api/v5/account/balance")],
)
def test_what_goes_to_the_retired_port_is_served_and_is_no_success(does: str, target: str, tmp_path: Path) -> None:
    first, *_, end = judged(tmp_path, "--", *bot(does))

    assert (first["target"], first["accepted"]) == (target, False)
    assert [cause["id"] for cause in first["causes"]] == ["websocket-port-retired"]
    assert (end["status"], end["refused"]) == (0, 1)
    assert run(tmp_path, "--", *bot(does)).status == 1


@pytest.mark.parametrize(("version", "named"), [("3.2.3", ["npm okx-api 3.2.3"]), ("99.0.0", [])])
def test_an_installed_client_that_is_known_to_dial_the_retired_port_is_named(
    version: str, named: list[str], tmp_path: Path
) -> None:
    package = tmp_path / "node_modules" / "okx-api" / "package.json"
    package.parent.mkdir(parents=True)
    package.write_text(json.dumps({"name": "okx-api", "version": version}))

    assert judged(tmp_path, "--", *bot("socket wss://ws.okx.com:8443"))[-1]["dial_retired_port"] == named
    assert judged(tmp_path, "--", *bot("socket wss://ws.okx.com"))[-1]["dial_retired_port"] == []


def test_the_port_that_serves_sockets_now_has_no_such_line(tmp_path: Path) -> None:
    (end,) = judged(tmp_path, "--", *bot("socket wss://ws.okx.com"))

    assert (end["accepted"], end["refused"]) == (0, 0)


@pytest.mark.parametrize(
    ("options", "does", "code"),
    [
        (["--site", "eea"], "balance eea.okx.com", "0"),
        (["--site", "eea"], "balance www.okx.com", "50119"),
        (["--site", "au"], "balance us.okx.com", "0"),
        (["--demo"], "balance", "50101"),
        (["--allow-ip", "203.0.113.7"], "balance", "50110"),
    ],
    ids=str,
)
def test_a_host_is_the_site_that_it_names_and_the_key_is_as_narrow_as_asked(
    options: list[str], does: str, code: str, tmp_path: Path
) -> None:
    rows = judged(tmp_path, *options, "--", *bot(does))

    assert [row["answer"]["code"] for row in rows[:-1]] == [code]


def test_a_client_with_roots_of_its_own_is_named_with_the_bundle_that_it_needs(tmp_path: Path) -> None:
    ran = run(tmp_path, "--", *bot("pinned"))

    assert ran.status == 1
    assert "it brings its own roots; set its CA option to $OKX_DOCTOR_CA_BUNDLE" in ran.said_flat


def test_recording_and_output_are_files_of_ones_own_and_the_end_is_on_stderr_too(tmp_path: Path) -> None:
    ran = run(tmp_path, "--record", "record", "--output", "out", "--", *bot("balance", "wrong"))
    out, record = tmp_path / "out", tmp_path / "record"

    assert ran.said.startswith("python") and "2 requests: 1 accepted, 1 refused." in ran.said_flat
    assert "✓ 200" not in ran.said
    assert "✓ 200" in out.read_text("utf-8") and "2 requests: 1 accepted, 1 refused." in out.read_text("utf-8")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (out, record)] == [0o600, 0o600]
    assert len(record.read_text("utf-8").splitlines()) == 2
    read = okx_doctor("inspect", "record", "--no-env-file", env=clean(**CREDENTIALS), cwd=tmp_path)
    assert "2 requests: 1 valid, 1 invalid." in read.text


def test_a_full_disk_for_the_record_ends_the_run_in_one_line(tmp_path: Path) -> None:
    ran = run(tmp_path, "--record", "/dev/full", "--", *bot("balance", "sleep 60"))

    assert ran.status == 3
    assert ran.said.splitlines()[-1] == "okx-doctor: cannot write /dev/full: No space left on device"


@pytest.mark.parametrize(
    ("options", "does", "status", "said"),
    [
        (["--exit-after", "1"], ["balance", "sleep 600"], 0, "was ended here: --exit-after 1."),
        (["--until-idle", "0.5"], ["sleep 600"], 3, "was ended here: nothing came for 0.5 s."),
    ],
    ids=str,
)
def test_a_command_that_never_ends_is_ended_where_that_was_asked_for(
    options: list[str], does: list[str], status: int, said: str, tmp_path: Path
) -> None:
    ran = run(tmp_path, *options, "--", *bot(*does))

    assert (ran.status, said in ran.said_flat) == (status, True)


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGTERM, 9), (signal.SIGHUP, 9)], ids=str)
def test_a_signal_to_end_reaches_the_bot_which_decides(sent: int, status: int, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, *CLI, "run", "--generate", "--", *bot("patient")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=clean(),
        cwd=tmp_path,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(sent)

    assert process.communicate(timeout=120)[0] == b"signal\n"
    assert process.returncode == status


@needs("faketime")
def test_a_bot_whose_clock_is_wrong_is_told_so(tmp_path: Path) -> None:
    ran = run(tmp_path, "--", program("faketime"), "-f", "+45s", *bot("balance"))

    assert ran.status == 1
    assert "clock-drift: likely" in ran.said_flat


def test_the_compose_file_puts_the_bot_on_an_internal_network_with_okxs_names(tmp_path: Path) -> None:
    said = run(tmp_path, "--compose", "--site", "eea", "--", "python3", "bot.py", "$HOME", env={})
    made = yaml.safe_load(said.text)
    okx, bot_ = made["services"]["okx"], made["services"]["bot"]

    assert said.status == 0
    assert made["networks"] == {"okx": {"internal": True}}
    assert set(okx["networks"]["okx"]["aliases"]) == set(hosts())
    assert bot_["networks"] == ["okx"]
    assert bot_["command"] == ["python3", "bot.py", "$$HOME"]
    assert "--site eea --live" in okx["command"][2]


def test_the_listener_of_the_compose_file_is_one_that_okx_doctor_takes(tmp_path: Path) -> None:
    from okx_doctor.cli.listen import command

    words = yaml.safe_load(run(tmp_path, "--compose", env={}).text)["services"]["okx"]["command"][2].split("exec ")[1]

    command.make_context("listen", words.split()[2:])


def test_compose_itself_takes_the_file(tmp_path: Path) -> None:
    compose = env_loaders.compose_program(env_loaders.FOLDER / "compose")
    if compose is None:
        skip_without("docker-compose")
    said = run(tmp_path, "--compose", "--output", "compose.yaml", "--", "python3", "bot.py", "$HOME", env={})
    assert (said.status, said.text, said.said) == (0, "", "")
    (tmp_path / ".env").write_text("OKX_API_KEY=key\n")
    done = subprocess.run(
        [compose, "-f", "compose.yaml", "config", "--format", "json"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        timeout=120,
    )
    read = json.loads(done.stdout)

    assert done.stderr == b""
    assert read["services"]["bot"]["command"] == ["python3", "bot.py", "$$HOME"]
    assert list(read["services"]["bot"]["networks"]) == ["okx"]
    assert read["networks"]["okx"]["internal"] is True
