"""``okx-doctor env`` as a user runs it: what it prints, its exit statuses, files that are none, and nothing secret."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from okx_doctor.credentials.dialects import IDS
from okx_doctor.report.env_files import render_dialects
from tests.cli.running import (
    API_KEY,
    CREDENTIALS,
    PASSPHRASE,
    SECRET,
    Outcome,
    clean,
    computing,
    in_a_process,
    okx_doctor,
)
from tests.schemas import schema_of

pytestmark = pytest.mark.slow

COMPUTING = computing(10)
PLAIN = f"OKX_API_KEY={API_KEY}\nOKX_SECRET_KEY={SECRET}\nOKX_PASSPHRASE=Abc-1234\n"
DIFFERING = f"# of the bot\n\nOKX_PASSPHRASE=\"Tr4de$9x\"\nOKX_API_KEY={API_KEY}\nexport OKX_SECRET_KEY='{SECRET}'\n"


@cache
def schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema_of("env"))


def env(folder: Path, content: str | bytes, *arguments: str, **variables: str) -> Outcome:
    raw = content.encode() if isinstance(content, str) else content
    (folder / "bot.env").write_bytes(raw)
    return okx_doctor("env", "bot.env", *arguments, env=clean(**variables), cwd=folder)


def variables(done: Outcome) -> dict[str, Any]:
    schema().validate(done.report)
    return {row["name"]: row for row in done.report["variables"]}


def test_a_file_of_plain_values_is_read_alike_by_all_and_ends_with_0(tmp_path: Path) -> None:
    done = env(tmp_path, PLAIN)

    assert (done.status, done.said) == (0, "")
    assert done.text.splitlines() == [
        "bot.env: all 7 loaders read it alike",
        "✓ OKX_API_KEY, line 1",
        "✓ OKX_SECRET_KEY, line 2",
        "✓ OKX_PASSPHRASE, line 3",
    ]


def test_a_file_that_loaders_read_otherwise_ends_with_1_and_says_who_and_why(tmp_path: Path) -> None:
    done = env(tmp_path, 'OKX_PASSPHRASE="Tr4de$9x"\n')

    assert (done.status, done.said) == (1, "")
    assert done.text.splitlines() == [
        "bot.env: the loaders do not read 1 of 1 variable alike",
        "  The same letter is the same value; - is none.",
        "",
        "✗ OKX_PASSPHRASE, line 1",
        "    python-dotenv            A",
        "    node --env-file          A",
        "    npm dotenv               A",
        "    docker run --env-file    B  keeps the quotes",
        "    Docker Compose           A",
        "    bash source              C  expands `$9`",
        "    systemd EnvironmentFile  A",
        "  Write it in single quotes: all but docker run --env-file read that alike. No",
        "  spelling is read alike by all.",
        "",
        "✗ bot.env: the loaders do not read OKX_PASSPHRASE (line 1) alike",
        "  Fix: Write it in single quotes: all but docker run --env-file read that alike.",
        "  then okx-doctor env bot.env",
    ]


def test_json_has_every_variable_and_every_loader_by_its_schema(tmp_path: Path) -> None:
    found = variables(done := env(tmp_path, DIFFERING, "--format", "json"))

    assert done.status == 1
    assert list(found) == ["OKX_API_KEY", "OKX_SECRET_KEY", "OKX_PASSPHRASE"]
    assert [(row["line"], row["agree"]) for row in found.values()] == [(4, False), (5, False), (3, False)]
    assert all(list(row["dialects"]) == list(IDS) for row in found.values())
    passphrase = found["OKX_PASSPHRASE"]
    assert passphrase["dialects"]["bash"] == {"same_as": None, "reading": "B", "why": "expands `$9`", "character": "$"}
    assert passphrase["dialects"]["node"] == {"same_as": "python-dotenv", "reading": "A", "why": "", "character": None}
    assert passphrase["dialects"]["docker"]["why"] == "refuses the file: `export` (line 5)"
    assert passphrase["spelling"] == {
        "advice": "write it in single quotes and put line 5 right",
        "in_place": False,
        "read_otherwise_by": ["docker"],
    }


def test_json_of_a_file_that_is_read_alike_holds_its_schema_and_ends_with_0(tmp_path: Path) -> None:
    found = variables(done := env(tmp_path, PLAIN, "--format", "json"))

    assert done.status == 0
    assert all(row["agree"] and row["spelling"]["in_place"] for row in found.values())


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "quoted", ["{}", "'{}'", '"{}"', "{} # x", "`{}`", "={}", "'{}", "$({})", "${}", "a {}", "{}\r", "export {}"]
)
def test_no_value_is_printed_in_any_form(tmp_path: Path, form: str, quoted: str) -> None:
    lines = (f"{name}={quoted.replace('{}', value)}\n" for name, value in CREDENTIALS.items())

    done = env(tmp_path, "".join(lines), "--format", form)

    assert done.status in (0, 1)
    assert [value for value in CREDENTIALS.values() if value in done.text or value[:8] in done.text] == []
    assert [part for part in PASSPHRASE.split("$") if len(part) > 3 and part in done.text] == []


def test_references_are_taken_from_the_environment_and_not_shown(tmp_path: Path) -> None:
    found = variables(env(tmp_path, "OKX_PASSPHRASE=${FROM_OUTSIDE}\n", "--format", "json", FROM_OUTSIDE="Abc-1234"))

    dialects = found["OKX_PASSPHRASE"]["dialects"]
    assert [name for name, row in dialects.items() if row["same_as"]] == ["python-dotenv", "compose", "bash"]


def test_the_answer_goes_into_a_file_of_its_owner_alone(tmp_path: Path) -> None:
    done = env(tmp_path, PLAIN, "--output", "answer.txt")

    assert (done.status, done.out) == (0, b"")
    assert (tmp_path / "answer.txt").read_text("utf-8").startswith("bot.env: all 7 loaders")
    assert stat.S_IMODE((tmp_path / "answer.txt").stat().st_mode) == 0o600


def test_a_file_that_sets_none_of_the_variables_is_told_in_one_line(tmp_path: Path) -> None:
    done = env(tmp_path, "DATABASE=x\n")

    assert done.is_one_line_of_usage()
    assert "sets none of OKX_API_KEY, OKX_SECRET_KEY, OKX_PASSPHRASE" in done.said


@pytest.mark.parametrize("arguments", [(), ("--dialects", "bot.env"), ("a", "b"), ("bot.env", "--format", "xml")])
def test_wrong_usage_is_2_and_one_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert okx_doctor("env", *arguments, env=clean(), cwd=tmp_path).is_one_line_of_usage()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PLAIN.encode("utf-16"), "PowerShell's Set-Content -Encoding utf8NoBOM"),
        (PLAIN.encode("utf-16-le"), "UTF-16"),
        (b"\x7fELF\x02\x01\x01\0\0", "binary"),
        ("OKX_PASSPHRASE=café\n".encode("latin-1"), "not UTF-8: byte 0xe9"),
        (b"\n" * 65_537, "at most 65536"),
    ],
    ids=["UTF-16 with BOM", "UTF-16 without", "binary", "Latin-1", "too large"],
)
def test_what_is_no_env_file_is_told_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    done = env(tmp_path, content)

    assert done.is_one_line_of_usage()
    assert said in done.said


@pytest.mark.parametrize("kind", ["missing", "folder", "fifo", "circle", "gigabyte", "device"])
def test_what_cannot_be_read_is_told_in_one_line_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bad.env"
    match kind:
        case "folder":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
        case "circle":
            path.symlink_to(path)
        case "gigabyte":
            with path.open("wb") as file:
                file.truncate(1 << 30)
        case "device":
            path.symlink_to("/dev/zero")
        case _:
            pass

    done = in_a_process("env", "bad.env", env=clean(), cwd=tmp_path)

    assert done.is_one_line_of_usage()
    assert "bad.env" in done.said


@pytest.mark.parametrize(
    "content",
    [
        b"\n" * 65_000 + b"OKX_PASSPHRASE='a#b'",
        b"OKX_PASSPHRASE='a#b'\n" * 3_000,
        b"OKX_PASSPHRASE=" + b"${A:-" * 13_000,
        b"OKX_PASSPHRASE=" + b"'" * 65_000,
        b"OKX_PASSPHRASE=x\n" + b"A='\\'\n" * 10_000,
        b"OKX_PASSPHRASE=ab\n" + b"OKX_PASSPHRASE=${OKX_PASSPHRASE}${OKX_PASSPHRASE}\n" * 60,
    ],
    ids=["empty lines", "duplicates", "references", "quotes", "escapes", "doubled"],
)
def test_a_file_that_is_hard_to_read_ends_in_time(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bot.env").write_bytes(content)
    assert in_a_process("env", "bot.env", env=clean(), cwd=tmp_path, start=COMPUTING).status in (0, 1, 2)


@pytest.mark.parametrize(
    ("content", "agree"),
    [
        ("\ufeffOKX_PASSPHRASE=abc\n", ["python-dotenv", "dotenv", "docker", "compose"]),
        ("OKX_PASSPHRASE=abc\r\n", ["python-dotenv", "node", "dotenv", "docker", "compose", "systemd"]),
        ("OKX_PASSPHRASE=\tabc\n", ["python-dotenv", "node", "dotenv", "compose", "systemd"]),
        ("export OKX_PASSPHRASE=abc\n", ["python-dotenv", "node", "dotenv", "compose", "bash"]),
        ("OKX_PASSPHRASE='a\nb'\n", ["python-dotenv", "node", "dotenv", "compose", "bash", "systemd"]),
        ("OKX_PASSPHRASE=a\nOKX_PASSPHRASE=b\n", list(IDS)),
    ],
    ids=["byte order mark", "Windows line ends", "tab", "export", "several lines", "twice"],
)
def test_what_people_have_in_their_files_is_read(tmp_path: Path, content: str, agree: list[str]) -> None:
    dialects = variables(env(tmp_path, content, "--format", "json"))["OKX_PASSPHRASE"]["dialects"]

    assert [name for name, row in dialects.items() if row["same_as"]] == agree


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["Unix", "Windows", "old Macintosh"])
@pytest.mark.parametrize("before", [": n", "x", "'", "# x", "", "A=1"])
def test_a_name_is_told_on_its_own_line_whatever_stands_above_it(before: str, ends: str, tmp_path: Path) -> None:
    for rows, last in ((1, ""), (3, ends)):
        done = env(tmp_path, f"{before}{ends}" * rows + f"OKX_PASSPHRASE=a{last}", "--format", "json")

        assert done.status in (0, 1), done.said
        assert variables(done)["OKX_PASSPHRASE"]["line"] == rows + 1


def test_the_table_of_the_dialects_is_the_one_in_the_documentation(
    tmp_path: Path, is_kept: Callable[[Path, str], None]
) -> None:
    page = Path(__file__).parents[2] / "docs" / "env-files.md"
    before, begin, rest = page.read_text("utf-8").partition("<!-- okx-doctor env --dialects -->\n")
    _, end, after = rest.partition("<!-- end -->")

    is_kept(page, f"{before}{begin}\n{render_dialects().strip()}\n\n{end}{after}")
    assert okx_doctor("env", "--dialects", env=clean(), cwd=tmp_path).text == render_dialects()


def test_check_reads_a_file_as_the_dialect_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "bot.env").write_text(f"OKX_API_KEY='{API_KEY}'\nOKX_SECRET_KEY={SECRET}\nOKX_PASSPHRASE=Abc$9-12\n")

    def lengths(name: str) -> list[int]:
        done = okx_doctor(
            *("check", "--offline", "--format", "json", "--env-file", "bot.env", "--dialect", name),
            env=clean(),
            cwd=tmp_path,
        )
        seen = {row["id"]: row["observations"] for row in done.report["checks"]}["credentials.presence"]
        return [row["length"] for row in seen["credential_values"]]

    assert lengths("python-dotenv") == [36, 32, 8]
    assert lengths("docker") == [38, 32, 8]
    assert lengths("bash") == [36, 32, 6]


@pytest.mark.parametrize("place", [("--env-file", "bot.env"), ("--credentials", "bot.env"), ("--credentials", "-")])
def test_an_env_file_is_read_as_the_named_dialect_wherever_it_is_named(tmp_path: Path, place: tuple[str, ...]) -> None:
    text = f'OKX_API_KEY={API_KEY}\nOKX_SECRET_KEY={SECRET}\nOKX_PASSPHRASE="Abc-12345"\n'
    (tmp_path / "bot.env").write_text(text)
    arguments = ("check", "--offline", "--format", "json", "--dialect", "docker", *place)
    done = okx_doctor(*arguments, env=clean(), cwd=tmp_path, stdin=text.encode())
    assert done.causes == {"credential-quoted": "likely"}


@pytest.mark.parametrize(
    ("key", "secret", "passphrase", "causes"),
    [
        ("'{}'", "'{}'", "'{}'", ["credential-quoted"]),
        ("{}", "{}  ", "{}  ", ["credential-whitespace"]),
        ("'{}'", "{}  ", "{}", ["credential-whitespace", "credential-quoted"]),
        ("'{}'", "{}", "{} #x", ["credential-quoted", "env-file-dialects"]),
    ],
)
def test_what_the_value_in_force_has_at_its_ends_is_told_once_and_of_other_values_all_is(
    tmp_path: Path, key: str, secret: str, passphrase: str, causes: list[str]
) -> None:
    lines = {"API_KEY": key.format(API_KEY), "SECRET_KEY": secret.format(SECRET)}
    lines["PASSPHRASE"] = passphrase.format("Abc-12345")
    (tmp_path / "bot.env").write_text("".join(f"OKX_{name}={value}\n" for name, value in lines.items()))
    arguments = ("check", "--offline", "--format", "json", "--dialect", "docker", "--env-file", "bot.env")

    assert sorted(okx_doctor(*arguments, env=clean(), cwd=tmp_path).causes) == sorted(causes)


def test_check_says_where_the_named_loader_refuses_the_file(tmp_path: Path) -> None:
    (tmp_path / "bot.env").write_text(f"A=1\nexport OKX_API_KEY={API_KEY}\n")

    done = okx_doctor("check", "--env-file", "bot.env", "--dialect", "docker", env=clean(), cwd=tmp_path)

    assert done.is_one_line_of_usage()
    assert "bot.env, line 2: docker run --env-file refuses the file: `export`" in done.said


def test_names_with_one_more_word_are_compared_too(tmp_path: Path) -> None:
    (tmp_path / "an.env").write_text("OKX_DEX_API_KEY=a\nOKX_DEX_SECRET=b\nOKX_DEX_PASSPHRASE=Nova#77kite\n")

    done = okx_doctor("env", "an.env", env=clean(), cwd=tmp_path)

    assert done.status == 1
    assert "OKX_DEX_PASSPHRASE, line 3" in done.text
    assert "77kite" not in done.text


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        ("compose.yaml", "services:\n  a:\n    environment: {OKX_API_KEY: a}\n", "a Compose file"),
        ("bot.service", "[Service]\nEnvironment=OKX_API_KEY=a\n", "a unit of systemd's"),
        ("secret.yaml", "apiVersion: v1\nkind: Secret\n", "a manifest of Kubernetes"),
        ("bot.yml", "okx:\n  api_key: a\n", "YAML"),
    ],
)
def test_a_file_of_another_program_is_named_with_the_command_that_reads_it(
    tmp_path: Path, name: str, text: str, form: str
) -> None:
    (tmp_path / name).write_text(text)

    done = okx_doctor("env", name, env=clean(), cwd=tmp_path)

    assert done.is_one_line_of_usage()
    assert f"{name} is {form}, no env file; run okx-doctor check --offline --credentials {name}" in done.said
