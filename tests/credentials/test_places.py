"""Which places are read, in which order they win, and what becomes of those that another hides."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.load import Credentials, LoadedValue, load_credentials
from okx_doctor.credentials.places import CredentialSources, profile_of, read_places

CONFIG = "[profiles.{name}]\napi_key = '{name}-key'\nsecret_key = '{name}-secret'\npassphrase = '{value}'\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which is the home of this user too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


@pytest.fixture
def everywhere(folder: Path) -> Mapping[str, str]:
    """A passphrase in every place there is, each with a value of its own; the environment that goes with it."""
    (folder / ".env").write_text("OKX_PASSPHRASE=here\n")
    (folder / "bot.env").write_text("OKX_PASSPHRASE=env-file\n")
    (folder / "secret").write_text("secret-file")
    (folder / "keys.yaml").write_text("key: a\npassphrase: credentials\n")
    return {
        "OKX_PASSPHRASE": "environment",
        "FREQTRADE__EXCHANGE__PASSWORD": "freqtrade",
        "OKX_PASSPHRASE_FILE": str(folder / "secret"),
    }


def _loaded(environ: Mapping[str, str], **asked: str | bool) -> Credentials:
    return load_credentials(environ, read_places(CredentialSources(**asked), environ))  # type: ignore[arg-type]


def _order(loaded: LoadedValue) -> list[str]:
    return [loaded.reveal(), *(option.value.reveal() for option in loaded.alternatives)]


def test_the_order_of_all_places(everywhere: Mapping[str, str]) -> None:
    loaded = _loaded(everywhere, credentials="keys.yaml", env_file="bot.env").passphrase

    assert _order(loaded) == ["environment", "freqtrade", "secret-file", "credentials", "env-file", "here"]
    assert [str(source) for source in (loaded.source, *loaded.shadowed)] == [
        "OKX_PASSPHRASE in the environment",
        "FREQTRADE__EXCHANGE__PASSWORD in the environment",
        f"{everywhere['OKX_PASSPHRASE_FILE']} (OKX_PASSPHRASE_FILE)",
        "passphrase in keys.yaml line 2",
        "OKX_PASSPHRASE in bot.env line 1",
        "OKX_PASSPHRASE in .env line 1",
    ]


def test_a_source_with_the_same_value_is_told_as_agreeing(folder: Path) -> None:
    (folder / "keys.yaml").write_text("key: a\npassphrase: Abc-12345\n")
    (folder / ".env").write_text("OKX_PASSPHRASE=Abc-12345\nOKX_PASSWORD=other\n")

    loaded = _loaded({}, credentials="keys.yaml").passphrase

    assert [str(source) for source in loaded.agreeing] == ["OKX_PASSPHRASE in .env line 1"]
    assert [str(source) for source in loaded.shadowed] == ["OKX_PASSWORD in .env line 2"]


def test_without_options_nothing_but_this_folder_s_env_file_is_read(
    everywhere: Mapping[str, str], folder: Path
) -> None:
    (folder / ".okx").mkdir()
    (folder / ".okx" / "config.toml").write_text("this is no TOML")

    assert _order(_loaded({}).passphrase) == ["here"]
    assert _order(_loaded({}, no_env_file=True).passphrase) == [""]


def test_a_profile_is_one_of_okx_s_own_command_line(folder: Path) -> None:
    (folder / ".okx").mkdir()
    (folder / ".okx" / "config.toml").write_text(
        CONFIG.format(name="live", value="Same-1234") + CONFIG.format(name="demo", value="Same-1234")
    )
    places = read_places(CredentialSources(profile="demo"), {})
    credentials = load_credentials({}, places)

    assert profile_of(places) == "demo"
    assert str(credentials.secret.source) == "profiles.demo.secret_key in ~/.okx/config.toml line 7"
    assert credentials.same_passphrase == ("live",)
    assert load_credentials({"OKX_PASSPHRASE": "Same-1234"}, places).same_passphrase == ()


def test_a_profile_of_another_file(folder: Path) -> None:
    (folder / "mine.toml").write_text(CONFIG.format(name="live", value="Abc-12345"))

    assert _loaded({}, credentials="mine.toml", profile="live").api_key.reveal() == "live-key"


@pytest.mark.parametrize("name", ["bot.env", "secrets", "keys.yaml"])
def test_a_profile_where_there_are_none_is_refused(everywhere: Mapping[str, str], folder: Path, name: str) -> None:
    (folder / "secrets").mkdir()
    (folder / "secrets" / "OKX_API_KEY").touch()

    with pytest.raises(UnusableFile, match="profile"):
        _loaded({}, credentials=name, profile="live")


def test_a_profile_without_the_file_is_told_by_the_file_s_place(folder: Path) -> None:
    with pytest.raises(UnusableFile, match=r"config\.toml: No such file"):
        _loaded({}, profile="live")


@pytest.mark.skipif(os.name != "posix", reason="a home directory is told in other ways elsewhere")
def test_a_profile_without_a_home_directory_is_refused_in_words(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container whose user has no name, and without ``HOME``."""
    import pwd

    def nameless(number: int) -> None:
        raise KeyError(number)

    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", nameless)
    with pytest.raises(UnusableFile, match="no home directory is known; name it with --credentials"):
        _loaded({}, profile="live")


def test_a_folder_is_read_as_one_of_secret_files(folder: Path) -> None:
    (folder / "secrets").mkdir()
    (folder / "secrets" / "OKX_PASSPHRASE").write_text("Abc-12345\n")

    loaded = _loaded({}, credentials="secrets").passphrase

    assert _order(loaded) == ["Abc-12345\n", "Abc-12345"]
    assert loaded.alternatives[0].causes == ("credential-whitespace",)
    assert loaded.source is not None
    assert (loaded.source.place, loaded.source.on_disk) == ("secrets", True)


def test_standard_input_is_read_like_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'\xef\xbb\xbf{"apiKey": "a", "secret": "b"}\r\n')))

    loaded = _loaded({}, credentials="-").secret

    assert loaded.reveal() == "b"
    assert str(loaded.source) == "secret in standard input line 1"
    assert loaded.source is not None
    assert not loaded.source.on_disk


@pytest.mark.parametrize(
    ("raw", "said"), [(b"a" * 70_000, "more than"), ("key: ä".encode("utf-16"), "UTF-16"), (b"\xff", "not UTF-8")]
)
def test_what_standard_input_cannot_be(folder: Path, monkeypatch: pytest.MonkeyPatch, raw: bytes, said: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))

    with pytest.raises(UnusableFile, match=f"^standard input .*{said}"):
        _loaded({}, credentials="-")


def test_the_env_file_of_this_folder_is_read_once(folder: Path) -> None:
    (folder / ".env").write_text("OKX_PASSPHRASE=here\n")

    for asked in (CredentialSources(credentials=".env"), CredentialSources(env_file="./.env")):
        assert len(read_places(asked, {})) == 1


@pytest.mark.parametrize("exchange", ["okx", "myokx", "OKX", "okxus", ""])
def test_freqtrade_s_variables_are_okx_s_by_their_exchange(exchange: str) -> None:
    environ = {"FREQTRADE__EXCHANGE__NAME": exchange, "FREQTRADE__EXCHANGE__KEY": "a"}

    assert load_credentials(environ, ()).api_key.reveal() == "a"
    assert load_credentials(environ | {"FREQTRADE__EXCHANGE__NAME": "binance"}, ()).api_key.value is None


def test_what_a_loader_made_of_a_value_can_be_taken_back(folder: Path) -> None:
    (folder / "keys.yaml").write_text("key: a\npassphrase: 0123456\n")

    loaded = _loaded({}, credentials="keys.yaml").passphrase

    assert _order(loaded) == ["42798", "0123456"]
    assert loaded.alternatives[0].causes == ("env-file-mangled",)
    assert [(line.file, line.line, line.corrected) for line in loaded.altered] == [("keys.yaml", 2, "passphrase: '…'")]
