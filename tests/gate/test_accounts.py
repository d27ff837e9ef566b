from __future__ import annotations

import re
import string
import uuid

from okx_doctor.gate.accounts import generate
from okx_doctor.secrets.secret import Secret


def test_a_generated_account_has_credentials_in_the_shapes_of_okxs_samples() -> None:
    account = generate()
    passphrase = account.passphrase.reveal()

    assert uuid.UUID(account.api_key).version == 4
    assert account.api_key == account.api_key.lower()
    assert re.fullmatch("[0-9A-F]{32}", account.secret.reveal())
    assert 8 <= len(passphrase) <= 32
    for kind in (string.ascii_uppercase, string.ascii_lowercase, string.digits, string.punctuation):
        assert set(passphrase) & set(kind)


def test_two_generated_accounts_have_nothing_in_common() -> None:
    first, second = generate(), generate()

    assert first.api_key != second.api_key
    assert first.secret != second.secret
    assert first.passphrase != second.passphrase
    assert first.uid != second.uid


def test_every_field_of_a_generated_account_can_be_given() -> None:
    account = generate(passphrase=Secret("mine"), site="eea", uid="7")

    assert account.passphrase.reveal() == "mine"
    assert account.site == "eea"
    assert (account.uid, account.main_uid) == ("7", "7")


def test_an_account_does_not_print_its_secrets() -> None:
    account = generate()

    assert account.secret.reveal() not in repr(account)
    assert account.passphrase.reveal() not in repr(account)
