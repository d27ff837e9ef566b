"""Which keys are watched, and that a change of their files is seen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.places import CredentialSources, each_profile
from okx_doctor.watching.profiles import Shard, fingerprint, of_shard, read_profiles
from tests.watching.keys import accounts, folder, shown, write


def _asked(path: Path) -> CredentialSources:
    return CredentialSources(credentials=str(path), no_env_file=True)


def test_every_profile_is_a_key_of_its_own_whatever_the_environment_holds(tmp_path: Path) -> None:
    one, two = accounts(2)
    path = write(tmp_path / "keys.toml", {"live": one, "test": two})
    environ = {"OKX_API_KEY": "another", "OKX_SECRET_KEY_FILE": "/nowhere"}

    read = read_profiles(_asked(path), environ, everyone=True)

    assert [(each.name, each.credentials.api_key.reveal()) for each in read.profiles] == [
        ("live", one.api_key),
        ("test", two.api_key),
    ]
    assert read.complaints == ()


def test_of_a_file_with_other_services_only_the_sections_of_okx_are_read(tmp_path: Path) -> None:
    one, two, other = accounts(3)
    rows = {"okx_live": one, "okx_demo": two, "binance": other}
    path = tmp_path / "keys.json"
    path.write_text(
        json.dumps(
            {
                name: {"apiKey": each.api_key, "secret": each.secret.reveal(), "password": each.passphrase.reveal()}
                for name, each in rows.items()
            }
        )
    )

    assert [each.name for each in read_profiles(_asked(path), {}, everyone=True).profiles] == ["okx_live", "okx_demo"]


def test_where_no_section_is_called_okx_every_one_with_a_key_and_a_secret_is_read(tmp_path: Path) -> None:
    """As ``check --all-profiles`` takes them."""
    one, two = accounts(2)
    rows = {"alice": one, "bob": two}
    path = tmp_path / "keys.json"
    path.write_text(
        json.dumps(
            {name: {"apiKey": each.api_key, "secret": each.secret.reveal()} for name, each in rows.items()}
            | {"database": {"password": "made-up"}}
        )
    )

    assert [each.name for each in read_profiles(_asked(path), {}, everyone=True).profiles] == ["alice", "bob"]


WHOLE = {"apiKey": "made-up", "secret": "made-up"}
PART = {"apiKey": "made-up"}


@pytest.mark.parametrize(
    ("document", "names"),
    [
        ({"profiles": {"a": WHOLE, "b": PART}, "binance": WHOLE}, ["a", "b"]),
        ({"profiles": WHOLE, "a": WHOLE}, ["profiles", "a"]),
        ({"okx": {"a": WHOLE, "b": PART}, "binance": {"a": WHOLE}}, ["okx.a", "b"]),
        ({"a": {"OKX_API_KEY": "made-up"}, "b": WHOLE}, ["a"]),
        ({"a": WHOLE, "b": PART, "database": {"password": "made-up"}}, ["a"]),
        ({"apiKey": "made-up", "secret": "made-up", "a": WHOLE}, ["a"]),
    ],
)
def test_check_and_watch_take_the_same_sections_of_a_file(
    document: Mapping[str, object], names: Sequence[str], tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(document))

    assert [each.name for each in read_profiles(_asked(path), {}, everyone=True).profiles] == names
    assert [each.profile for each in each_profile(_asked(path))] == names


def test_check_and_watch_take_the_same_directories(tmp_path: Path) -> None:
    for name, account in zip(("b", "a", ".hidden"), accounts(3), strict=True):
        folder(tmp_path / name, account)
    (tmp_path / "file").write_text("")

    assert [each.name for each in read_profiles(_asked(tmp_path), {}, everyone=True).profiles] == ["a", "b"]
    assert [each.credentials for each in each_profile(_asked(tmp_path))] == [str(tmp_path / "a"), str(tmp_path / "b")]


def test_two_profiles_of_one_name_are_one_line_and_the_others_go_on(tmp_path: Path) -> None:
    first, second, other = accounts(3)
    body = [
        f'"{name}": {{"api_key": "{each.api_key}", "secret_key": "{each.secret.reveal()}", '
        f'"passphrase": {json.dumps(each.passphrase.reveal())}}}'
        for name, each in (("bot", first), ("bot", second), ("spare", other))
    ]
    path = tmp_path / "keys.json"
    path.write_text('{"profiles": {' + ", ".join(body) + "}}")

    read = read_profiles(_asked(path), {}, everyone=True)

    assert [each.name for each in read.profiles] == ["bot", "spare"]
    assert read.profiles[0].credentials.api_key.reveal() == second.api_key
    assert [text for text in read.complaints if "profiles.bot twice" in text] == list(read.complaints) != []


def test_a_thousand_profiles_are_read_and_a_passphrase_that_two_of_them_share_is_seen(tmp_path: Path) -> None:
    known = {f"bot-{number}": each for number, each in enumerate(accounts(1_000))}
    known["bot-998"] = replace(known["bot-998"], passphrase=known["bot-1"].passphrase)
    path = write(tmp_path / "keys.toml", known)

    read = read_profiles(_asked(path), {}, everyone=True)

    assert [each.name for each in read.profiles] == list(known)
    shared = {each.name: each.credentials.same_passphrase for each in read.profiles if each.credentials.same_passphrase}
    assert shared == {"bot-1": ("bot-998",), "bot-998": ("bot-1",)}


@pytest.mark.parametrize("number", [1, 2, 3, 10])
def test_every_key_is_in_exactly_one_part(number: int) -> None:
    names = [f"bot-{each}" for each in range(1_000)]
    parts = [[name for name in names if Shard(index=index, number=number).holds(name)] for index in range(number)]

    assert sorted(name for part in parts for name in part) == sorted(names)
    assert min(map(len, parts)) > 0.7 * 1_000 / number


def test_a_part_that_joins_takes_keys_from_the_others_and_moves_none_between_them() -> None:
    names = [f"bot-{each}" for each in range(1_000)]
    kept = [name for name in names if not Shard(index=3, number=4).holds(name)]

    assert 700 < len(kept) < 800
    for index in range(3):
        before, after = Shard(index=index, number=3), Shard(index=index, number=4)
        assert [name for name in kept if before.holds(name)] == [name for name in kept if after.holds(name)]


def test_a_part_has_its_own_keys_and_those_of_its_own_that_cannot_be_read(tmp_path: Path) -> None:
    known = {f"bot-{number}": each for number, each in enumerate(accounts(8))}
    for name, each in known.items():
        folder(tmp_path / name, each)
    (tmp_path / "empty").mkdir()
    read = read_profiles(_asked(tmp_path), {}, everyone=True)
    parts = [of_shard(read, Shard(index=index, number=2)) for index in range(2)]

    assert sorted(each.name for part in parts for each in part.profiles) == sorted(known)
    assert all(part.profiles for part in parts)
    assert sorted(name for part in parts for name, _ in part.unread) == ["empty"]


def test_a_directory_of_mounted_secrets_is_a_key_for_each(tmp_path: Path) -> None:
    one, two = accounts(2)
    folder(tmp_path / "keys" / "bot-1", one)
    folder(tmp_path / "keys" / "bot-2", two)
    (tmp_path / "keys" / "empty").mkdir()

    read = read_profiles(_asked(tmp_path / "keys"), {}, everyone=True)

    assert [each.name for each in read.profiles] == ["bot-1", "bot-2"]
    assert [(name, "empty" in why) for name, why in read.unread] == [("empty", True)]


def test_a_profile_that_is_called_as_its_key_is_not_shown_by_that_name(tmp_path: Path) -> None:
    one, two = accounts(2)
    path = write(tmp_path / "keys.toml", {f"'{one.api_key}'": one, f"'{two.api_key}'": two})

    names = [each.name for each in read_profiles(_asked(path), {}, everyone=True).profiles]

    assert len(set(names)) == 2
    assert shown((one, two), " ".join(names)) == []


def test_where_no_key_can_be_read_that_is_said_of_the_first(tmp_path: Path) -> None:
    (tmp_path / "keys" / "bot-1").mkdir(parents=True)
    with pytest.raises(UnusableFile, match="bot-1"):
        read_profiles(_asked(tmp_path / "keys"), {}, everyone=True)


def test_a_file_without_profiles_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "keys.env").write_text("OKX_API_KEY=a\n")
    with pytest.raises(UnusableFile, match="leave --all-profiles out"):
        read_profiles(_asked(tmp_path / "keys.env"), {}, everyone=True)


def test_kubernetes_swap_of_a_mounted_secret_is_seen(tmp_path: Path) -> None:
    """The kubelet writes a new directory and moves one symlink, ``..data``; nothing else of the mount changes."""
    one, two = accounts(2)
    mount = tmp_path / "mount"
    folder(mount / "..2026_11_26", one)
    (mount / "..data").symlink_to("..2026_11_26")
    for name in ("OKX_API_KEY", "OKX_SECRET_KEY", "OKX_PASSPHRASE"):
        (mount / name).symlink_to(Path("..data") / name)
    before = fingerprint(_asked(mount))
    folder(mount / "..2026_11_27", two)
    assert fingerprint(_asked(mount))[1:] == before[1:]  # files that nobody reads yet

    (mount / "..data_tmp").symlink_to("..2026_11_27")
    (mount / "..data_tmp").replace(mount / "..data")

    assert fingerprint(_asked(mount))[1:] != before[1:]
    (profile,) = read_profiles(_asked(mount), {}, everyone=True).profiles
    assert profile.credentials.api_key.reveal() == two.api_key


def test_a_file_that_is_rewritten_or_vanishes_is_seen(tmp_path: Path) -> None:
    one, two = accounts(2)
    path = write(tmp_path / "keys.toml", {"live": one})
    marks = [fingerprint(_asked(path))]
    write(path, {"live": one, "more": two})
    marks.append(fingerprint(_asked(path)))
    path.unlink()
    marks.append(fingerprint(_asked(path)))

    assert len(set(marks)) == 3
    assert fingerprint(_asked(path)) == marks[2]
