"""Compose files: what is said of a line, which service is taken. What the values are is compared with Compose itself,
in ``tests/peers/test_compose_files.py``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.credentials.documents.forms import read
from okx_doctor.credentials.documents.home import Home
from okx_doctor.credentials.files import UnusableFile

KEY = "5e17c0de-9b3a-4d6f-8a21-7f40c2d1b96e"


def home(text: str, profile: str | None = None, environ: Mapping[str, str] | None = None) -> Home:
    found = read(text, "docker-compose.yml", profile, environ or {})
    assert isinstance(found, Home)
    return found


def service(environment: str) -> str:
    return f"services:\n  bot:\n    image: bot\n    environment:\n{environment}"


@pytest.mark.parametrize(
    ("row", "value", "character", "suspected", "corrected"),
    [
        ("      OKX_PASSPHRASE: My$Bot#2026!\n", "My#2026!", "$", True, "OKX_PASSPHRASE: '…', with $$ for each $"),
        ("      OKX_PASSPHRASE: Pa$$word\n", "Pa$word", "$", False, "OKX_PASSPHRASE: '…', with $$ for each $"),
        ("      OKX_PASSPHRASE: 0123\n", "83", "", True, "OKX_PASSPHRASE: '…', with $$ for each $"),
        (
            '      - OKX_PASSPHRASE="Tern"\n',
            '"Tern"',
            '"',
            True,
            "- 'OKX_PASSPHRASE=…', with $$ for each $ and no quotes behind the =",
        ),
        ("      OKX_PASSPHRASE:\n", "", "", True, "OKX_PASSPHRASE=… into the .env beside it"),
    ],
)
def test_a_line_that_compose_alters_is_told_with_its_own_spelling(
    row: str, value: str, character: str, suspected: bool, corrected: str
) -> None:
    (found,) = home(service(row)).found

    assert (found.value.reveal(), found.corrected) == (value, corrected)
    assert found.change is not None
    assert (found.change.character, found.change.suspected) == (character, suspected)


def test_a_reference_to_what_is_not_set_is_told_with_its_name() -> None:
    (found,) = home(service("      OKX_PASSPHRASE: ${PHRASE}\n")).found

    assert (found.value.reveal(), found.change) == ("", None)
    assert found.unfilled is not None
    assert found.unfilled.name == "PHRASE"


@pytest.mark.parametrize("value", ["'Tern-7'", "${PHRASE}", "${P:-Tern-7}"])
def test_a_line_that_reaches_the_container_as_meant_is_not_told(value: str) -> None:
    (found,) = home(service(f"      OKX_PASSPHRASE: {value}\n"), environ={"PHRASE": "Tern-7"}).found

    assert (found.value.reveal(), found.change) == ("Tern-7", None)


def test_a_name_in_a_reference_is_repeated_only_where_it_can_be_no_part_of_a_value() -> None:
    (found,) = home(service("      OKX_PASSPHRASE: $Hidden7phrase\n")).found

    assert found.change is not None
    assert found.change.meant.reveal() == "$Hidden7phrase"
    assert "Hidden7" not in found.change.what + found.corrected


TWO = (
    "services:\n  live:\n    image: i\n    environment: [OKX_API_KEY=a]\n"
    "  demo:\n    image: i\n    environment: [OKX_API_KEY=b]\n"
)


def test_of_two_services_with_different_keys_it_is_asked_which() -> None:
    with pytest.raises(UnusableFile, match="several credentials: live, demo; choose"):
        home(TWO)

    chosen = home(TWO, "demo")
    assert (chosen.profile, [found.value.reveal() for found in chosen.found]) == ("demo", ["b"])


def test_a_service_that_is_asked_for_is_read_whatever_is_wrong_with_another() -> None:
    text = TWO + "  other:\n    extends: {file: other.yml, service: x}\n"

    assert [found.value.reveal() for found in home(text, "live").found] == ["a"]


def test_of_two_services_with_the_same_keys_it_is_not() -> None:
    assert [found.value.reveal() for found in home(TWO.replace("=b", "=a")).found] == ["a"]


def test_a_service_without_credentials_is_in_nobodys_way() -> None:
    text = "services:\n  db:\n    image: pg\n    environment: {POSTGRES_PASSWORD: x}\n" + TWO.partition("  demo:")[
        0
    ].removeprefix("services:\n")

    assert [found.source.line for found in home(text).found] == [7]


def test_freqtrades_variables_of_another_exchange_are_left_alone() -> None:
    rows = "      FREQTRADE__EXCHANGE__NAME: binance\n      FREQTRADE__EXCHANGE__KEY: a\n"

    with pytest.raises(UnusableFile, match="holds no credentials"):
        home(service(rows))
    assert home(service(rows.replace("binance", "okx"))).found


def test_an_env_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    (path := tmp_path / "compose.yaml").write_text("services:\n  bot:\n    image: i\n    env_file: bot.env\n")

    with pytest.raises(UnusableFile, match=r"cannot read the env file that .*compose\.yaml names, .*bot\.env"):
        read(path.read_text(), str(path), None, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("services:\n  a:\n    extends: b\n  b:\n    extends: a\n", "extends itself"),
        ("services:\n  a:\n    extends: {file: other.yml, service: b}\n", "extends one of another file"),
        ("services:\n  a:\n    extends: nobody\n", "which is not there"),
        ("services:\n  a: {extends: b}\n  b: {extends: a}\n", "extends itself"),
        ('{"services": {"a": {"extends": "b"}, "b": {"extends": "a"}}}', "extends itself"),
        ("include: [b.yml]\nservices: {x: {image: i}}\n", "includes other files"),
        ("include: [other.yml]\nservices:\n  a:\n    image: i\n", "includes other files"),
        (service("      OKX_API_KEY: 2026-01-01\n"), "line 5: OKX_API_KEY is a date"),
        (service("      OKX_API_KEY: ${\n"), "line 5: Compose refuses the file"),
        (service("      OKX_API_KEY: [a]\n"), "line 5: OKX_API_KEY is no text"),
        (service("      OKX_API_KEY: a\n      OKX_API_KEY: b\n"), "line 6: a key stands twice"),
        (service("      OKX_API_KEY: 'a\n"), "is not YAML at line"),
        (service("      - OKX_API_KEY=hidden:\n"), "line 5 is no text"),
    ],
)
def test_what_compose_refuses_is_one_line_without_any_text_of_the_file(text: str, said: str) -> None:
    with pytest.raises(UnusableFile) as refused:
        home(text)

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "hidden" not in str(refused.value)


@given(st.text(alphabet="abZ09 $#{}:-'\"\n&*!|>", max_size=60))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        found = home(service(f"      OKX_PASSPHRASE: {text}\n"))
    except UnusableFile as refused:
        assert "\n" not in str(refused)
    else:
        assert text.strip() == "" or text.strip() not in repr(found) or len(text.strip()) < 4
