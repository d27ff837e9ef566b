"""systemd's units. How words are split is compared with systemd's own code in ``tests/peers/test_units.py``."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.credentials.documents.forms import read
from okx_doctor.credentials.documents.home import Home
from okx_doctor.credentials.documents.unit_files import of_unit
from okx_doctor.credentials.files import UnusableFile


def home(rows: str, label: str = "bot.service") -> Home:
    found = read(f"[Unit]\nDescription=a bot\n[Service]\n{rows}", label, None, {})
    assert isinstance(found, Home)
    return found


def only(rows: str) -> str:
    (found,) = home(rows).found
    return found.value.reveal()


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("Environment=OKX_PASSPHRASE=Ten%%20pa#ss", "Ten%20pa#ss"),
        ("Environment=OKX_PASSPHRASE=Ten%20pa", "Ten%20pa"),
        ('Environment="OKX_PASSPHRASE=a b"', "a b"),
        ("Environment=OKX_PASSPHRASE='a b'", "a b"),
        ("Environment=A=1 OKX_PASSPHRASE=b \\\n  C=3", "b"),
        ("Environment=OKX_PASSPHRASE=a\n# Environment=OKX_PASSPHRASE=b\nEnvironment=OKX_PASSPHRASE=c", "c"),
        ("Environment=OKX_PASSPHRASE=$HOME", "$HOME"),
        ("Environment=OKX_API_KEY=a\nEnvironment=\nEnvironment=OKX_PASSPHRASE=b", "b"),
        ("Environment=OKX_API_KEY=a OKX_PASSPHRASE=b\nUnsetEnvironment=OKX_API_KEY", "b"),
    ],
)
def test_environment_is_read_as_systemd_reads_it(row: str, value: str) -> None:
    assert only(row + "\n") == value


@pytest.mark.parametrize(
    ("row", "value", "character", "meant"),
    [
        ("Environment=OKX_PASSPHRASE=My pass#1", "My", " ", "My pass#1"),
        ("Environment=OKX_PASSPHRASE=My%Htern", "Mytern", "%H", "My%Htern"),
        ("Environment=OKX_PASSPHRASE=My\\tern", "My\tern", "\\", "My\\tern"),
        ("Environment=OKX_PASSPHRASE=My\\quay", "", "", "My\\quay"),
        ('Environment=OKX_PASSPHRASE="My', "", "", "My"),
    ],
)
def test_what_systemd_alters_is_told_with_the_line_as_it_should_be(
    row: str, value: str, character: str, meant: str
) -> None:
    (found,) = home(row + "\n").found

    assert found.value.reveal() == value
    assert found.change is not None
    assert (found.change.character, found.change.meant.reveal(), found.change.suspected) == (character, meant, True)
    assert found.corrected == "Environment='OKX_PASSPHRASE=…', with %% for each % and \\\\ for each \\"


def test_an_environment_file_wins_over_environment(tmp_path: Path) -> None:
    (tmp_path / "bot.env").write_text("OKX_PASSPHRASE='from file'\n")
    rows = f"EnvironmentFile={tmp_path}/bot.env\nEnvironmentFile=-{tmp_path}/none.env\nEnvironment=OKX_PASSPHRASE=own\n"
    (found,) = home(rows).found

    assert (found.value.reveal(), found.source.file) == ("from file", f"{tmp_path}/bot.env")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("LoadCredential=okx:/etc/okx\n", "line 4 gives a credential as a file (LoadCredential=)"),
        ("PassEnvironment=OKX_API_KEY\n", "line 4 hands on variables of systemd itself"),
        ("EnvironmentFile=/etc/%i.env\n", "by a pattern"),
        ("EnvironmentFile=/nowhere/bot.env\n", "cannot read the EnvironmentFile= that bot.service names"),
        ("ExecStart=/bin/bot\n", "holds no credentials"),
    ],
)
def test_a_unit_that_gives_them_in_another_way_is_told(rows: str, said: str) -> None:
    with pytest.raises(UnusableFile) as refused:
        home(rows)

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_unit_is_found_by_its_name_with_its_drop_ins(tmp_path: Path) -> None:
    first, last = tmp_path / "etc", tmp_path / "lib"
    for folder in (first / "okx-bot@.service.d", first / "okx-.service.d", last / "okx-bot@.service.d"):
        folder.mkdir(parents=True)
    (last / "okx-bot@.service").write_text("[Service]\nEnvironment=OKX_API_KEY=a OKX_SECRET_KEY=b\n")
    (first / "okx-bot@.service.d" / "20.conf").write_text("[Service]\nEnvironment=OKX_SECRET_KEY=c\n")
    (last / "okx-bot@.service.d" / "20.conf").write_text("[Service]\nEnvironment=OKX_SECRET_KEY=hidden\n")
    (first / "okx-.service.d" / "10.conf").write_text("[Service]\nEnvironment=OKX_SECRET_KEY=d OKX_PASSPHRASE=e\n")

    found = of_unit("okx-bot@live", {"SYSTEMD_UNIT_PATH": f"{first}:{last}"}).found

    assert [each.value.reveal() for each in found] == ["a", "c", "e"]


@pytest.mark.parametrize(
    ("name", "said"), [("nobody", "there is no unit nobody.service"), ("../x", "takes the name"), ("off", "is masked")]
)
def test_a_unit_that_cannot_be_had_is_one_line(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "off.service").symlink_to("/dev/null")

    with pytest.raises(UnusableFile, match=said):
        of_unit(name, {"SYSTEMD_UNIT_PATH": str(tmp_path)})


@given(st.text(alphabet="ab=%\\ '\"#$\t\n[]", max_size=60))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        home(f"Environment=OKX_PASSPHRASE={text}\n")
    except UnusableFile as refused:
        assert "\n" not in str(refused)
