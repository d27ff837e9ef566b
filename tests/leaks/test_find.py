"""Which lines hold OKX credentials, and which only look so."""

from __future__ import annotations

import base64
import random
import re
import string
import time
import uuid
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from okx_doctor.credentials.variables import FREQTRADE_PREFIX, VARIABLES
from okx_doctor.leaks.find import Leak, leaks
from okx_doctor.leaks.names import named
from okx_doctor.observations import SLOTS
from tests.leaks.corpus import ALSO, KEY, NAMES, NONE, PASSPHRASE, SECRET, THREE, TWO, filled

pytestmark = pytest.mark.slow


def lines_of(text: str, value: str) -> set[int]:
    return {number for number, line in enumerate(text.split("\n"), 1) if value in line}


@pytest.mark.parametrize("what", THREE)
def test_all_three_are_found_in_the_forms_that_people_write(what: str) -> None:
    path, template = THREE[what]
    found = leaks(filled(template), path)
    assert [leak.slot for leak in found] == list(SLOTS)
    where = [next(iter(lines_of(template, "{" + name))) for name in ("key", "secret", "passphrase")]
    assert [leak.line for leak in found] == where


@pytest.mark.parametrize("what", TWO)
def test_a_key_and_a_passphrase_are_found_as_a_request_carries_them(what: str) -> None:
    path, template = TWO[what]
    assert [leak.slot for leak in leaks(filled(template), path)] == ["api_key", "passphrase"]


@pytest.mark.parametrize("what", ALSO)
def test_every_value_is_found_however_it_is_spelled(what: str) -> None:
    path, template = ALSO[what]
    there = {slot for slot, name in zip(SLOTS, ("{key", "{secret", "{passphrase"), strict=True) if name in template}
    assert {leak.slot for leak in leaks(filled(template), path)} == there


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_okx_is_known_with_other_words_before_and_behind(name: str) -> None:
    assert [leak.slot for leak in leaks(filled(f"{name}={{secret}}\n"), ".env")] == ["secret"]


@pytest.mark.parametrize("what", ["an env file", "JSON"])
@pytest.mark.parametrize("width", [0, 76, 64])
@pytest.mark.parametrize(
    "encode", [base64.b64encode, base64.urlsafe_b64encode, lambda raw: base64.b64encode(raw).rstrip(b"=")]
)
def test_a_file_that_is_one_base64_value_is_read_as_what_it_stands_for(
    what: str, width: int, encode: Callable[[bytes], bytes]
) -> None:
    inside = {
        "an env file": "# über\nOKX_API_KEY={key}\nOKX_SECRET_KEY={secret}\nOKX_PASSPHRASE={passphrase}\n",
        "JSON": '{"okx": {"apiKey": "{key}", "secret": "{secret}", "password": "{passphrase}"}}',
    }[what]
    coded = encode(filled(inside).encode()).decode()
    text = "\r\n".join(coded[at : at + width] for at in range(0, len(coded), width)) if width else coded

    for path in ("okx.b64", "secret", "data.txt"):
        assert [(leak.line, leak.slot) for leak in leaks(f"{text}\n", path)] == [(1, slot) for slot in SLOTS]
    assert leaks(f"{text}\n!", "secret") == ()


@given(st.integers(0, 2**128 - 1), st.booleans())
@example(0x9F3B7C21E8D04A56B1C7F02D93E84A6B, True)
def test_a_secret_is_found_in_base64_however_few_digits_that_has(number: int, capitals: bool) -> None:
    secret = f"{number:032x}".upper() if capitals else f"{number:032x}"
    text = f"data:\n  OKX_SECRET_KEY: {base64.b64encode(secret.encode()).decode()}\n"

    assert [leak.slot for leak in leaks(text, "secret.yaml")] == [
        leak.slot for leak in leaks(f"OKX_SECRET_KEY={secret}\n", ".env")
    ]


def test_the_table_of_spellings_is_long() -> None:
    assert len({**THREE, **TWO, **ALSO}) + len(NAMES) >= 200


@pytest.mark.parametrize("what", NONE)
def test_what_only_looks_like_a_credential_is_passed_over(what: str) -> None:
    path, template = NONE[what]
    assert leaks(filled(template), path) == ()


@pytest.mark.parametrize("what", [*THREE, *TWO, *ALSO])
def test_no_value_is_in_what_is_told(what: str) -> None:
    path, template = {**THREE, **TWO, **ALSO}[what]
    told = repr(leaks(filled(template), path))
    assert not [value for value in (KEY, SECRET, PASSPHRASE) if value.lower() in told.lower()]


@pytest.mark.parametrize("name", [name for names in VARIABLES.values() for name in names])
def test_every_name_that_is_loaded_is_known(name: str) -> None:
    slot = next(slot for slot, names in VARIABLES.items() if name in names)
    found = named(name)
    assert found is not None and (found.slot, found.plainly_okx) == (slot, not name.startswith(FREQTRADE_PREFIX))


@pytest.mark.parametrize(
    ("name", "slot", "plainly_okx"),
    [
        ("apikey", "api_key", False),
        ("apisecret", "secret", False),
        ("secretkey", "secret", False),
        ("accesskey", "api_key", False),
        ("passwd", "passphrase", False),
        ("okxapisecret", "secret", True),
        ("OKX_PASSWD", "passphrase", True),
        ("okxPass", "passphrase", True),
        ("OK-ACCESS-KEY", "api_key", True),
        ("ok_access_passphrase", "passphrase", True),
        ("MyBotOKEXApiKey", "api_key", True),
        ("telegram_okx_secret", "secret", True),
    ],
)
def test_a_name_is_taken_apart_however_it_is_spelled(name: str, slot: str, plainly_okx: bool) -> None:
    found = named(name)
    assert found is not None and (found.slot, found.plainly_okx) == (slot, plainly_okx)


@pytest.mark.parametrize(
    "name",
    [
        "okx",
        "okx_id",
        "okx_key_id",
        "okx_secret_hash",
        "secret_name",
        "telegram_key",
        "keyboard",
        "passenger",
        "okx_url",
    ],
)
def test_a_name_with_another_word_in_it_is_no_credential_s(name: str) -> None:
    assert named(name) is None


@given(st.integers(0, 2**32), st.sampled_from(sorted(what for what in THREE if "base64" not in THREE[what][1])))
@example(251, "Compose, as a list")  # a key that begins with b
def test_any_credentials_that_okx_could_give_out_are_found(seed: int, what: str) -> None:
    source = random.Random(seed)
    key = str(uuid.UUID(int=source.getrandbits(128), version=4))
    secret = f"{source.getrandbits(128):032X}"
    passphrase = "".join(source.sample(string.ascii_letters, 6)) + str(source.randrange(10, 100)) + "#aZ"
    path, template = THREE[what]
    text = template.replace("{key}", key).replace("{secret}", secret).replace("{passphrase}", passphrase)
    assert [leak.slot for leak in leaks(text, path)] == list(SLOTS)


def test_three_arguments_are_told_as_such_and_a_placeholder_among_them_is_not() -> None:
    call = 'client = AccountAPI("{key}", "{secret}", "{passphrase}")\n'
    assert [(leak.slot, leak.variable) for leak in leaks(filled(call), "bot.py")] == [
        ("api_key", "an argument"),
        ("secret", "an argument"),
        ("passphrase", "an argument"),
    ]
    assert [leak.slot for leak in leaks(filled(call.replace("{passphrase}", "<passphrase>")), "bot.py")] == [
        "api_key",
        "secret",
    ]
    assert leaks(filled(call.replace("{key}", "00000000-0000-4000-8000-000000000000")), "bot.py") == ()
    assert leaks(filled(call.replace("{secret}", "0" * 32)), "bot.py") == ()


GENERIC = {
    "key": "api_key = '{key}'\n",
    "secret": "secret = '{secret}'\n",
    "passphrase": "passphrase = '{passphrase}'\n",
}


@pytest.mark.parametrize("missing", GENERIC)
def test_under_names_that_fit_any_exchange_only_all_three_together_count(missing: str) -> None:
    assert len(leaks(filled("".join(GENERIC.values())), "bot.py")) == 3
    assert leaks(filled("".join(row for name, row in GENERIC.items() if name != missing)), "bot.py") == ()


@pytest.mark.parametrize(("between", "slots"), [(5, ["secret", "passphrase"]), (6, [])])
def test_values_belong_together_over_six_lines_and_no_more(between: int, slots: list[str]) -> None:
    text = GENERIC["key"] + GENERIC["secret"] + "\n" * between + GENERIC["passphrase"]
    assert [leak.slot for leak in leaks(filled(text), "bot.py")] == slots


def test_a_line_that_is_allowed_is_the_only_one() -> None:
    text = filled("OKX_API_KEY={key} # okx-doctor: allow\nOKX_SECRET_KEY={secret}\n\nOKX_API_KEY={key}\n")
    assert leaks(text, ".env") == (Leak(line=4, slot="api_key", variable="OKX_API_KEY"),)


def test_the_name_of_a_file_tells_of_okx_and_that_of_a_folder_does_not() -> None:
    text = filled("api_key: {key}\n")
    assert leaks(text, "config/okx_live.yaml") and leaks(text, r"okx.yaml")
    assert leaks(text, "okx-bot/config/live.yaml") == ()


def test_a_passphrase_alone_counts_under_a_name_of_okx() -> None:
    assert [leak.variable for leak in leaks(filled("okx_passphrase = '{passphrase}'"), "a.py")] == ["okx_passphrase"]
    assert leaks(filled("passphrase = '{passphrase}'"), "a.py") == ()


@given(
    st.text(st.sampled_from(list("okxOKX_key secret pass=:'\"`,;()[]{}<>$-.\n\t0123456789abcdefABCDEF#")), max_size=400)
)
def test_any_text_is_read_and_no_value_is_told(text: str) -> None:
    for leak in leaks(text, ".env"):
        assert 1 <= leak.line <= text.count("\n") + 1
        assert re.fullmatch(r"[\w$. -]+", leak.variable)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 2_000_000 + "key",
        "key" * 500_000,
        "api_key " * 200_000,
        "okx_key='" * 150_000,
        "okx_key: " + "&str " * 300_000,
        "{" * 500_000 + "okx_pass" + '"' * 500_000,
        '"okx_key",' + " " * 1_000_000 + "value",
        ("okx_key\n" * 100_000) + "x",
        filled("key: {key}\nsecret: {secret}\n") * 30_000,
        "key,secret,1234\n" * 50_000,
        "(key,secret) values " + "(1234,2345)," * 200_000,
        "okx_secret = " + "'a' + " * 300_000,
        "okx_pass<x " * 50_000,
        "okx_pass type: x, " * 50_000,
        "okx_pass\n1234" + "\n" * 1_000_000,
        "7f31c0b2-" * 200_000,
        "okx\n" + filled("    passphrase: '{passphrase}'\n") * 30_000,
        "[okx]\n" * 150_000 + filled("passphrase = {passphrase}\n") * 30_000,
        "QUJD" * 250_000,
        "okx_pass = [[" * 80_000,
    ],
    ids=range(20),
)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    leaks(text, ".env")
    assert time.process_time() - began < 10, "seconds of computing; a second is usual"
