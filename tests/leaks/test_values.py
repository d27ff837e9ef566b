"""Which values OKX can have given out or a person can have chosen, and which are samples and references."""

from __future__ import annotations

import base64

import pytest

from okx_doctor.leaks.values import decoded, is_of_okx_form, like_a_passphrase, of_many_kinds
from okx_doctor.observations import Slot
from tests.leaks.corpus import KEY, PASSPHRASE, SECRET


@pytest.mark.parametrize(
    ("value", "slot"),
    [
        (KEY, "api_key"),
        (KEY.upper(), "api_key"),
        (SECRET, "secret"),
        (SECRET.lower(), "secret"),
        ("00112233-4455-4667-7888-800000000000", "api_key"),  # nine different digits
        ("01122334455667788011223344556670", "secret"),
    ],
)
def test_a_value_of_its_form_can_have_been_given_out(value: str, slot: Slot) -> None:
    assert is_of_okx_form(value, slot)


@pytest.mark.parametrize(
    ("value", "slot"),
    [
        (KEY, "secret"),
        (SECRET, "api_key"),
        (KEY, "passphrase"),
        (PASSPHRASE, "passphrase"),
        (KEY[:-1], "api_key"),
        (SECRET + "0", "secret"),
        ("22582BD0CFF14C41EDBF1AB98506286D", "secret"),
        ("22582bd0cff14c41edbf1ab98506286d", "secret"),
        ("00112233-4455-4667-7000-100000000000", "api_key"),  # eight different digits
        ("01234567-89ab-4cde-9f01-abc0de1f2a3b", "api_key"),
        (f"abcdef{SECRET[6:]}", "secret"),
        (f"{KEY[:6]}12-3456-7{KEY[15:]}", "api_key"),  # counted over a hyphen
    ],
)
def test_a_sample_and_a_value_of_another_form_cannot(value: str, slot: Slot) -> None:
    assert not is_of_okx_form(value, slot)


@pytest.mark.parametrize(
    "value",
    [
        PASSPHRASE,
        "Abc 123!-x",
        "Tr4der Joe 9",
        "Abc-123!",
        "Abc-123!" * 4,
        "abcde-fghij",
        "p@ss$word1",
        "$x-Abc123",
        "my long Pass 7 word",
        "To moon 24 Times",
        "{Abc-123}",
    ],
)
def test_a_text_that_okx_takes_can_be_a_passphrase(value: str) -> None:
    assert like_a_passphrase(value)


@pytest.mark.parametrize(
    "value",
    [
        "Abc-12!",  # seven characters
        "Abc-123!" * 4 + "x",  # thirty-three
        "abc defg-x",
        "Enter 1 passphrase!",
        "Enter the 1st Passphrase#",
        "Passphrase no 1#",
        "one Pass 7 word.",
        "one pass 7 word",
        "8 to 32 characters",
        "Abc\t123! :",
        "Abc-123!\u200b",
        "abababababab",
        "********",
        "${OKX_PASSPHRASE}",
        "$(pass okx/trade)",
        "{{ passphrase }}",
        "{{passphrase-1}}",
        "%OKX_PASSPHRASE%",
        "<passphrase-1>",
        "@passphrase1@",
        "env:PASSPHRASE_1",
        "vault:okx/Abc1",
        "!Ref-Passphrase1",
        "my-Example-1",
        "Sample-pass-1",
        "your-passphrase",
        KEY,
        SECRET,
    ],
)
def test_a_reference_a_placeholder_and_what_okx_would_not_take_cannot(value: str) -> None:
    assert not like_a_passphrase(value)


@pytest.mark.parametrize(
    ("value", "mixes"),
    [
        ("Abc12345", True),
        ("abc-1234", True),
        ("ABC-1234", True),
        ("Abc-1234", True),
        ("abc12345", False),
        ("ABC12345", False),
        ("1234-567", False),
        ("Abc-defg", False),  # three kinds, none of them digits
        ("12345678", False),
        ("", False),
    ],
)
def test_three_of_four_kinds_with_digits_among_them_are_many(value: str, mixes: bool) -> None:
    assert of_many_kinds(value) is mixes


def test_the_base64_of_a_text_is_taken_for_that_text() -> None:
    assert decoded(base64.b64encode(PASSPHRASE.encode()).decode()) == PASSPHRASE
    assert decoded(base64.b64encode(f"{SECRET}\n".encode()).decode()) == SECRET


@pytest.mark.parametrize(
    "value",
    [
        "",
        "QWJjLTEy",  # too short to hold a credential
        base64.b64encode(PASSPHRASE.encode()).decode() + "A",
        base64.b64encode(b"\0\1\2" * 8).decode(),
        base64.b64encode("Grüße-an-alle".encode("latin-1")).decode(),
        base64.b64encode("Grüße-an-alle".encode()).decode(),
        PASSPHRASE,
    ],
)
def test_what_is_no_base64_of_a_text_stands_for_none(value: str) -> None:
    assert decoded(value) == ""
