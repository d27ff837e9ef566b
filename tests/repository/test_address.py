"""Where the project lives is one setting. Until it is set nothing names an address, nor a placeholder for one."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import Final

import pytest

from okx_doctor.repository import address, please_report
from tests.cli.running import clean, okx_doctor
from tests.repository.naming import ADDRESS, found

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = (".ci", ".devcontainer", ".github", "docs", "okx_doctor", "requirements")
TEXTS: Final = {".cfg", ".ini", ".json", ".md", ".py", ".toml", ".txt", ".yaml", ".yml", ""}


def files() -> Iterator[Path]:
    yield from (file for file in ROOT.iterdir() if file.is_file() and file.suffix in TEXTS)
    for folder in FOLDERS:
        yield from (file for file in (ROOT / folder).rglob("*") if file.is_file() and file.suffix in TEXTS)


def test_no_file_has_a_placeholder_or_an_address_that_is_not_the_setting() -> None:
    met = {str(file.relative_to(ROOT)): found(file.read_text("utf-8")) for file in files()}
    assert len(met) > 100
    assert {file: what for file, what in met.items() if what} == {}


@pytest.mark.parametrize(
    "text",
    [
        "- uses: OWNER/okx-doctor@COMMIT",
        "git clone https://github.invalid/someone/okx-doctor",
        "uses: someone/okx-doctor@v1",
        "pip install git+https://somewhere.invalid/x",
        "pip install okx-doctor",
        "uvx okx-doctor check",
        "uv tool install okx-doctor",
        "pipx run okx-doctor check",
        "pip install --user -U okx-doctor",
    ],
)
def test_a_placeholder_is_found(text: str) -> None:
    assert found(text) != []


@pytest.mark.parametrize(
    "text", ["pip install -e . && okx-doctor check", "pip install ./okx-doctor", "uvx --from FILE"]
)
def test_a_file_or_a_folder_is_no_address(text: str) -> None:
    assert found(text.replace("&& okx-doctor", "&&\nokx-doctor")) == []


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Message:
    """The metadata of the package as it is installed."""
    message = Message()
    monkeypatch.setattr(metadata, "metadata", lambda name: {"okx-doctor": message}[name])
    return message


def test_without_an_address_a_report_is_asked_for_and_no_place_named(installed: Message) -> None:
    assert address() is None
    assert please_report() == "please report it"


def test_with_an_address_a_report_is_asked_for_there(installed: Message) -> None:
    installed["Project-URL"] = "Changelog, https://forge.invalid/x/changes"
    installed["Project-URL"] = "Repository, https://forge.invalid/x/"
    assert please_report() == "please report it: https://forge.invalid/x/issues"


def test_a_package_that_is_not_installed_has_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Message:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "metadata", missing)
    assert address() is None


def test_what_is_installed_here_has_the_setting() -> None:
    assert address() == (ADDRESS or None)


FORMS = ("text", "markdown", "html")


@pytest.mark.parametrize("form", FORMS)
def test_a_report_names_the_page_of_a_cause_once_the_manual_has_an_address(
    form: str, installed: Message, tmp_path: Path
) -> None:
    words = ("check", "--simulate=passphrase-wrong", "--format", form)
    page = "https://manual.invalid/okx/causes/passphrase-wrong.html"
    assert "manual" not in okx_doctor(*words, env=clean(), cwd=tmp_path).text

    installed["Project-URL"] = "Documentation, https://manual.invalid/okx/"
    told = okx_doctor(*words, env=clean(), cwd=tmp_path).text
    assert page in told
    if form == "text":
        assert f"page: {page}" in told
