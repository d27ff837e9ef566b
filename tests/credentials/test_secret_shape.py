from __future__ import annotations

import string
from typing import Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from okx_doctor.credentials.secret_shape import alike, digits_in, held_secret, looks_like_one
from tests.credentials.dressings import AROUND, BYTES, DRESSINGS, ENCODED, KEY, PLAIN, UNPADDED_BYTES, grouped, shows

pytestmark = pytest.mark.slow

SECRET = "22582BD0CFF14C41EDBF1AB98506286D"
ANOTHER = "9F3B7C21E8D04A56B1C7F02D93E84A6B"

InClear = Literal["api_key", "passphrase"]
SLOTS: tuple[InClear, ...] = ("api_key", "passphrase")
secrets = st.integers(0, 2**128 - 1).map("{:032X}".format)
keys = st.uuids().map(str)
slots = st.sampled_from(SLOTS)
joiners = st.text(st.characters(categories=("Zs", "Cc", "Cf", "Pd", "Po", "Ps", "Pe", "Pc", "Sk", "Sm")), max_size=3)
in_slots = pytest.mark.parametrize("slot", SLOTS)


@in_slots
@pytest.mark.parametrize("how", DRESSINGS)
@pytest.mark.parametrize("known", [SECRET, ANOTHER, ""], ids=["the same secret", "another secret", "no secret"])
def test_a_secret_is_found_in_every_dressing(slot: InClear, how: str, known: str) -> None:
    assert held_secret(DRESSINGS[how](SECRET), slot, known)


@given(secrets, slots, *map(st.sampled_from, (sorted(PLAIN), sorted(ENCODED), sorted(AROUND))), st.data())
def test_a_secret_is_found_in_any_dressing_over_another(
    secret: str, slot: InClear, plain: str, encoded: str, around: str, data: st.DataObject
) -> None:
    dressed = PLAIN[plain](secret)
    assume(dressed.isascii() or encoded != "base64 of UTF-16")
    value = AROUND[around](ENCODED[encoded](dressed))
    known = data.draw(st.sampled_from((secret, ANOTHER, "", KEY, "not-hexadecimal", dressed)))
    assert held_secret(value, slot, known)


@given(secrets, slots, st.integers(1, 16), joiners)
def test_a_secret_is_found_in_groups_of_any_size_with_any_signs_between(
    secret: str, slot: InClear, size: int, joiner: str
) -> None:
    assert held_secret(grouped(size, joiner)(secret), slot, ANOTHER)


@given(secrets, slots, st.sampled_from(sorted(BYTES)), st.sampled_from((ANOTHER, "", "not-hexadecimal")))
def test_the_bytes_of_a_secret_in_padded_base64_are_found(secret: str, slot: InClear, how: str, known: str) -> None:
    assert held_secret(BYTES[how](secret), slot, known)


@given(
    secrets, slots, st.integers(1, 24), st.text(st.sampled_from(" \t\n.,:;|/_-+'"), min_size=1, max_size=3), st.data()
)
def test_the_bytes_of_a_secret_in_base64_are_found_in_groups_whatever_stands_around(
    secret: str, slot: InClear, size: int, joiner: str, data: st.DataObject
) -> None:
    around = AROUND[data.draw(st.sampled_from(sorted(AROUND)))]
    of_bytes = BYTES[data.draw(st.sampled_from(("base64 of the bytes", "url-safe base64 of the bytes")))](secret)
    assume(not set(joiner) & set(of_bytes))
    value = around(grouped(size, joiner)(of_bytes))
    assert held_secret(value, slot, data.draw(st.sampled_from((ANOTHER, "", KEY, "not-hexadecimal", secret))))
    unpadded = around(grouped(size, joiner)(of_bytes.rstrip("=")))
    assert held_secret(unpadded, "api_key", ANOTHER)
    assert held_secret(unpadded, slot, "")


@given(secrets, st.sampled_from(sorted(UNPADDED_BYTES)))
def test_without_padding_they_are_taken_for_a_passphrase_beside_a_good_secret_alone(secret: str, how: str) -> None:
    value = UNPADDED_BYTES[how](secret)
    assert held_secret(value, "api_key", ANOTHER) == "base64"
    assert held_secret(value, "passphrase", "") == "base64"
    assert held_secret(value, "passphrase", "not-hexadecimal") == "base64"
    assert held_secret(value, "passphrase", KEY) == "base64"
    assert held_secret(value, "passphrase", secret) == "secret-slot"
    assert held_secret(value, "passphrase", ANOTHER, (secret,)) == "another-source"
    assert secret == ANOTHER or held_secret(value, "passphrase", ANOTHER) == ""


@given(st.text(st.characters(categories=("L", "N")), min_size=8, max_size=40), slots, st.data())
def test_whatever_the_secret_slot_holds_is_found_in_another_slot(text: str, slot: InClear, data: st.DataObject) -> None:
    """No hexadecimal digits are needed for it, nor that both are written alike."""
    around = AROUND[data.draw(st.sampled_from(sorted(AROUND)))]
    encode = ENCODED[data.draw(st.sampled_from(("not encoded", "base64", "percent-encoded", "hexadecimal")))]
    value = around(encode(grouped(data.draw(st.integers(3, 9)), data.draw(st.sampled_from((" ", "-", "_", ""))))(text)))
    assert held_secret(value, slot, text)
    assert held_secret(value, slot, f'"{text}"\n', ())
    assert held_secret(value, slot, SECRET, (text,))


@in_slots
def test_nearly_all_of_a_known_secret_is_as_good_as_all_of_it(slot: InClear) -> None:
    for piece in (SECRET[:30], SECRET[2:], SECRET[4:28]):
        assert held_secret(piece, slot, SECRET) == "secret-slot"
        assert held_secret(piece, slot, ANOTHER) == ""


@in_slots
@pytest.mark.parametrize(
    ("value", "known", "held"),
    [
        (SECRET, SECRET, "secret-slot"),
        (SECRET, ANOTHER, "digits"),
        (SECRET, "", "digits"),
        (f"{SECRET} and more", f" '{SECRET.lower()}' ", "secret-slot"),
        (grouped(8, "-")(SECRET), f"OKX_SECRET_KEY={SECRET}", "secret-slot"),
        ("Abc-1234", "abc_1234", "secret-slot"),
        ("Abc-1234!", "x", ""),
        ("x", "x", "secret-slot"),
        ("MjI1ODJCRDBDRkYxNEM0MUVEQkYxQUI5ODUwNjI4NkQ=", ANOTHER, "base64"),
    ],
)
def test_it_is_told_what_makes_a_value_one_that_is_not_sent(slot: InClear, value: str, known: str, held: str) -> None:
    assert held_secret(value, slot, known) == held


@given(keys, secrets)
def test_an_ordinary_key_is_always_sent(key: str, secret: str) -> None:
    assume(key.replace("-", "") != secret.lower())
    for form in (key, key.upper(), f'"{key}"', f" {key}\n", f"'{key}'", "\u200b" + key, key.replace("0", "O")):
        assert held_secret(form, "api_key", secret) == ""
        assert held_secret(form, "api_key", "") == ""
        assert held_secret(form, "api_key", secret, (key, secret)) == "", "a UUID in a secret slot is a key"


@given(keys)
def test_a_key_with_the_digits_of_the_secret_slot_is_not_sent(key: str) -> None:
    for known in (key, key.replace("-", ""), key.replace("-", "").upper(), f'"{key}"', grouped(4, " ")(key)):
        assert held_secret(key, "api_key", known) == "secret-slot"


@pytest.mark.parametrize(
    "form",
    [KEY.replace("-", ""), KEY + "0", KEY[:-1], KEY + KEY, f"key {KEY}", KEY.replace("-", ":"), KEY + ","],
)
def test_only_a_uuid_is_what_a_key_should_be(form: str) -> None:
    assert held_secret(form, "api_key", SECRET) == "digits"


no_digit = st.text(st.sampled_from("GHJKMNPQRSTUVWXYZghjkmnpqrstuvwxyz"), min_size=2, max_size=30)


@given(st.text(string.ascii_letters + string.digits + string.punctuation + " ", max_size=30), no_digit, secrets)
def test_an_ordinary_passphrase_is_always_sent(some: str, more: str, secret: str) -> None:
    """8 to 32 characters, two of them letters that are no digits; not sixteen bytes in base64 with its padding."""
    value = (some[: 32 - len(more)] + more).ljust(8, "!")
    assume(not value.endswith("==") and "==" not in value)
    assert held_secret(value, "passphrase", secret) == ""


@pytest.mark.parametrize(
    "value",
    [
        "Abc-Def-1234!",
        "Dead-Beef-Cafe-Babe-0123-4567!",
        "0123456789abcdef0123456789abcd",
        "6F96-19FF-8B86-D011-B42D-00CF4F",
        "Winter-Is-Coming-Kingg",
        "correct horse battery staple",
        "https://example.com/a%20b%2Fc",
        "KvQz7mXw2RtYb4NpLc9HsQ",
        "Zx$8k#Qw\"Lp'\\Mn%Vb&Tr+Ys=Jd!4",
        "Gr\u00fc\u00dfe-1234",
        "3q2+7w==",
    ],
)
def test_a_passphrase_with_some_hexadecimal_digits_is_sent(value: str) -> None:
    assert held_secret(value, "passphrase", SECRET) == ""


@given(st.text(max_size=200), slots, st.text(max_size=50), st.lists(st.text(max_size=50), max_size=3))
def test_any_texts_are_judged_without_an_error(value: str, slot: InClear, known: str, others: list[str]) -> None:
    held = held_secret(value, slot, known, others)
    assert held or not alike(value, known)


@pytest.mark.parametrize("how", PLAIN)
def test_a_secret_is_known_as_one_with_anything_between_and_around_its_digits(how: str) -> None:
    value = PLAIN[how](SECRET)
    assert digits_in(value) >= 31
    assert looks_like_one(value) == (digits_in(value) <= 33)


def test_a_uuid_is_no_secret() -> None:
    assert digits_in(KEY) == 32
    assert not looks_like_one(KEY)


@pytest.mark.parametrize("times", [1, 4, 16, 50])
def test_what_base64_makes_of_any_other_text_is_no_row_of_digits(times: int) -> None:
    """Read as base64 it is bytes of which some are digits by chance, with what is no text between them."""
    assert held_secret("Ab3$xY9-zQ" * times, "passphrase", SECRET) == ""


@pytest.mark.parametrize("how", DRESSINGS)
def test_the_tests_themselves_see_the_secret_in_what_can_be_sent(how: str) -> None:
    """The way back that other tests rely on finds the digits wherever all of them are there."""
    value = DRESSINGS[how](SECRET)
    altered = ("31 digits of it and a letter", "O for zero and l for one", "Cyrillic letters", "Arabic digits")
    assert shows(value, SECRET) or how in altered
    assert not shows(value, ANOTHER)
