from __future__ import annotations

import codecs
import io
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import assume, example, given
from hypothesis import strategies as st

from okx_doctor.credentials.dialects.reading import SIZE_LIMIT
from okx_doctor.credentials.env_file import (
    Line,
    parse_env_file,
    read_env_file,
)
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.mangling import made_by_another_loader, mangling
from okx_doctor.secrets.secret import Secret

NAME = "OKX_PASSPHRASE"


def _line(written: str) -> Line:
    return parse_env_file(f"{NAME}={written}\n", "f").lines[NAME]


def _refused(path: Path) -> str:
    """The one line that says why a file is not used."""
    with pytest.raises(UnusableFile) as caught:
        read_env_file(path)
    text = str(caught.value)
    assert str(path) in text
    assert len(text.splitlines()) == 1
    return text


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    assert "No such file" in _refused(tmp_path / ".env")


def test_a_file_below_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").touch()

    assert "Not a directory" in _refused(tmp_path / "a" / ".env")


def test_a_circle_of_links_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").symlink_to(tmp_path / ".env")

    assert "symbolic link" in _refused(tmp_path / ".env")


def test_a_fifo_is_refused_at_once_although_nobody_writes_to_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".env")
    said: list[str] = []
    worker = threading.Thread(target=lambda: said.append(_refused(tmp_path / ".env")), daemon=True)

    worker.start()
    worker.join(120)

    assert "not a regular file" in "".join(said)


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert "a directory" in _refused(tmp_path)


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(".env")

        assert "cannot read" in _refused(Path(".env"))


@pytest.mark.parametrize("device", [os.devnull, "/dev/zero"])
def test_a_device_is_refused_even_one_that_never_ends(device: str) -> None:
    assert "not a regular file" in _refused(Path(device))


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Root may read everything, so the test that must not be able to read steps down for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("OKX_API_KEY=x")
    path.chmod(0)

    with _as_nobody():
        assert "Permission denied" in _refused(path)


def test_a_sparse_file_of_a_terabyte_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    with path.open("wb") as file:
        file.truncate(1 << 40)

    assert str(1 << 40) in _refused(path)


@pytest.mark.parametrize("extra", [0, 1])
def test_a_file_may_have_a_mebibyte_and_no_byte_more(tmp_path: Path, extra: int) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"A=1\n" + b"#" * (SIZE_LIMIT - 4 + extra))

    if extra:
        assert str(SIZE_LIMIT + 1) in _refused(path)
    else:
        assert read_env_file(path).lines["A"].value == Secret("1")


@pytest.mark.parametrize(
    "raw",
    [
        codecs.BOM_UTF16_LE + "OKX_API_KEY=x\r\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "OKX_API_KEY=x\r\n".encode("utf-16-be"),
        "OKX_API_KEY=x\r\n".encode("utf-16-le"),
    ],
    ids=["LE with BOM", "BE with BOM", "LE without"],
)
def test_utf16_as_powershell_writes_it_is_named(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / ".env").write_bytes(raw)

    assert "UTF-16" in _refused(tmp_path / ".env")


@pytest.mark.parametrize(
    "raw", [b"\x7fELF\x02\x01\x01\0\0", b"A=1\0\n", "A=1".encode("utf-16-be")], ids=["ELF", "NUL", "UTF-16"]
)
def test_a_binary_file_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / ".env").write_bytes(raw)

    assert "binary" in _refused(tmp_path / ".env")


def test_a_file_in_another_encoding_is_told_by_its_first_wrong_byte(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("A=1\nB=caf\xe9\n".encode("latin-1"))

    said = _refused(tmp_path / ".env")

    assert "0xe9" in said
    assert "offset 9" in said


def test_no_file_descriptor_is_left_open(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n")
    os.mkfifo(tmp_path / "fifo")
    before = len(list(Path("/dev/fd").iterdir()))

    for _ in range(5):
        read_env_file(tmp_path / ".env")
        _refused(tmp_path / "fifo")
        _refused(tmp_path)

    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_file_is_read_and_keeps_its_label(tmp_path: Path) -> None:
    path = tmp_path / "bot.env"
    path.write_text("OKX_API_KEY=k\nOKX_SECRET_KEY='s s'\n")

    file = read_env_file(path)

    assert file.label == str(path)
    assert [(line.name, line.number, line.written, line.value) for line in file.lines.values()] == [
        ("OKX_API_KEY", 1, Secret("k"), Secret("k")),
        ("OKX_SECRET_KEY", 2, Secret("'s s'"), Secret("s s")),
    ]


def test_a_byte_order_mark_does_not_become_part_of_the_first_name(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(codecs.BOM_UTF8 + b"OKX_API_KEY=k\n")

    assert list(read_env_file(path).lines) == ["OKX_API_KEY"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=x", "x"),
        ("A=x\n", "x"),
        ("A=x\r\nB=y\r\n", "x"),
        ("export A=x", "x"),
        ("  export   A = x  ", "x"),
        ("A='x y'", "x y"),
        ('A="x y"', "x y"),
        ("A=x#y", "x#y"),
        ("A=x #y", "x"),
        ("A='x #y'", "x #y"),
        ('A="x #y"', "x #y"),
        ("A==x", "=x"),
        ("A=x=y=", "x=y="),
        ("A=$x", "$x"),
        ("A='a$x'", "a$x"),
        ("A='a${NOT_SET_ANYWHERE}b'", "ab"),  # in single quotes too
        ("A=", ""),
        ("A=''", ""),
        ("A", None),
        ("A='it\\'s'", "it's"),
        (r'A="a\tb\\c"', "a\tb\\c"),
        ("A='two\nlines'", "two\nlines"),
        ("A=é", "é"),
        ("'A'=x", "x"),
        ("A=first\nA=second", "second"),
        ("# A=no\nA=x # yes", "x"),
    ],
)
def test_a_value_is_what_python_dotenv_makes_of_it(text: str, value: str | None) -> None:
    assert parse_env_file(text, "f").lines["A"].value == (None if value is None else Secret(value))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("A=x", 1),
        ("\n\nA=x", 3),
        ("\r\n\r\nA=x", 3),
        ("# a comment\n\nB=1\nA=x", 4),
        ("  \n\t\n  export A=x", 3),
        ("B='two\nlines'\nA=x", 3),
        ("A=1\nB=2\nA=3\n", 3),
        ("B='unclosed\nA=x", 2),
    ],
)
def test_a_line_has_the_number_an_editor_shows(text: str, number: int) -> None:
    assert parse_env_file(text, "f").lines["A"].number == number


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("A=x", "x"),
        ("A = 'x' # c\r\n", " 'x' # c"),
        ("A==x\n", "=x"),
        ('export A="x"\n', '"x"'),
        ("A='unclosed\n", "'unclosed"),
        ("A\n", ""),
    ],
)
def test_a_line_keeps_what_is_written_after_the_first_equals_sign(text: str, written: str) -> None:
    assert parse_env_file(text, "f").lines["A"].written == Secret(written)


def test_a_line_with_an_unclosed_quote_is_kept_with_no_value() -> None:
    lines = parse_env_file("A=1\nexport OKX_PASSPHRASE='unclosed\nB=2\n", "f").lines

    assert [(line.name, line.value) for line in lines.values()] == [
        ("A", Secret("1")),
        ("OKX_PASSPHRASE", None),
        ("B", Secret("2")),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "# only\n# comments", "=x", "==", "just text here", "\x0c"])
def test_a_file_without_assignments_has_no_lines_that_matter(text: str) -> None:
    assert NAME not in parse_env_file(text, "f").lines


@pytest.mark.parametrize(
    ("written", "character", "meant"),
    [
        ("=x", "==", "x"),
        ("='x'", "==", "x"),
        ("==x", "==", "x"),
        ("'x", "'", "x"),
        ('"x', '"', "x"),
        ("ab #cd", "#", "ab #cd"),
        ("ab # cd", "#", "ab # cd"),
        ('"a${x}b"', "$", "a${x}b"),
        ("a${NOT_SET_ANYWHERE}b", "$", "a${NOT_SET_ANYWHERE}b"),
        ("'a${NOT_SET_ANYWHERE}b'", "$", "a${NOT_SET_ANYWHERE}b"),
        (r'"a\nb"', "\\", r"a\nb"),
        (r'"a\\b"', "\\", r"a\\b"),
    ],
)
def test_what_the_loader_altered_is_told_with_the_value_that_was_meant(
    written: str, character: str, meant: str
) -> None:
    change = mangling(_line(written))

    assert change is not None
    assert (change.character, change.meant.reveal()) == (character, meant)
    assert change.meant != _line(written).value
    assert meant not in change.what


@pytest.mark.parametrize(
    "written",
    [
        "x",
        "",
        "''",
        "'x'",
        '"x y"',
        "a#b",
        "'a #b'",
        '"a #b"',
        "'a # b' # comment",
        "$x",
        "a$b",
        r"'a\nb'",
        r"a\nb",
        "x==",
        "a'b",
    ],
)
def test_a_line_that_is_loaded_as_it_was_meant_is_left_alone(written: str) -> None:
    assert mangling(_line(written)) is None


@pytest.mark.parametrize(
    ("written", "loaded", "character"),
    [
        ("'ab#cd'", "ab", "#"),
        ("'ab #cd'", "ab", "#"),
        ("ab#cd", "ab", "#"),
        ("'p@$$word'", "p@$word", "$"),
        ("'pa$sword1'", "pa", "$"),
        ("'a$1b'", "ab", "$"),
        ("'ab'", "'ab'", "'"),
        ('"ab"', '"ab"', '"'),
        (r"'a\b'", "ab", "\\"),
        (r"'a\\b'", "ab", "\\"),
        (r"'a\$b'", "a$b", "\\"),
        ("=ab", "=ab", "=="),
        ("ab #cd", "ab", "#"),  # as python-dotenv itself loads it
        ("'ab'", "ab", None),
        ("'ab'", "xy", None),
        ("'ab'", "", None),
        ("'ab#cd'", "ab#c", None),
        ("'ab#cd'", "cd", None),
    ],
)
def test_what_a_shell_or_another_loader_made_of_a_line_is_recognised(
    written: str, loaded: str, character: str | None
) -> None:
    made = made_by_another_loader(_line(written), Secret(loaded))

    assert (made.character if made else None) == character


@pytest.mark.parametrize(
    ("written", "loaded", "meant"),
    [
        ("'ab#cd'", "ab", "ab#cd"),
        ("'pa$sword1'", "pa", "pa$sword1"),
        ("'ab'", "'ab'", "ab"),
        (r"'a\$b'", "a$b", r"a\$b"),
        ("=ab", "=ab", "ab"),
        ("ab #cd", "ab", "ab #cd"),
    ],
)
def test_the_value_that_was_meant_is_what_stands_in_the_file(written: str, loaded: str, meant: str) -> None:
    made = made_by_another_loader(_line(written), Secret(loaded))

    assert made is not None
    assert made.meant.reveal() == meant


def test_a_second_equals_sign_that_python_dotenv_drops_nowhere_is_not_blamed_on_another_loader() -> None:
    assert _line("=ab").value == Secret("=ab")
    assert made_by_another_loader(_line("=ab"), Secret("ab")) is None


@pytest.mark.parametrize("written", ["'ab#cd'", "'pa$sword1'", "'ab'", r"'a\b'"])
def test_no_sentence_about_a_line_repeats_its_value(written: str) -> None:
    value = written.strip("'")

    for loaded in (value.partition("#")[0], value.partition("$")[0], written, value.replace("\\", "")):
        made = made_by_another_loader(_line(written), Secret(loaded))
        assert made is None or value not in made.what


FILE_TEXT = st.one_of(
    st.text(max_size=80),
    st.text("ABOK_X=='\"#$ {}\\\n\r\texport", max_size=60),
    st.lists(
        st.tuples(
            st.sampled_from(["A", "OKX_API_KEY", "export A", " B ", "#C", "'D'"]),
            st.sampled_from(["=", " = ", "==", "", ":"]),
            st.text("ab'\"#$ {}\\=", max_size=12),
        ).map("".join),
        max_size=6,
    ).map("\n".join),
)


@given(text=FILE_TEXT)
@example(text="A=\\")
@example(text="export =")
@example(text="A='\\")
@example(text='A="${')
@example(text="A=${A}")
def test_no_text_makes_parsing_fail(text: str) -> None:
    file = parse_env_file(text, "f")

    for line in file.lines.values():
        change = mangling(line)
        assert change is None or change.character
        for loaded in (line.written, line.value or Secret(""), line.written.changed(lambda text: text.strip("'\""))):
            made_by_another_loader(line, loaded)
    assert all(1 <= line.number <= text.count("\n") + text.count("\r") + 1 for line in file.lines.values())


@given(value=st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), max_size=30))
@example(value="p@$$w#rd \\ 'x' \"y\" = `z`")
def test_a_value_in_single_quotes_survives_whatever_it_is(value: str) -> None:
    assume("${" not in value)  # the one thing that python-dotenv replaces even there
    written = "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    line = _line(written)

    assert line.value == Secret(value)
    assert mangling(line) is None


@given(text=FILE_TEXT)
def test_every_value_of_a_file_without_faults_is_python_dotenvs(text: str) -> None:
    file = parse_env_file(text, "f")
    theirs = dotenv_values(stream=io.StringIO(text))

    sound = {name: line.value.reveal() for name, line in file.lines.items() if line.value is not None}
    assert sound == {name: value for name, value in theirs.items() if name in sound}
