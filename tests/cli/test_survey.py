"""``okx-doctor survey`` as a user runs it, against the embedded exchange."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from okx_doctor.gate.accounts import Account, generate
from okx_doctor.gate.serve.exchange import Exchange, Plan
from tests.cli.running import clean, okx_doctor

pytestmark = pytest.mark.slow


def environment(exchange: Exchange, **more: str) -> dict[str, str]:
    sites = ",".join(f"{site.id}={site.rest[0]}" for site in exchange.sites)
    return clean(OKX_DOCTOR_SITES=sites, **more)


def key_file(folder: Path, account: Account) -> str:
    file = folder / "demo.env"
    file.write_text(
        f"OKX_API_KEY={account.api_key}\nOKX_SECRET_KEY={account.secret.reveal()}\n"
        f"OKX_PASSPHRASE='{account.passphrase.reveal()}'\n"
    )
    return str(file)


def test_a_survey_of_an_exchange_as_it_is_known_is_status_0(tmp_path: Path) -> None:
    account = generate(demo=True)
    with Exchange(Plan(accounts=(account,), websocket=True)) as exchange:
        asked = ("survey", "--with-key", key_file(tmp_path, account), "--format", "json")
        done = okx_doctor(*asked, env=environment(exchange), cwd=tmp_path)

    assert done.status == 0, done.said
    document = json.loads(done.text)
    assert {row["verdict"] for row in document["rows"]} <= {"agree", "not asked"}
    assert [row for row in document["rows"] if row["question"] == "a demo key as it is"]
    for value in (account.api_key, account.secret.reveal(), account.passphrase.reveal()):
        assert value not in done.text


@pytest.mark.parametrize(
    ("more", "account", "said"),
    [
        ({"CI": "true"}, generate(demo=True), "where the variable CI is set"),
        ({}, generate(), "does not accept the key"),
    ],
    ids=["in CI", "a live key"],
)
def test_a_key_that_must_not_be_asked_with_is_one_line_of_usage(
    more: dict[str, str], account: Account, said: str, tmp_path: Path
) -> None:
    with Exchange(Plan(accounts=(account,))) as exchange:
        asked = ("survey", "--with-key", key_file(tmp_path, account))
        done = okx_doctor(*asked, env=environment(exchange, **more), cwd=tmp_path)
        handled = exchange.handled

    assert done.is_one_line_of_usage()
    assert said in done.said
    assert len(handled) <= 1


def test_a_file_with_slots_swapped_is_never_sent(tmp_path: Path) -> None:
    account = generate(demo=True)
    file = tmp_path / "demo.env"
    file.write_text(f"OKX_API_KEY={account.secret.reveal()}\nOKX_SECRET_KEY={account.api_key}\nOKX_PASSPHRASE=x\n")
    with Exchange(Plan(accounts=(account,))) as exchange:
        done = okx_doctor("survey", "--with-key", str(file), env=environment(exchange), cwd=tmp_path)
        handled = list(exchange.handled)

    assert done.is_one_line_of_usage()
    assert handled == []
    assert account.secret.reveal() not in done.said


def test_nothing_reached_is_status_3(tmp_path: Path) -> None:
    done = okx_doctor("survey", env=clean(OKX_DOCTOR_SITES="global=http://127.0.0.1:9"), cwd=tmp_path)

    assert done.status == 3
    assert "not asked" in done.text
