"""A whole file, from its text to the values of one section."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.credentials.documents.forms import form_of, read
from okx_doctor.credentials.documents.home import Home
from okx_doctor.credentials.env_file import EnvFile
from okx_doctor.credentials.files import UnusableFile

CONFIG = """\
default_profile = "demo"
[profiles.live]
api_key = "live-key"
secret_key = "live-secret"
passphrase = "One-for-all-1"
site = "eea"
[profiles.demo]
api_key = "demo-key"
secret_key = "demo-secret"
passphrase = "One-for-all-1"
demo = true
"""


def _home(text: str, name: str, profile: str | None = None) -> Home:
    found = read(text, name, profile, {})
    assert isinstance(found, Home)
    return found


def _values(home: Home) -> list[tuple[str, str, str]]:
    return [(entry.slot, entry.source.key, entry.value.reveal()) for entry in home.found]


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        ("a.toml", "", "toml"),
        ("a.JSON", "", "json"),
        ("a.yml", "", "yaml"),
        ("bot.env", "{", "env"),
        (".env.json", "{", "env"),
        (".env", "{", "env"),
        ("keys", '{"apiKey": "x"}', "json"),
        ("keys", "// freqtrade's\n{}", "json"),
        ("keys", "# mine\n[profiles.live]\n", "toml"),
        ("keys", "default_profile='live'\n[profiles.live]\n", "toml"),
        ("keys", "api_key = 'x'\n", "toml"),
        ("keys", "# mine\nexport OKX_API_KEY=x\n", "env"),
        ("keys", "OKX_API_KEY=x\nOTHER=[1]\n", "env"),
        ("keys", "okx:\n  key: x\n", "yaml"),
        ("keys", "---\nkey: x\n", "yaml"),
        ("keys", "- key: x\n", "yaml"),
        ("keys", "", "env"),
        ("keys", "nothing of the kind", "env"),
    ],
)
def test_the_form_is_told_by_the_name_or_by_the_first_line(name: str, text: str, form: str) -> None:
    assert form_of(name, text) == form


def test_an_env_file_is_read_as_one() -> None:
    found = read("OKX_API_KEY=x\n", "keys", None, {})

    assert isinstance(found, EnvFile)


def test_a_profile_is_read_by_its_name_with_the_settings_beside_it() -> None:
    home = _home(CONFIG, "config.toml", "live")

    assert _values(home) == [
        ("api_key", "profiles.live.api_key", "live-key"),
        ("secret", "profiles.live.secret_key", "live-secret"),
        ("passphrase", "profiles.live.passphrase", "One-for-all-1"),
    ]
    assert [entry.source.line for entry in home.found] == [3, 4, 5]
    assert (home.profile, home.settings) == ("live", {"OKX_SITE": "eea"})
    assert home.same_passphrase == ("demo",)


def test_without_a_name_the_default_profile_is_read() -> None:
    home = _home(CONFIG, "config.toml")

    assert (home.profile, home.settings) == ("demo", {"OKX_DEMO": "demo"})


def test_without_a_default_it_is_the_one_called_default() -> None:
    text = CONFIG.partition("\n")[2]

    assert _home(text.replace("demo]", "default]"), "config.toml").profile == "default"
    with pytest.raises(UnusableFile, match="it has live, demo; name one with --profile"):
        _home(text, "config.toml")


def test_a_profile_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(UnusableFile, match="it has live, demo"):
        _home(CONFIG, "config.toml", "main")


def test_the_same_passphrase_for_the_same_key_is_no_reuse() -> None:
    assert _home(CONFIG.replace("live-key", "demo-key"), "config.toml", "live").same_passphrase == ()


def test_a_placeholder_is_no_reused_passphrase() -> None:
    assert _home(CONFIG.replace("One-for-all-1", "your-passphrase"), "config.toml", "live").same_passphrase == ()


@pytest.mark.parametrize(
    ("text", "name", "keys"),
    [
        ('{"apiKey": "a", "secret": "b", "password": "c", "uid": "d"}', "ccxt.json", "apiKey secret password"),
        (
            '{"binance": {"apiKey": "x", "secret": "y"}, "okx": {"apiKey": "a", "secret": "b", "password": "c"}}',
            "keys.json",
            "okx.apiKey okx.secret okx.password",
        ),
        (
            '{"exchange": {"name": "okx", "key": "a", "secret": "b", "password": "c"},'
            ' "api_server": {"username": "u", "password": "x", "jwt_secret_key": "y"}, "telegram": {"key": "1"}}',
            "config.json",
            "exchange.key exchange.secret exchange.password",
        ),
        (
            "services:\n  bot:\n    environment: {OKX_API_KEY: a, OKX_SECRET_KEY: b, OKX_PASSPHRASE: c}\n",
            "compose.yaml",
            "services.bot.environment.OKX_API_KEY services.bot.environment.OKX_SECRET_KEY "
            "services.bot.environment.OKX_PASSPHRASE",
        ),
        ("accounts:\n  - okx_main:\n      api-key: a\n      api-secret: b\n      api-passphrase: c\n", "a.yml", None),
        ("exchanges:\n  myokx: {key: a, secret: b, password: c}\n  bybit: {key: x, secret: y}\n", "a.yml", None),
        ("key: a\nsecret: b\npassphrase: c\nother: {key: x, secret: y}\n", "a.yml", "key secret passphrase"),
        ("aws: {access_key: x, secret_key: y}\nkey: a\nsecret: b\npassphrase: c\n", "a.yml", "key secret passphrase"),
    ],
)
def test_the_section_that_is_okx_s_is_found(text: str, name: str, keys: str | None) -> None:
    home = _home(text, name)

    assert [(entry.slot, entry.value.reveal()) for entry in home.found] == [
        ("api_key", "a"),
        ("secret", "b"),
        ("passphrase", "c"),
    ]
    assert keys is None or [entry.source.key for entry in home.found] == keys.split()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{"a": {"key": "1", "secret": "2"}, "b": {"key": "3", "secret": "4"}}',
            "no section called okx; choose one with --profile: a, b",
        ),
        ('{"exchange": {"name": "binance", "key": "1", "secret": "2"}}', "another exchange, by its exchange.name"),
        ('{"okx": {"key": "1"}, "okx-demo": {"key": "3"}}', "several credentials: okx, okx-demo; choose one"),
        ('{"kucoin": {"apiKey": "1", "secret": "2", "password": "3"}}', "no section called okx"),
        ('{"log": {"level": "debug"}}', "holds no credentials"),
        ("{}", "holds no credentials"),
        ("[]", "holds no credentials"),
        ('"text"', "holds no credentials"),
    ],
)
def test_a_file_without_one_such_section_is_refused(text: str, said: str) -> None:
    with pytest.raises(UnusableFile, match=said):
        _home(text, "bot.json")


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("site: eea\ndemo: true\nbase_url: https://my.okx.com\n", "OKX_SITE OKX_DEMO OKX_API_BASE_URL"),
        ("sandbox: no\n", "OKX_DEMO"),
        ("flag: '1'\n", "OKX_DEMO"),
        ("site: my-homepage\ndemo: perhaps\nflag: red\nbase_url:\n", ""),
        ("other: {site: eea}\n", ""),
    ],
)
def test_settings_beside_the_values_are_those_that_mean_one(text: str, settings: str) -> None:
    assert sorted(_home(f"key: a\n{text}", "bot.yaml").settings) == sorted(settings.split())


def test_a_section_can_be_chosen_by_name() -> None:
    text = '{"a": {"key": "1", "secret": "2"}, "b": {"key": "3", "secret": "4"}}'

    assert [entry.value.reveal() for entry in _home(text, "bot.json", "b").found] == ["3", "4"]


def test_a_section_s_name_that_stands_twice_is_to_be_written_in_full() -> None:
    text = '{"eu": {"main": {"key": "1", "secret": "2"}}, "us": {"main": {"key": "3", "secret": "4"}}}'

    with pytest.raises(UnusableFile, match=r"eu\.main, us\.main"):
        _home(text, "bot.json", "main")
    assert [entry.value.reveal() for entry in _home(text, "bot.json", "us.main").found] == ["3", "4"]


def test_of_a_key_that_stands_twice_the_last_is_in_force_and_the_first_is_hidden() -> None:
    home = _home("key: a\nsecret: old\nsecret: new\npassphrase: c\n", "bot.yaml")

    assert [(entry.value.reveal(), entry.source.line) for entry in home.found if entry.slot == "secret"] == [
        ("new", 3),
        ("old", 2),
    ]


def test_the_usual_name_wins_over_the_unusual() -> None:
    home = _home("key: a\nsecret: b\npassword: c\npassphrase: d\n", "bot.yaml")

    assert [entry.value.reveal() for entry in home.found if entry.slot == "passphrase"] == ["d", "c"]


@pytest.mark.parametrize(
    "text",
    [
        '{"apiKey": "a", "secret": "b", "passphrase": "right", "password": "sent"}',
        '{"exchange": {"name": "okx", "key": "a", "secret": "b", "passphrase": "right", "password": "sent"}}',
    ],
)
def test_ccxt_and_freqtrade_send_the_password_and_nothing_else(text: str) -> None:
    assert [entry.value.reveal() for entry in _home(text, "bot.json").found if entry.slot == "passphrase"] == [
        "sent",
        "right",
    ]


@given(
    st.text(alphabet="{}[]:=,\"'\n #-ab0._keysctp", max_size=60), st.sampled_from(["x", "x.json", "x.yaml", "x.toml"])
)
def test_any_text_is_read_or_refused_in_one_line(text: str, name: str) -> None:
    try:
        read(text, name, None, {})
    except UnusableFile as error:
        assert str(error).startswith(f"{name} ")
        assert len(str(error).splitlines()) == 1
