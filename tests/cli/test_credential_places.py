"""Credentials from every place they live in, by every command that loads them, as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from okx_doctor.gate.serve.exchange import Exchange
from tests.cli.running import (
    API_KEY,
    CREDENTIALS,
    PASSPHRASE,
    SECRET,
    Outcome,
    at,
    clean,
    in_a_process,
    okx_doctor,
    unmeasured,
)
from tests.needs import needs

pytestmark = pytest.mark.slow

FOREIGN_KEY = "00c541a1-0f3c-4b6b-9d3e-10fe7a038418"
CHECK = ("check", "--format", "json", "--timeout", "60", "--skip", "clock.ntp")
OFFLINE = ("check", "--offline", "--format", "json")

JSON = json.dumps({"exchange": {"name": "okx", "key": API_KEY, "secret": SECRET, "password": PASSPHRASE}})
TOML = (
    f"[profiles.live]\napi_key = '{API_KEY}'\nsecret_key = '{SECRET}'\npassphrase = {json.dumps(PASSPHRASE)}\n"
    f"[profiles.old]\napi_key = '{FOREIGN_KEY}'\nsecret_key = '{SECRET}'\npassphrase = {json.dumps(PASSPHRASE)}\n"
)
YAML = f"okx:\n  api_key: {API_KEY}\n  secret: {SECRET}\n  passphrase: '" + PASSPHRASE.replace("'", "''") + "'\n"
WRITTEN = {"config.json": JSON, "bot.yaml": YAML, "mine.toml": TOML.partition("[profiles.old]")[0]}


def _without_credentials(okx: Exchange, **more: str) -> dict[str, str]:
    return {name: text for name, text in at(okx, **more).items() if name not in CREDENTIALS}


@pytest.mark.parametrize("name", WRITTEN)
def test_check_reads_a_document_and_tells_where_each_value_stands(okx: Exchange, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(WRITTEN[name], "utf-8")

    done = okx_doctor(*CHECK, "--credentials", name, env=_without_credentials(okx), cwd=tmp_path)

    assert (done.status, done.causes) == (0, {})
    presence = next(check for check in done.report["checks"] if check["id"] == "credentials.presence")
    sources = [row["source"] for row in presence["observations"]["credential_values"]]
    assert all(f"in {name} line " in source for source in sources)


def test_check_reads_a_profile_and_names_it(okx: Exchange, tmp_path: Path) -> None:
    (tmp_path / ".okx").mkdir()
    (tmp_path / ".okx" / "config.toml").write_text(TOML, "utf-8")
    env = _without_credentials(okx, HOME=str(tmp_path), USERPROFILE=str(tmp_path))

    done = okx_doctor(*CHECK, "--profile", "live", env=env, cwd=tmp_path)

    assert done.report["target"]["profile"] == "live"
    assert done.causes == {"passphrase-reused": "proven"}
    assert done.status == 0
    assert okx_doctor(*CHECK, "--profile", "live", "--fail-on", "warning", env=env, cwd=tmp_path).status == 1


def test_check_reads_standard_input(okx: Exchange, tmp_path: Path) -> None:
    done = okx_doctor(
        *CHECK, "--credentials", "-", env=_without_credentials(okx), cwd=tmp_path, stdin=JSON.encode("utf-8")
    )

    assert done.status == 0
    assert "exchange.password in standard input line 1" in done.text


def test_the_newline_at_the_end_of_a_secret_file_is_proven(okx: Exchange, tmp_path: Path) -> None:
    for name, text in (("OKX_API_KEY", API_KEY), ("OKX_SECRET_KEY", f"{SECRET}\n"), ("OKX_PASSPHRASE", PASSPHRASE)):
        (tmp_path / name).write_text(text, newline="\n")

    by_folder = okx_doctor(*CHECK, "--credentials", ".", env=_without_credentials(okx), cwd=tmp_path)
    named = {f"{name}_FILE": name for name in CREDENTIALS}
    by_variables = okx_doctor(*CHECK, env=_without_credentials(okx, **named), cwd=tmp_path)

    for done in (by_folder, by_variables):
        assert (done.status, done.causes) == (1, {"credential-whitespace": "proven"})
    assert "OKX_SECRET_KEY (OKX_SECRET_KEY_FILE)" in by_variables.text


def test_freqtrade_s_variables_are_read(okx: Exchange, tmp_path: Path) -> None:
    env = _without_credentials(
        okx,
        FREQTRADE__EXCHANGE__KEY=API_KEY,
        FREQTRADE__EXCHANGE__SECRET=SECRET,
        FREQTRADE__EXCHANGE__PASSWORD=PASSPHRASE,
    )

    done = okx_doctor(*CHECK, env=env, cwd=tmp_path)

    assert done.status == 0
    assert "FREQTRADE__EXCHANGE__KEY in the environment" in done.text


def test_a_hidden_source_is_told_with_whether_it_agrees(okx: Exchange, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(JSON.replace(API_KEY, FOREIGN_KEY))

    done = okx_doctor(*CHECK, "--credentials", "config.json", env=at(okx), cwd=tmp_path)

    assert done.status == 0
    source = next(check for check in done.report["checks"] if check["id"] == "credentials.source")
    assert source["observations"]["sources_shadowed"] == [
        {
            "slot": "api_key",
            "used": "OKX_API_KEY in the environment",
            "shadowed": "exchange.key in config.json line 1",
        }
    ]
    assert [row["also"] for row in source["observations"]["sources_agreeing"]] == [
        "exchange.secret in config.json line 1",
        "exchange.password in config.json line 1",
    ]


@pytest.mark.parametrize("name", WRITTEN)
def test_sign_and_inspect_load_credentials_the_same_way(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(WRITTEN[name], "utf-8")
    wanted = ("--credentials", name)

    words = ("sign", "GET", "/api/v5/account/balance", "--reveal", "--format", "json")
    headers = json.loads(okx_doctor(*words, *wanted, env=clean(), cwd=tmp_path).out)["headers"]
    capture = {"method": "GET", "url": "https://www.okx.com/api/v5/account/balance", "headers": headers}
    (tmp_path / "capture.json").write_text(json.dumps(capture), "utf-8")

    assert okx_doctor("inspect", "capture.json", *wanted, env=clean(), cwd=tmp_path).status == 0
    assert okx_doctor("inspect", "capture.json", env=clean(OKX_SECRET_KEY="wrong"), cwd=tmp_path).status == 1


@pytest.mark.parametrize("name", WRITTEN)
def test_listen_judges_by_the_same_credentials(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(WRITTEN[name], "utf-8")

    done = in_a_process(
        *("listen", "--no-env-file", "--port", "0", "--until-idle", "0.2", "--credentials", name),
        env=clean(),
        cwd=tmp_path,
    )

    assert done.status == 3
    assert name in done.text


@pytest.mark.parametrize("words", [("inspect", "-"), ("sign", "POST", "/api/v5/trade/order", "--body", "-")])
def test_standard_input_is_one_thing_only(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = okx_doctor(*words, "--credentials", "-", env=clean(), cwd=tmp_path, stdin=JSON.encode())

    assert done.is_one_line_of_usage()
    assert "not both" in done.said


BAD = {
    "gone.yaml": ("No such file", None),
    "circle.json": ("symbolic link", "circle.json"),
    "binary.toml": ("binary", b"\x7fELF\0\0\1"),
    "wide.json": ("UTF-16", JSON.encode("utf-16")),
    "eight-bit.yaml": ("not UTF-8", b"passphrase: caf\xe9"),
    "open.json": ("line 1, column", JSON[:-2].encode()),
    "twice.toml": ("stands twice", b"api_key = 'a'\napi_key = 'b'\n"),
    "tab.yaml": ("line 2, column 1", b"okx:\n\tsecret: hidden-text\n"),
    "other.json": ("no credentials", b'{"log": "hidden-text"}'),
    "alias.yaml": ("nested too deeply", b"a: &a [*a]\n"),
    "aliases.yaml": ("more than", b"a: &a [" + b"*a," * 20_000 + b"]\n"),
    "deep.json": ("nested too deeply", b"[" * 60_000),
    "dots.toml": ("nested too deeply", b"a" + b".a" * 30_000 + b" = 1"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_used_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    said, content = BAD[name]
    match content:
        case bytes():
            (tmp_path / name).write_bytes(content)
        case str():
            (tmp_path / name).symlink_to(content)

    _unusable(okx_doctor(*OFFLINE, "--credentials", name, env=clean(), cwd=tmp_path), name, said)


def test_a_file_of_a_gigabyte_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "bot.yaml").open("wb") as file:
        file.truncate(1024**3)

    _unusable(okx_doctor(*OFFLINE, "--credentials", "bot.yaml", env=clean(), cwd=tmp_path), "bytes")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFO in the file system")
@pytest.mark.parametrize("how", ["--credentials", "OKX_SECRET_KEY_FILE", "folder"])
def test_a_fifo_without_a_writer_is_not_waited_for(tmp_path: Path, how: str) -> None:
    os.mkfifo(tmp_path / "okx_secret")
    words = {"--credentials": ("--credentials", "okx_secret"), "folder": ("--credentials", ".")}.get(how, ())
    env = clean(**({how: "okx_secret"} if how.startswith("OKX") else {}))

    _unusable(okx_doctor(*OFFLINE, *words, env=env, cwd=tmp_path), "not a regular file")


@pytest.mark.parametrize("option", ["--credentials", "--env-file"])
def test_a_name_that_no_file_can_have_is_one_line_of_usage(tmp_path: Path, option: str) -> None:
    done = okx_doctor(*OFFLINE, option, "a-" * 2000, env=clean(), cwd=tmp_path)

    assert done.is_one_line_of_usage()
    assert "File name too long" in done.said


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "bot.yaml").write_text(YAML)
    (tmp_path / "bot.yaml").chmod(0)

    _unusable(okx_doctor(*OFFLINE, "--credentials", "bot.yaml", env=clean(), cwd=tmp_path), "Permission denied")


def _unusable(done: Outcome, *said: str) -> None:
    assert done.is_one_line_of_usage(), done
    for text in said:
        assert text in done.said
    assert "hidden" not in done.said
    assert SECRET not in done.said


@pytest.mark.parametrize("value", ["", " demo", " true"])
def test_a_value_under_the_name_of_a_section_is_passed_over(tmp_path: Path, value: str) -> None:
    section = f"okx:\n  api_key: {API_KEY}\n  secret: {SECRET}\n  passphrase: {json.dumps(PASSPHRASE)}\n"
    (tmp_path / "keys.yaml").write_text(f"okx:{value}\n{section}")
    done = okx_doctor(*OFFLINE, "--credentials", "keys.yaml", env=clean(), cwd=tmp_path)

    assert (done.status, done.causes) == (0, {})


def test_byte_order_mark_and_crlf_are_no_part_of_a_value(tmp_path: Path) -> None:
    for name, text in WRITTEN.items():
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

        done = okx_doctor(*OFFLINE, "--credentials", name, env=clean(), cwd=tmp_path)
        assert (done.status, done.causes) == (0, {})


posix = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A repository that every user can enter, with a file of credentials for everybody's eyes."""
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        (folder / ".env").write_text(f"OKX_API_KEY={API_KEY}\nOKX_SECRET_KEY={SECRET}\nOKX_PASSPHRASE=Abc-12345\n")
        (folder / ".env").chmod(0o644)
        subprocess.run(["git", "init", "--quiet", name], check=True, capture_output=True, timeout=120)
        yield folder


@needs("git")
@posix
def test_a_file_for_everybody_s_eyes_is_a_warning_until_it_is_closed_and_ignored(open_folder: Path) -> None:
    done = okx_doctor("check", "--offline", "--only", "credentials", env=clean(), cwd=open_folder)
    assert done.status == 0
    for text in ("credentials-exposed: proven, a warning", "mode 0644", "does not ignore", "$ chmod 600 .env"):
        assert text in done.flat

    (open_folder / ".env").chmod(0o600)
    (open_folder / ".gitignore").write_text(".env\n")
    done = okx_doctor(*OFFLINE, env=clean(), cwd=open_folder)
    assert (done.status, done.causes) == (0, {})


@needs("git")
@posix
def test_a_published_secret_is_nothing_to_hide(open_folder: Path) -> None:
    (open_folder / ".env").write_text("OKX_API_KEY=x\nOKX_SECRET_KEY=mysecret\nOKX_PASSPHRASE=an-Example-1\n")

    done = okx_doctor(*OFFLINE, env=clean(), cwd=open_folder)

    assert "credentials-exposed" not in done.causes


@pytest.mark.parametrize("library", ["yaml", "tomllib", "subprocess"])
def test_what_is_not_asked_for_is_not_loaded(tmp_path: Path, library: str) -> None:
    script = (
        "import sys; from okx_doctor.credentials.places import CredentialSources, read_places\n"
        "from okx_doctor.credentials.load import load_credentials\n"
        "load_credentials({}, read_places(CredentialSources(), {})); print(sys.modules.get(sys.argv[1]) is None)"
    )
    command = [sys.executable, "-c", script, library]
    done = subprocess.run(
        command, cwd=tmp_path, env=unmeasured(), capture_output=True, text=True, timeout=120, check=True
    )

    assert done.stdout == "True\n"
