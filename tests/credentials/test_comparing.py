"""Which loaders read a line alike, what the others do, and the spelling that is proposed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from okx_doctor.credentials.comparing import Compared, compare, compare_all, values
from okx_doctor.credentials.dialects import DIALECTS, dialect
from okx_doctor.credentials.env_file import EnvFile, open_text, parse_env_file
from okx_doctor.credentials.load import load_credentials

pytestmark = pytest.mark.slow

NAME = "OKX_PASSPHRASE"
SINGLE, DOUBLE, BARE = "write it in single quotes", "write it in double quotes", "write it without quotes"


def _file(text: str, name: str = "python-dotenv") -> EnvFile:
    return parse_env_file(text, "f", {}, dialect(name))


def _row(text: str) -> Compared:
    (row,) = compare_all(_file(text))
    return row


def _why(row: Compared) -> Mapping[str, str]:
    return {column.dialect.id: column.why for column in row.columns if column.why}


@pytest.mark.parametrize("written", ["Abc-123", "a!b*c?", "é", "=x"])
def test_a_plain_value_is_read_alike_by_all(written: str) -> None:
    row = _row(f"{NAME}={written}\n")

    assert row.agree
    assert _why(row) == {}


@pytest.mark.parametrize(
    ("written", "why", "advice", "others"),
    [
        ("'abc'", {"docker": "keeps the quotes"}, BARE, []),
        ('"abc"', {"docker": "keeps the quotes"}, BARE, []),
        (
            '"a$9b"',
            {"docker": "keeps the quotes", "bash": "expands `$9`"},
            SINGLE,
            ["docker"],
        ),
        ("ab#cd", {"node": "cuts at `#`", "dotenv": "cuts at `#`"}, SINGLE, ["docker"]),
        (
            "ab#cd #x",
            {
                "node": "cuts at another `#`",
                "dotenv": "cuts at another `#`",
                "docker": "keeps `#` and what follows it",
                "systemd": "keeps `#` and what follows it",
            },
            SINGLE,
            ["docker"],
        ),
        ("pa$word", {"compose": "expands `$…`", "bash": "expands `$…`"}, SINGLE, ["docker"]),
        ("a\\b", {"bash": "replaces `\\`", "systemd": "replaces `\\`"}, SINGLE, ["docker"]),
        ("a&b", {"bash": "would run what follows `&` as a command"}, SINGLE, ["docker"]),
        ("a;b", {"bash": "ends the value at `;`"}, SINGLE, ["docker"]),
        ("abc  ", {"docker": "keeps the blanks at the edge"}, "write it without blanks behind it", []),
        (
            "abc # of the bot",
            {"docker": "keeps `#` and what follows it", "systemd": "keeps `#` and what follows it"},
            "write it without a comment behind it",
            [],
        ),
        (
            "`x`",
            {
                "node": "takes the quotes off",
                "dotenv": "takes the quotes off",
                "bash": "would run what stands in backticks as a command",
            },
            SINGLE,
            ["docker"],
        ),
    ],
)
def test_each_loader_says_what_it_does_otherwise_and_one_spelling_is_proposed(
    written: str, why: dict[str, str], advice: str, others: list[str]
) -> None:
    file = _file(f"{NAME}={written}\n")

    row = compare(file, [NAME])[NAME]

    assert not row.agree
    assert _why(row) == why
    assert row.spelling is not None
    assert row.spelling.advice == advice
    assert [found.id for found in row.spelling.others] == others
    assert not row.spelling.in_place


@pytest.mark.parametrize("written", ["'ab#cd'", "'a$9b'", "'a b'", "'a;b'", "'a\\b'"])
def test_where_the_file_has_the_best_spelling_there_is_nothing_to_change(written: str) -> None:
    row = _row(f"{NAME}={written}\n")

    assert not row.agree
    assert row.spelling is not None
    assert row.spelling.in_place


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (f"export {NAME}=abc\n", "write it without `export`"),
        (f"{NAME} = abc\n", "write it without blanks around ="),
        (f"{NAME}=abc\r\n", "save the file with Unix line ends"),
        (f"\ufeff{NAME}=abc\n", "save it without a byte order mark"),
        (f"export B=1\n{NAME}=abc\n", "put line 1 right"),
        (f"export {NAME} = 'abc' # x\r\n", f"{BARE}, without `export`, without blanks around = and save the file"),
    ],
)
def test_the_advice_names_what_stands_in_the_way_around_the_value(text: str, advice: str) -> None:
    row = _row(text)

    assert not row.agree
    assert row.spelling is not None
    assert row.spelling.advice.startswith(advice)
    assert row.spelling.others == ()


@pytest.mark.parametrize(
    ("written", "note"),
    [
        ("ab #cd", "takes everything from # on for a comment"),
        ("=x", "two equals signs"),
        ("'x", "is lost: the loader drops the line: its `'` is never closed"),
    ],
)
def test_a_value_that_can_hardly_be_meant_is_pointed_out_and_the_meant_one_is_spelled(written: str, note: str) -> None:
    row = _row(f"{NAME}={written}\n")

    assert note in row.note
    assert row.spelling is not None
    assert not row.spelling.in_place


def test_where_the_own_loader_gives_no_value_the_others_say_what_they_do() -> None:
    row = _row(f"{NAME}='x\n")

    assert _why(row) == {
        "python-dotenv": "drops the line: its `'` is never closed",
        "node": "takes the text as it stands",
        "dotenv": "takes the text as it stands",
        "docker": "takes the text as it stands",
        "compose": "refuses the file: a quote without its pair",
        "bash": "stops at a `'` without its pair",
        "systemd": "takes the quotes off and reads on over the end of the line",
    }
    assert not any(column.same for column in row.columns)
    assert [column.group for column in row.columns] == [None, 0, 0, 0, None, None, 1]


def test_what_no_quotes_alone_can_hold_is_spelled_with_backslashes() -> None:
    row = _row(f"""{NAME}=x #'$y"\n""")

    assert row.spelling is not None
    assert row.spelling.advice == 'write it in double quotes with a backslash before each \\, ", $ and `'
    assert [found.id for found in row.spelling.others] == ["python-dotenv", "node", "dotenv", "docker"]


def test_what_is_meant_is_what_the_own_loader_reads_though_most_read_otherwise() -> None:
    (row,) = compare_all(_file(f"{NAME}='abc'\n", "docker"))

    assert [column.dialect.id for column in row.columns if column.same] == ["docker"]
    assert row.spelling is not None
    assert row.spelling.advice == "write it in double quotes"
    assert [found.id for found in row.spelling.others] == ["docker"]


def test_the_redactor_is_given_the_values_of_credentials_and_of_nothing_else() -> None:
    file = _file(f"OTHER=visible-text\n{NAME}='hidden'\n")

    assert {secret.reveal() for secret in values(file)} == {"hidden", "'hidden'"}


def test_a_name_that_is_set_twice_is_pointed_out() -> None:
    row = _row(f"{NAME}=a\nB=1\n{NAME}=b\n")

    assert (row.agree, row.line) == (True, 3)
    assert row.note == "line 1 sets it as well, and the last one counts"


def test_every_variable_of_every_slot_is_looked_at_and_no_other() -> None:
    rows = compare_all(_file("OTHER='x'\nOKX_PASSWORD=a\nOKX_API_SECRET='b'\nOKX_KEY=c\n"))

    assert [(row.name, row.agree) for row in rows] == [
        ("OKX_KEY", True),
        ("OKX_API_SECRET", False),
        ("OKX_PASSWORD", True),
    ]


def test_a_variable_that_only_other_loaders_find_is_shown() -> None:
    row = _row(f"{NAME}: abc\n")

    assert {column.dialect.id for column in row.columns if column.group == 0} == {"dotenv", "compose"}
    assert row.line == 1
    assert row.spelling is not None
    assert row.spelling.others == ()


def test_the_loader_that_reads_the_file_is_what_the_others_are_compared_with() -> None:
    row = compare(_file(f'{NAME}="abc"\n', "docker"), [NAME])[NAME]

    assert [column.dialect.id for column in row.columns if column.same] == ["docker"]
    assert _why(row)["python-dotenv"] == "takes the quotes off"


def test_what_is_loaded_from_a_file_is_compared_and_what_comes_from_elsewhere_is_not() -> None:
    file = _file(f"OKX_API_KEY='k'\n{NAME}='p'\n")

    loaded = load_credentials({NAME: "p"}, [file])

    assert loaded.api_key.compared is not None
    assert loaded.passphrase.compared is None


@given(value=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20))
def test_a_proposed_spelling_is_read_as_the_value_by_all_but_those_that_are_named(value: str) -> None:
    row = compare(_file(f"{NAME}={value}\n"), [NAME])[NAME]
    loaded = _file(f"{NAME}={value}\n").lines[NAME].value
    if row.spelling is None or loaded is None:
        return
    meant = loaded.reveal()
    assert row.spelling.advice.count("write it") <= 1
    style = {
        "single quotes": f"'{meant}'",
        "without quotes": meant,
        "before each": '"' + "".join(f"\\{char}" if char in '\\"$`' else char for char in meant) + '"',
        "double quotes": f'"{meant}"',
    }
    written = next((text for words, text in style.items() if words in row.spelling.advice), None)
    if written is None:
        return
    for loader in DIALECTS:
        found = loader.load(f"{NAME}={written}\n", {}).of(NAME, 1).value
        assert (found is not None and found.reveal() == meant) == (loader not in row.spelling.others)


@given(value=st.text("abX9-_=#'\"$\\ {}:!~%@*?,./+^`;&|()<>", min_size=4, max_size=12))
def test_no_word_about_a_line_holds_what_any_loader_makes_of_it(value: str) -> None:
    file = parse_env_file(f"{NAME}={value}\n", "f", {})
    rows = compare_all(file)
    said = " ".join(
        part
        for row in rows
        for part in (*(column.why for column in row.columns), row.note, row.spelling.advice if row.spelling else "")
    )

    for secret in values(file):
        text = secret.reveal()
        if len(text) >= 4 and any(char.isalnum() for char in text):
            assert text not in said


@given(text=st.text("OKX_PASSPHRASE=OKX_PASSPHRASE='\"`#$ {}()\\\n\r\t;&|export\ufeff", max_size=120))
@example(text="\ufeffOKX_PASSPHRASE=\r\rOKX_PASSPHRASE='\r")
@example(text="export OKX_PASSPHRASE: 'x' # y")
def test_no_text_makes_the_comparison_fail(text: str) -> None:
    file = open_text(f"{text}\n{NAME}=${{A}}{text}\n{NAME}='{text}'")

    for row in compare_all(file):
        assert len(row.columns) == len(DIALECTS)
        assert row.agree == (not any(column.why for column in row.columns) and row.columns[0].group == 0)
        assert all(len(column.character) <= 1 for column in row.columns)
