"""Whose key a report is about, in every format; several keys in one run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from okx_doctor.cli.output import REPORT_FORMATS, SEVERAL_FORMATS
from okx_doctor.gate.accounts import generate, variables
from okx_doctor.gate.serve.exchange import Exchange, Plan
from tests.cli.running import API_KEY, account, at, clean, okx_doctor
from tests.watching.keys import folder

pytestmark = pytest.mark.slow

MASKED = f"…{API_KEY[-4:]}"
PROFILES = ("alice", "bob")


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A file with two profiles, each with a key of its own."""
    file = tmp_path / "keys.toml"
    lines = []
    for name in PROFILES:
        held = variables(generate())
        lines.append(
            f"[profiles.{name}]\napi_key = '{held['OKX_API_KEY']}'\nsecret_key = '{held['OKX_SECRET_KEY']}'\n"
            f"passphrase = {json.dumps(held['OKX_PASSPHRASE'])}\n"
        )
    file.write_text("".join(lines))
    file.chmod(0o600)
    return file


@pytest.mark.parametrize("form", REPORT_FORMATS)
def test_every_format_tells_the_key_its_source_the_label_and_the_time(form: str, tmp_path: Path) -> None:
    with Exchange(Plan(accounts=(account(),))) as exchange:
        done = okx_doctor(
            "check", "--format", form, "--label", "the blue bot", "--timeout", "60", env=at(exchange), cwd=tmp_path
        )

    text = json.dumps(json.loads(done.text), ensure_ascii=False) if form == "json" else done.flat
    for part in (MASKED, "the environment", "the blue bot", "over IPv4", exchange.sites[0].rest[0], "live", "202"):
        assert part in text
    assert API_KEY[-5:] not in text


@pytest.mark.parametrize("value", ["0123456789ABCDEF0123456789ABCDEF", "monkey", "-----BEGIN PRIVATE KEY-----"])
def test_of_a_value_that_is_no_key_nothing_is_shown(value: str, tmp_path: Path) -> None:
    done = okx_doctor("check", "--offline", "--format", "json", env=clean(OKX_API_KEY=value), cwd=tmp_path)

    assert done.report["target"]["key"] == ""


def test_all_profiles_are_one_line_per_key_and_the_worst_status(keys: Path, tmp_path: Path) -> None:
    done = okx_doctor("check", "--offline", "--credentials", str(keys), "--all-profiles", env=clean(), cwd=tmp_path)

    assert done.status == 0, done.text
    first, second, _, counts = done.text.splitlines()[-4:]
    assert first.startswith("✓ alice …") and second.startswith("✓ bob …")
    assert counts == "2 keys: 2 healthy."


def test_of_all_profiles_an_incomplete_key_is_told_and_another_exchange_s_is_left_alone(tmp_path: Path) -> None:
    """Its key and passphrase would go to OKX; and a key that lacks its secret is no healthy one."""
    whole, incomplete, foreign = (variables(generate()) for _ in range(3))
    del incomplete["OKX_SECRET_KEY"]
    rows = {"profiles.whole": whole, "profiles.incomplete": incomplete, "binance": foreign}
    usual = {"OKX_API_KEY": "api_key", "OKX_SECRET_KEY": "secret_key", "OKX_PASSPHRASE": "passphrase"}
    lines = [
        line
        for section, given in rows.items()
        for line in (f"[{section}]", *(f"{usual[name]} = {value!r}" for name, value in given.items() if name in usual))
    ]
    (tmp_path / "keys.toml").write_text("\n".join(lines))
    arguments = ("check", "--offline", "--credentials", "keys.toml", "--all-profiles", "--format", "json")
    done = okx_doctor(*arguments, env=clean(), cwd=tmp_path)

    found = {one["target"]["profile"]: one["status"] for one in done.report["reports"]}
    assert found == {"whole": "healthy", "incomplete": "unhealthy"}


def test_of_a_directory_each_directory_in_it_is_a_key(tmp_path: Path) -> None:
    mount = tmp_path / "keys"
    for name in ("alice", "bob"):
        folder(mount / "..2026_11_26" / name, generate())
        (mount / name).symlink_to(f"..data/{name}")
    (mount / "..data").symlink_to("..2026_11_26")
    arguments = ("check", "--offline", "--credentials", "keys", "--all-profiles", "--no-env-file")
    done = okx_doctor(*arguments, env=clean(), cwd=tmp_path)

    assert done.status == 0, done.said
    first, second, _, counts = done.text.splitlines()[-4:]
    assert first.startswith("✓ keys/alice …") and second.startswith("✓ keys/bob …")
    assert counts == "2 keys: 2 healthy."


@pytest.mark.parametrize("form", SEVERAL_FORMATS)
def test_saved_reports_are_judged_together_with_the_worst_status(form: str, tmp_path: Path) -> None:
    files = []
    for name, env in (("good", clean(**variables(generate()))), ("none", clean())):
        done = okx_doctor("check", "--offline", "--format", "json", "--label", name, env=env, cwd=tmp_path)
        files.append(f"{name}.json")
        (tmp_path / files[-1]).write_bytes(done.out)

    alone = [okx_doctor("diagnose", file, env=clean(), cwd=tmp_path).status for file in files]
    together = okx_doctor("diagnose", *files, "--format", form, env=clean(), cwd=tmp_path)

    assert (alone, together.status) == ([0, 1], 1)
    assert all(name in together.text for name in ("good", "none"))


def test_a_document_of_several_reports_is_judged_again(keys: Path, tmp_path: Path) -> None:
    arguments = ("check", "--offline", "--credentials", str(keys), "--all-profiles", "--format", "json")
    saved = okx_doctor(*arguments, env=clean(), cwd=tmp_path)
    (tmp_path / "all.json").write_bytes(saved.out)

    again = okx_doctor("diagnose", "all.json", "--format", "json", env=clean(), cwd=tmp_path)

    assert again.report["schema"] == "okx-doctor/reports/1"
    assert [one["target"]["profile"] for one in again.report["reports"]] == list(PROFILES)


@pytest.mark.parametrize(
    "wrong",
    [
        ("--all-profiles", "--profile", "alice"),
        ("--all-profiles", "--simulate"),
        ("--all-profiles", "--credentials", "-"),
        ("--all-profiles", "--credentials", "."),
        ("--all-profiles", "--credentials", "empty.toml"),
    ],
)
def test_all_profiles_of_nothing_is_wrong_usage(wrong: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_text("a = 1\n")

    assert okx_doctor("check", *wrong, env=clean(), cwd=tmp_path).is_one_line_of_usage()


def test_a_page_shows_one_report(keys: Path, tmp_path: Path) -> None:
    arguments = ("check", "--offline", "--credentials", str(keys), "--all-profiles", "--format", "html")

    assert okx_doctor(*arguments, env=clean(), cwd=tmp_path).is_one_line_of_usage()
