"""OKX's own command line (npm @okx_ai/okx-trade-cli): the profiles that it writes and reads are read alike here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import Protocol

import pytest

from okx_doctor.credentials.load import Credentials, load_credentials
from okx_doctor.credentials.places import CredentialSources, Place, read_places
from okx_doctor.settings import Options, settle
from tests.needs import needs
from tests.peers.programs import Run

pytestmark = [pytest.mark.peer, needs("node", "npm")]

KEY, SECRET = "37c541a1-0f3c-4b6b-9d3e-10fe7a038418", "22582BD0CFF14C41EDBF1AB98506286D"


class Okx(Protocol):
    """Runs OKX's command line."""

    def __call__(self, *words: str) -> CompletedProcess[str]: ...


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory in which no search for updates is due."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / ".okx").mkdir()
    searched = {"@okx_ai/okx-trade-cli": {"latestVersion": "1.2.4", "checkedAt": 9e15}}
    (tmp_path / ".okx" / "update-check.json").write_text(json.dumps(searched))
    return tmp_path


@pytest.fixture
def okx(node: str, node_folder: Path, run: Run, home: Path) -> Okx:
    program = node_folder / "node_modules" / "@okx_ai" / "okx-trade-cli" / "dist" / "index.js"

    def run_it(*words: str) -> CompletedProcess[str]:
        done = run(node, program, *words, HOME=str(home))
        assert done.returncode == 0, done.stderr
        return done

    return run_it


def _read(profile: str) -> tuple[Credentials, Sequence[Place]]:
    places = read_places(CredentialSources(profile=profile), {})
    return load_credentials({}, places), places


@pytest.mark.parametrize(
    "passphrase", ["Abc-12345", 'A"b\\c', "#1 $x", "It's", " a ", "C:\\new\\table", "Grüße-1", "1e5"]
)
def test_a_profile_that_it_writes_is_read_as_it_was_meant(okx: Okx, passphrase: str) -> None:
    okx("config", "add-profile", f"AK={KEY}", f"SK={SECRET}", f"PP={passphrase}", "site=eea", "demo=false", "name=main")

    credentials, places = _read("main")

    assert [loaded.reveal() for loaded in credentials.values()] == [KEY, SECRET, passphrase]
    assert all(not loaded.altered for loaded in credentials.values())
    target = settle(Options(), {}, places).target
    assert (target.site, target.demo) == ("eea", False)


def test_the_default_of_its_profiles_is_demo_trading(okx: Okx) -> None:
    okx("config", "add-profile", f"AK={KEY}", f"SK={SECRET}", "PP=Abc-12345")

    assert settle(Options(), {}, _read("demo")[1]).target.demo is True


@pytest.mark.parametrize(
    "written",
    ["'Abc\\t1#2'", '"Abc\\t12345"', '"A\\u00e4\\"b\\\\"', "'''Abc-12345'''", "123456", "1_000", "true"],
)
def test_a_file_written_by_hand_is_read_alike(okx: Okx, home: Path, written: str) -> None:
    text = f"[profiles.main]\napi_key = '{KEY}' # mine\nsecret_key = '{SECRET}'\npassphrase = {written}\n"
    (home / ".okx" / "config.toml").write_text(text, "utf-8")

    shown = json.loads(okx("config", "show", "--json").stdout)["profiles"]["main"]
    passphrase = _read("main")[0].passphrase.reveal()

    assert passphrase == shown["passphrase"] or passphrase.lower() == str(shown["passphrase"]).lower()
