"""The models of the loaders: what holds for each, and what is known without running anything.

That they read as the loaders do is tested in ``tests/peers/test_env_loaders.py``.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from okx_doctor.credentials.dialects import DEFAULT, DIALECTS, IDS, Dialect, dialect
from okx_doctor.credentials.dialects.reading import SIZE_LIMIT, TOO_LARGE
from okx_doctor.credentials.env_file import open_text

pytestmark = pytest.mark.slow

NAME = "OKX_PASSPHRASE"

each = pytest.mark.parametrize("loader", DIALECTS, ids=IDS)
TEXT = st.one_of(
    st.text(max_size=80),
    st.text("AB=='\"`#$ {}()\\\n\r\t:-+?!~;&|<>export\ufeff", max_size=60),
)


def _value(name: str, text: str, **environ: str) -> str | None:
    found = dialect(name).load(text, environ).of(NAME, 1)
    return None if found.value is None else found.value.reveal()


def _why(name: str, text: str) -> str:
    return dialect(name).load(text, {}).of(NAME, 1).refusal


@each
@given(text=TEXT, environ=st.dictionaries(st.sampled_from(["A", "B", "HOME"]), st.text("a$'\"\\", max_size=5)))
@example(text="A=\\", environ={})
@example(text="A=${", environ={})
@example(text="A=$'", environ={})
@example(text='A="${A:-${B:-', environ={})
@example(text="A=~", environ={})
def test_no_text_makes_a_model_fail(loader: Dialect, text: str, environ: dict[str, str]) -> None:
    loaded = loader.load(text, environ)

    last = len(text.splitlines()) + text.count("\n") + 1
    for reading in loaded.readings.values():
        assert 1 <= reading.line <= last
        assert reading.line <= max(reading.line, reading.last_line) <= last
        assert (reading.value is None) == bool(reading.refusal)


BREAKS = st.lists(st.sampled_from(["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\x1c"]), max_size=3).map(
    "".join
)
ROWS = st.sampled_from(
    ["{}=a", "{}='a'", '{}="b"', "export {}=a", "# {}", ": n", "{} = a", "{}", "{}='", '{}="a' + "\\\n"]
)


@each
@given(rows=st.lists(st.tuples(ROWS, BREAKS), min_size=1, max_size=8), mark=st.sampled_from(["", "\ufeff"]))
@example(rows=[(": n", "\r\n"), ("{}=a", "")], mark="")
@example(rows=[("{}=a", "\r"), ("{}=b", "\n"), ("{}=c", "")], mark="")
@example(rows=[("{}=a", "\u2028\r\n\x0b"), ("{}=b", "\x85\n"), ("{}=c", "")], mark="\ufeff")
@example(rows=[("{}=\x1c \x1c=", "\n")], mark="")
@example(rows=[("\x1c \x1c={}", "\n")], mark="")
def test_the_line_of_a_name_is_the_one_that_an_editor_shows_it_on(
    loader: Dialect, rows: list[tuple[str, str]], mark: str
) -> None:
    """Each row sets a name of its own; only carriage returns and line feeds end a line, together but once."""
    text = mark + "".join(row.format(f"N{number}_") + ends for number, (row, ends) in enumerate(rows))
    shown = re.split(r"\r\n|\n|\r", text)

    loaded = loader.load(text, {f"N{number}_": "x" for number in range(len(rows))})

    for name, reading in loaded.readings.items():
        if re.fullmatch(r"N\d_", name):
            assert name in shown[reading.line - 1], (name, reading.line, text)
            assert reading.line <= max(reading.line, reading.last_line) <= len(shown)
    for name, line in open_text(text).lines.items():
        if re.fullmatch(r"N\d_", name):
            assert name in shown[line.number - 1]


@each
@given(value=st.text("abcXYZ0189-_.,+/@%^!?*", min_size=1, max_size=30))
def test_a_plain_value_is_read_as_it_is_written(loader: Dialect, value: str) -> None:
    assert _value(loader.id, f"{NAME}={value}\nB=1\n") == value


@each
def test_the_last_assignment_of_a_name_wins(loader: Dialect) -> None:
    assert _value(loader.id, f"{NAME}=first\n{NAME}=second\n") == "second"


@each
def test_what_is_said_of_a_value_holds_none_of_it(loader: Dialect) -> None:
    value = "Tr4de"
    for form in (
        "'{}'",
        '"{}"',
        "{} #x",
        "${}",
        '"${}"',
        "\\{}",
        "'{}",
        "{}`{}`",
        "a b {}",
        "a&{}",
        "a(${{{}",
        "$({})",
    ):
        found = loader.load(f"export {NAME}={form.replace('{}', value)}\r\n", {}).of(NAME, 1)
        said = [found.refusal, found.character, *(word for act in found.acts for word in (act.done, act.left))]
        assert value not in " ".join(said)


@pytest.mark.parametrize("name", ["python-dotenv", "compose", "bash"])
def test_references_that_double_a_value_line_by_line_end_within_bounds(name: str) -> None:
    text = f"{NAME}=0123456789\n" + f"{NAME}=${{{NAME}}}${{{NAME}}}\n" * 64

    loaded = dialect(name).load(text, {})
    found = loaded.of(NAME, 1)

    assert found.value is None
    assert name == "bash" or TOO_LARGE in found.refusal  # bash: the first that is too large, and all made of it


@pytest.mark.parametrize("name", ["python-dotenv", "compose", "bash"])
def test_many_references_on_one_line_end_within_bounds(name: str) -> None:
    text = "B=" + "x" * 20_000 + f"\n{NAME}=" + "${B}" * 10_000

    assert dialect(name).load(text, {}).of(NAME, 2).value is None


def test_defaults_within_defaults_end_within_bounds() -> None:
    text = f"{NAME}=" + "${A:-" * (SIZE_LIMIT // 8) + "x" + "}" * (SIZE_LIMIT // 8)

    assert TOO_LARGE in dialect("compose").load(text, {}).of(NAME, 1).refusal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$A", "file"),
        ('"${A}"', "file"),
        ("'$A'", "$A"),
        ("$B", "outside"),
        ("$C", ""),
        ("x$9y", "xy"),
        ("a\\$b", "a$b"),
        ("'it'\\''s'", "it's"),
        ("a;b", "a"),
        ("a;B=c", "a"),
        ("a<b", "a"),
        ("a>b", "a"),
        ("a&&B=c", "a"),
        ("a||OKX_PASSPHRASE=c", "a"),
        ("~", "/home/nobody"),
        ("~/x:~", "/home/nobody/x:/home/nobody"),
        ("'~'", "~"),
        ("a~", "a~"),
        ("$'a'", "a"),
        ('$"a"', "a"),
        ("a!b", "a!b"),
        ("a{b,c}*?", "a{b,c}*?"),
    ],
)
def test_bash_makes_a_value_of_a_line_without_being_run(text: str, value: str) -> None:
    assert _value("bash", f"A=file\n{NAME}={text}\n", A="not this", B="outside", HOME="/home/nobody") == value


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("$(x)", "would run what stands in `$(…` as a command"),
        ("`x`", "would run what stands in backticks as a command"),
        ('"`x`"', "would run what stands in backticks as a command"),
        ("a b", "would run what follows the blank as a command"),
        ("a&b", "would run what follows `&` as a command"),
        ("a|b", "would run what follows `|` as a command"),
        ("a(b", "stops at `(`"),
        ("(a b)", "takes `(` for the start of an array"),
        ("'a", "stops at a `'` without its pair"),
        ('"a', 'stops at a `"` without its pair'),
        ("a$$b", "expands `$$`"),
        ("a$RANDOM", "expands `$…`"),
        ("${a b}", "ends at a `${` that is no reference"),
        ("${A:-b}", "expands `${…}`"),
    ],
)
def test_bash_gives_no_value_that_can_be_told_where_it_would_run_something(written: str, why: str) -> None:
    assert _why("bash", f"{NAME}={written}\n") == why


def test_bash_does_not_remember_an_older_value_where_the_newer_cannot_be_told() -> None:
    assert _why("bash", f"A=1\nA=$$\n{NAME}=$A\n") == "expands `$A`"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=1 OKX_PASSPHRASE=x$A", "x1"),
        ("OKX_PASSPHRASE=x\nOKX_PASSPHRASE+=y", "xy"),
        ("export OKX_PASSPHRASE=x B", "x"),
        ("export A=1 OKX_PASSPHRASE=x", "x"),
        ("OKX_PASSPHRASE=x $NOT_SET", "x"),
        ("$NOT_SET OKX_PASSPHRASE=x", None),
        ("OKX_PASSPHRASE=x ''", None),
        ("readonly OKX_PASSPHRASE=x", "x"),
        ("OKX_PASSPHRASE=x\\\ny", "xy"),
    ],
)
def test_bash_assigns_on_a_line_of_nothing_but_assignments_and_with_export(text: str, value: str | None) -> None:
    assert _value("bash", text + "\n") == value


def test_a_quote_that_is_never_closed_keeps_bash_from_all_that_follows_and_from_nothing_before() -> None:
    loaded = dialect("bash").load(f"A=1\n{NAME}='x\nB=2\n", {})

    assert list(loaded.readings) == ["A"]
    assert (loaded.line, loaded.character) == (2, "'")


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("docker", f"export {NAME}=x", "refuses the file: `export`"),
        ("docker", f"{NAME} = x", "refuses the file: a blank in the name"),
        ("docker", f"=y\n{NAME}=x", "refuses the file: a line without a name"),
        ("docker", f"A B=1\n{NAME}=x", "refuses the file: a blank in the name"),
        ("compose", f"{NAME}='x", "refuses the file: a quote without its pair"),
        ("compose", f"{NAME}=a${{b c}}", "refuses the file: a `${` that is no reference"),
        ("systemd", f"export {NAME}=x", "drops the line: `export` before the name"),
        ("systemd", f"\ufeff{NAME}=x", "drops the line: a byte order mark before the name"),
        ("node", f"\ufeff{NAME}=x", "takes a byte order mark for a part of the name"),
        ("bash", f"\ufeff{NAME}=x", "takes a byte order mark for a part of the name"),
        ("bash", f"{NAME} = x", "would run the name as a command"),
        ("python-dotenv", f"{NAME}='x", "drops the line: its `'` is never closed"),
        ("python-dotenv", f"{NAME}='x'y", "drops the line: text follows the closing `'`"),
        ("python-dotenv", NAME, "finds no `=` on the line"),
    ],
)
def test_a_loader_that_gives_no_value_says_why(name: str, text: str, why: str) -> None:
    assert _why(name, text + "\n").removesuffix(" (line 1)") == why


def test_compose_takes_the_environment_before_the_file_and_python_dotenv_the_file_before_the_environment() -> None:
    text = f"A=file\n{NAME}=${{A}}\n"

    assert _value("compose", text, A="outside") == "outside"
    assert _value("python-dotenv", text, A="outside") == "file"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${A}", "1"),
        ("$A", "1"),
        ("${B}", ""),
        ("${B:-d}", "d"),
        ("${B-d}", "d"),
        ("${A:-d}", "1"),
        ("${A:+d}", "d"),
        ("${B:+d}", ""),
        ("${B:-${A}}", "1"),
        ("${E:-d}", "d"),
        ("${E-d}", ""),
        ("$$A", "$A"),
        ('"\\$A"', "$A"),
        ("$9", "$9"),
        ("${A?x}", "1"),
        ("${B?x}", None),
    ],
)
def test_compose_expands_as_its_documentation_says(written: str, value: str | None) -> None:
    assert _value("compose", f"{NAME}={written}\n", A="1", E="") == value


def test_every_dialect_has_an_id_a_title_and_says_what_it_was_compared_with() -> None:
    assert len(set(IDS)) == len(DIALECTS) == 7
    assert DEFAULT.id == "python-dotenv"
    assert all(loader.title and loader.source and loader.compared_with for loader in DIALECTS)
