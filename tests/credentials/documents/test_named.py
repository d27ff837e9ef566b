"""Property lists, direnv's files, blocks of variables in JSON, and files that hold nothing to read."""

from __future__ import annotations

import json
import plistlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.credentials.documents.forms import form_of, read
from okx_doctor.credentials.documents.home import Home
from okx_doctor.credentials.env_file import EnvFile
from okx_doctor.credentials.files import UnusableFile, decode


def plist(text: str) -> str:
    rows = f"<key>Label</key><string>bot</string>\n<key>EnvironmentVariables</key><dict>\n{text}\n</dict>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict>\n{rows}</dict></plist>\n'


def home(text: str, label: str, profile: str | None = None) -> Home:
    found = read(text, label, profile, {})
    assert isinstance(found, Home)
    return found


def test_a_job_of_launchd_is_read_with_its_lines() -> None:
    (found,) = home(plist("<key>OKX_PASSPHRASE</key><string>A&amp;b-7</string>"), "bot.plist").found

    assert (found.value.reveal(), found.source.line, found.change) == ("A&b-7", 5, None)
    assert form_of("job", plist("")) == "plist"


def test_what_is_escaped_twice_or_no_text_is_told() -> None:
    (twice,) = home(plist("<key>OKX_PASSPHRASE</key><string>A&amp;amp;b</string>"), "bot.plist").found
    (number,) = home(plist("<key>OKX_PASSPHRASE</key><integer>1234</integer>"), "bot.plist").found

    assert twice.change is not None and number.change is not None
    assert (twice.change.meant.reveal(), twice.change.character) == ("A&b", "&")
    assert (number.value.reveal(), number.change.meant.reveal()) == ("", "1234")


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30))
def test_any_passphrase_comes_back_from_a_property_list(text: str) -> None:
    written = plistlib.dumps({"EnvironmentVariables": {"OKX_PASSPHRASE": text}}).decode()

    assert home(written, "bot.plist").found[0].value.reveal() == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (plist("<key>OKX_PASSPHRASE</key><string>hidden & b</string>"), "at line 5, column"),
        ("<plist><dict/></plist>", "has no EnvironmentVariables"),
        (plist("<key>OKX_PASSPHRASE</key><integer>hidden</integer>"), "is not a property list that launchd reads"),
    ],
)
def test_a_property_list_that_launchd_refuses_is_one_line(text: str, said: str) -> None:
    with pytest.raises(UnusableFile) as refused:
        home(text, "bot.plist")

    assert said in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_a_property_list_in_binary_form_is_named() -> None:
    with pytest.raises(UnusableFile, match="is a property list in binary form; run plutil"):
        decode(plistlib.dumps({}, fmt=plistlib.FMT_BINARY), "the file job.plist")


def test_direnvs_file_is_read_as_bash_reads_it() -> None:
    found = read('export OKX_PASSPHRASE="a\\$b"\n', ".envrc", None, {})

    assert isinstance(found, EnvFile)
    assert (found.setting("OKX_PASSPHRASE"), found.dialect.id) == ("a$b", "bash")


def test_direnvs_file_that_loads_another_says_which_line_does() -> None:
    with pytest.raises(UnusableFile, match=r"\.envrc line 2 loads another file \(dotenv\)"):
        read("# mine\ndotenv .env.local\n", ".envrc", None, {})


@pytest.mark.parametrize(
    ("document", "key"),
    [
        ({"mcpServers": {"okx": {"command": "npx", "env": {"OKX_API_KEY": "a"}}}}, "mcpServers.okx.env.OKX_API_KEY"),
        ({"servers": {"trade": {"env": {"OKX_API_KEY": "a"}}}}, "servers.trade.env.OKX_API_KEY"),
        ({"configurations": [{"name": "Run", "env": {"OKX_API_KEY": "a"}}]}, "configurations.0.env.OKX_API_KEY"),
        ({"terminal.integrated.env.linux": {"OKX_API_KEY": "a"}}, "terminal.integrated.env.linux.OKX_API_KEY"),
    ],
)
def test_a_block_of_variables_in_an_editors_json_is_read(document: object, key: str) -> None:
    (found,) = home(json.dumps(document), "mcp.json").found

    assert (found.value.reveal(), found.source.key) == ("a", key)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (".env.vault", "DOTENV_VAULT_PRODUCTION=hidden\n", "is encrypted by dotenv-vault"),
        (".env", 'OKX_SECRET_KEY="encrypted:hidden"\n', "is encrypted by dotenvx"),
        ("keys.yaml", "okx:\n  key: ENC[AES256_GCM,data:hidden]\n", "is encrypted by sops"),
        ("keys.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n", "is encrypted by ansible-vault"),
        ("keys", "-----BEGIN PGP MESSAGE-----\nhidden\n", "is encrypted"),
        (".npmrc", "//registry/:_authToken=hidden\n", "holds npm's own settings"),
        (".netrc", "machine x login y password hidden\n", "holds logins of curl"),
    ],
)
def test_a_file_without_credentials_to_read_is_named_for_what_it_is(name: str, text: str, said: str) -> None:
    with pytest.raises(UnusableFile) as refused:
        read(text, name, None, {})

    assert str(refused.value).startswith(f"{name} {said}")
    assert "hidden" not in str(refused.value)
