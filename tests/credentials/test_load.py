from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.credentials.dialects import dialect
from okx_doctor.credentials.documents.home import Source
from okx_doctor.credentials.env_file import EnvFile, parse_env_file
from okx_doctor.credentials.load import Alternative, Credentials, LoadedValue, load_credentials
from okx_doctor.credentials.variables import VARIABLES
from okx_doctor.observations import SLOTS, Slot

KEY = "37c541a1-12ab-34cd-56ef-10fe7a038418"
SECRET = "22582BD0CFF14C41EDBF1AB98506286D"
PHRASE = "Tr0ub4dor&3"
ALL = {"OKX_API_KEY": KEY, "OKX_SECRET_KEY": SECRET, "OKX_PASSPHRASE": PHRASE}


def _file(text: str, label: str = "bot.env") -> EnvFile:
    return parse_env_file(text, label)


def _phrase(environ: Mapping[str, str], *texts: str) -> LoadedValue:
    files = [_file(text, f"{number}.env") for number, text in enumerate(texts, 1)]
    return load_credentials(environ, files).passphrase


def _tried(loaded: LoadedValue) -> list[tuple[str, tuple[str, ...]]]:
    return [(other.value.reveal(), other.causes) for other in loaded.alternatives]


def _environment(variable: str) -> Source:
    return Source(kind="environment", variable=variable)


def _in_file(number: int, variable: str = "OKX_PASSPHRASE") -> Source:
    return Source(kind="env-file", variable=variable, file=f"{number}.env", line=1)


def test_three_variables_make_credentials_with_nothing_to_put_right() -> None:
    credentials = load_credentials(ALL, ())

    assert [loaded.reveal() for loaded in credentials.values()] == [KEY, SECRET, PHRASE]
    assert [loaded.source for loaded in credentials.values()] == [_environment(name) for name in ALL]
    assert all(not loaded.alias for loaded in credentials.values())
    assert all(not (loaded.altered or loaded.shadowed or loaded.alternatives) for loaded in credentials.values())


def test_the_values_of_a_file_name_file_line_and_variable() -> None:
    loaded = load_credentials({}, [_file(f"# mine\nOKX_API_KEY={KEY}\n")]).api_key

    assert loaded.reveal() == KEY
    assert loaded.source == Source(kind="env-file", variable="OKX_API_KEY", file="bot.env", line=2)


def test_what_no_source_names_is_absent() -> None:
    credentials = load_credentials({"PATH": "/bin", "OKX_API_KEYS": KEY}, [_file("OTHER=1")])

    assert [(loaded.value, loaded.reveal(), loaded.source) for loaded in credentials.values()] == [(None, "", None)] * 3
    assert credentials.secrets() == ()


def test_the_environment_wins_over_the_file_and_the_first_file_over_the_second() -> None:
    first, second = "OKX_PASSPHRASE=from-first\n", "OKX_PASSPHRASE=from-second\n"

    assert _phrase({"OKX_PASSPHRASE": "from-shell"}, first, second).reveal() == "from-shell"
    assert _phrase({}, first, second).reveal() == "from-first"
    assert _phrase({}, "OTHER=1", second).reveal() == "from-second"


def test_each_slot_is_looked_up_on_its_own() -> None:
    credentials = load_credentials(
        {"OKX_API_KEY": KEY}, [_file(f"OKX_SECRET_KEY={SECRET}\n"), _file(f"OKX_PASSPHRASE={PHRASE}\n")]
    )

    assert [loaded.reveal() for loaded in credentials.values()] == [KEY, SECRET, PHRASE]


def test_a_shadowed_source_is_told_and_can_be_tried() -> None:
    loaded = _phrase({"OKX_PASSPHRASE": "stale"}, "OKX_PASSPHRASE=one\n", "OKX_PASSPHRASE=two\n")

    assert loaded.shadowed == (_in_file(1), _in_file(2))
    assert _tried(loaded) == [
        ("one", ("credential-sources-conflict",)),
        ("two", ("credential-sources-conflict",)),
    ]
    assert [other.source for other in loaded.alternatives] == [_in_file(1), _in_file(2)]
    assert "1.env" in loaded.alternatives[0].what


def test_two_sources_that_agree_shadow_nothing() -> None:
    loaded = _phrase({"OKX_PASSPHRASE": PHRASE}, f"OKX_PASSPHRASE='{PHRASE}'\n")

    assert (loaded.shadowed, loaded.alternatives, loaded.altered) == ((), (), ())


def test_an_empty_variable_hides_the_file() -> None:
    loaded = _phrase({"OKX_PASSPHRASE": ""}, f"OKX_PASSPHRASE='{PHRASE}'\n")

    assert loaded.reveal() == ""
    assert loaded.source == _environment("OKX_PASSPHRASE")
    assert loaded.shadowed == (_in_file(1),)
    assert _tried(loaded) == [(PHRASE, ("credential-sources-conflict",))]


def test_an_empty_line_of_a_file_is_nothing_to_try() -> None:
    loaded = _phrase({"OKX_PASSPHRASE": PHRASE}, "OKX_PASSPHRASE=\n")

    assert loaded.reveal() == PHRASE
    assert len(loaded.shadowed) == 1
    assert loaded.alternatives == ()


@pytest.mark.parametrize(("slot", "name"), [(slot, name) for slot in SLOTS for name in VARIABLES[slot]])
def test_a_name_that_people_use_is_accepted_and_reported(slot: Slot, name: str) -> None:
    for loaded in (
        load_credentials({name: "value"}, ()).value(slot),
        load_credentials({}, [_file(f"{name}=value\n")]).value(slot),
    ):
        assert loaded.reveal() == "value"
        assert loaded.alias == ("" if name == VARIABLES[slot][0] else name)


def test_no_name_stands_for_two_slots() -> None:
    names = [name for slot in SLOTS for name in VARIABLES[slot]]

    assert len(names) == len(set(names))
    assert [VARIABLES[slot][0] for slot in SLOTS] == ["OKX_API_KEY", "OKX_SECRET_KEY", "OKX_PASSPHRASE"]


def test_the_usual_name_wins_over_an_alias_and_shadows_it() -> None:
    loaded = load_credentials({"OKX_SECRET": "other", "OKX_SECRET_KEY": SECRET}, ()).secret

    assert loaded.reveal() == SECRET
    assert loaded.shadowed == (_environment("OKX_SECRET"),)


def test_an_alias_in_the_environment_wins_over_the_usual_name_in_a_file() -> None:
    loaded = load_credentials({"OKX_PASSWORD": "shell"}, [_file("OKX_PASSPHRASE=file\n")]).passphrase

    assert (loaded.reveal(), loaded.alias) == ("shell", "OKX_PASSWORD")


@pytest.mark.parametrize(
    ("written", "used", "character"),
    [
        ("pass #1word", "pass", "#"),
        ("=pass", "=pass", "=="),
        ('"pa\\ss"', "pa\\ss", None),
        ('"pa\\nss"', "pa\nss", "\\"),
        ("pa${UNSET_BY_ALL}ss", "pass", "$"),
        ("'pass", "", "'"),
    ],
)
def test_what_python_dotenv_altered_is_told_of_the_line_in_force(
    written: str, used: str, character: str | None
) -> None:
    loaded = _phrase({}, f"OKX_PASSPHRASE={written}\n")

    assert loaded.reveal() == used
    assert [line.character for line in loaded.altered] == ([character] if character else [])
    assert all((line.file, line.line) == ("1.env", 1) for line in loaded.altered)


@pytest.mark.parametrize(
    ("written", "shell", "meant", "character"),
    [
        ("'pass#word'", "pass", "pass#word", "#"),
        ("'pa$sword'", "pa", "pa$sword", "$"),
        ("'pa$$w'", "pa$w", "pa$$w", "$"),
        ("'pass word'", "'pass word'", "pass word", "'"),
        ('"pass"', '"pass"', "pass", '"'),
        (r"'pa\ss'", "pass", r"pa\ss", "\\"),
    ],
)
def test_what_another_loader_made_of_the_file_is_tried_as_the_file_has_it(
    written: str, shell: str, meant: str, character: str
) -> None:
    loaded = _phrase({"OKX_PASSPHRASE": shell}, f"OKX_PASSPHRASE={written}\n")

    assert loaded.reveal() == shell
    assert [(line.file, line.line, line.character) for line in loaded.altered] == [("1.env", 1, character)]
    assert loaded.shadowed == ()
    assert _tried(loaded)[0] == (meant, ("env-file-mangled",))


@pytest.mark.parametrize(
    ("text", "tried"),
    [
        ("pass\n", [("pass", ("credential-whitespace",))]),
        ('"pass"', [("pass", ("credential-quoted",))]),
        (' "pass" ', [("pass", ("credential-whitespace", "credential-quoted"))]),
        ("pa\u200bss", [("pass", ("credential-characters",))]),
        (
            "pa\u200bss\n",
            [
                ("pa\u200bss", ("credential-whitespace",)),
                ("pass", ("credential-whitespace", "credential-characters")),
            ],
        ),
        ("café", []),
        ("pass", []),
        ("", []),
        (" ", []),
    ],
)
def test_a_value_that_is_not_clean_is_tried_clean(text: str, tried: list[tuple[str, tuple[str, ...]]]) -> None:
    assert _tried(Credentials.of(KEY, SECRET, text).passphrase) == tried
    assert _tried(_phrase({"OKX_PASSPHRASE": text})) == tried


def test_alternatives_come_in_the_order_file_then_clean_then_other_source() -> None:
    loaded = _phrase({"OKX_PASSPHRASE": "'pass'"}, "OKX_PASSPHRASE='other'\n", "OKX_PASSPHRASE='pass'\n")

    assert _tried(loaded) == [
        ("pass", ("env-file-mangled",)),
        ("other", ("credential-sources-conflict",)),
    ]
    assert [other.source for other in loaded.alternatives] == [_in_file(2), _in_file(1)]


def test_a_mangled_line_comes_before_the_cleaned_value_and_the_next_source() -> None:
    loaded = _phrase({}, "OKX_PASSPHRASE==' pass '\n", "OKX_PASSPHRASE=other\n")

    assert _tried(loaded) == [
        (" pass ", ("env-file-mangled",)),
        ("pass", ("credential-quoted",)),
        ("other", ("credential-sources-conflict",)),
    ]


def test_a_source_is_named_by_all_that_finds_it() -> None:
    line = Source(kind="env-file", variable="OKX_SECRET", file="bot.env", line=7)

    assert all(part in str(line) for part in ("OKX_SECRET", "bot.env", "7"))
    assert "OKX_SECRET" in str(_environment("OKX_SECRET"))
    assert str(Source(kind="argument"))


def test_values_of_one_file_come_from_one_place_and_those_of_another_do_not() -> None:
    file = Source(kind="env-file", variable="OKX_API_KEY", file="1.env", line=2)

    assert file.place == _in_file(1).place != _in_file(2).place
    assert _environment("A").place == _environment("B").place != file.place


def test_credentials_from_the_callers_code_have_no_other_source() -> None:
    credentials = Credentials.of(KEY, SECRET, PHRASE)

    assert [loaded.source for loaded in credentials.values()] == [Source(kind="argument")] * 3
    assert all(not loaded.alias for loaded in credentials.values())
    assert all(not loaded.shadowed and not loaded.alternatives for loaded in credentials.values())


def test_every_text_that_may_be_sent_is_known_to_the_redactor() -> None:
    credentials = load_credentials({"OKX_PASSPHRASE": '"shell"', "OKX_API_KEY": KEY}, [_file("OKX_PASSPHRASE=file\n")])

    assert {secret.reveal() for secret in credentials.secrets()} == {KEY, '"shell"', "shell", "file"}


VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@given(shell=st.none() | VALUES, first=st.none() | VALUES, second=st.none() | VALUES)
def test_whatever_the_sources_say_no_alternative_is_empty_repeated_or_the_value_itself(
    shell: str | None, first: str | None, second: str | None
) -> None:
    environ = {} if shell is None else {"OKX_PASSPHRASE": shell}
    texts = ["" if text is None else f"OKX_PASSPHRASE={text}\n" for text in (first, second)]

    loaded = _phrase(environ, *texts)

    tried = [other.value.reveal() for other in loaded.alternatives]
    assert "" not in tried
    assert len(tried) == len(set(tried))
    assert loaded.reveal() not in tried
    assert shell is None or loaded.reveal() == shell


@given(api_key=VALUES, secret=VALUES, passphrase=VALUES)
def test_no_description_of_credentials_shows_a_value(api_key: str, secret: str, passphrase: str) -> None:
    marked = [f"S3ntinel{text}" for text in (api_key, secret, passphrase)]
    credentials = Credentials.of(*marked)

    others = [other for loaded in credentials.values() for other in loaded.alternatives]

    assert "S3ntinel" not in f"{credentials} {[_described(other) for other in others]}"


def _described(alternative: Alternative) -> str:
    return f"{alternative} {alternative.what} {alternative.source}"


def test_the_line_to_write_keeps_its_export() -> None:
    file = parse_env_file("export OKX_PASSPHRASE=My$Bot-7\n", ".envrc", {}, dialect("bash"))

    (row,) = load_credentials({}, (file,)).passphrase.altered

    assert row.corrected.startswith("export OKX_PASSPHRASE='…'")
