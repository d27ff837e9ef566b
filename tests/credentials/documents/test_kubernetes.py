"""Secrets of Kubernetes: decoded, with what went wrong before they were encoded."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.credentials.documents.forms import read
from okx_doctor.credentials.documents.home import Home
from okx_doctor.credentials.files import UnusableFile

KEY = "5e17c0de-9b3a-4d6f-8a21-7f40c2d1b96e"
PHRASE = "Tern-Harbour7"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def secret(rows: str, name: str = "okx", part: str = "data") -> str:
    return f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\n{part}:\n{rows}"


def home(text: str, profile: str | None = None, name: str = "secret.yaml") -> Home:
    found = read(text, name, profile, {})
    assert isinstance(found, Home)
    return found


def test_data_is_decoded_and_named_by_its_line() -> None:
    (found,) = home(secret(f"  OKX_API_KEY: {encoded(KEY)}\n")).found

    assert (found.value.reveal(), str(found.source)) == (KEY, "data.OKX_API_KEY in secret.yaml line 6")
    assert found.change is None


def test_string_data_wins_over_data() -> None:
    text = secret(f"  OKX_API_KEY: {encoded('old')}\n") + f"stringData:\n  OKX_API_KEY: {KEY}\n"

    assert home(text).found[0].value.reveal() == KEY


@pytest.mark.parametrize(
    ("part", "written", "value", "meant", "what"),
    [
        ("data", encoded(PHRASE + "\n"), PHRASE + "\n", PHRASE, "ends with the newline that echo leaves"),
        ("data", encoded(encoded(PHRASE) + "\n"), encoded(PHRASE) + "\n", PHRASE, "is base64 of base64"),
        ("data", encoded(encoded(KEY)), encoded(KEY), KEY, "is base64 of base64"),
        ("stringData", encoded(PHRASE), encoded(PHRASE), PHRASE, "is base64 under stringData"),
        ("stringData", "012345678", "012345678", "012345678", "is not quoted"),
    ],
)
def test_what_went_wrong_before_is_told(part: str, written: str, value: str, meant: str, what: str) -> None:
    (found,) = home(secret(f"  passphrase: {written}\n", part=part)).found

    assert found.value.reveal() == value
    assert found.change is not None
    assert found.change.meant.reveal() == meant
    assert found.change.what.startswith(what)
    assert found.corrected.startswith("stringData: {passphrase: '…'}")


@pytest.mark.parametrize("phrase", ["Test1234", "Passw0rdPassw0rd", "QUJDREVGR0g="])
def test_a_passphrase_that_is_base64_by_chance_is_left_alone(phrase: str) -> None:
    (found,) = home(secret(f"  passphrase: {encoded(phrase)}\n")).found

    assert (found.value.reveal(), found.change) == (phrase, None)


def test_a_secret_is_read_whatever_kubectl_printed_it_as() -> None:
    resource = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "data": {"api-key": encoded(KEY)}}
    listed = {"apiVersion": "v1", "kind": "List", "items": [{"kind": "ConfigMap", "data": {"api-key": "x"}}, resource]}

    assert home(json.dumps(resource, indent=1), name="s.json").found[0].value.reveal() == KEY
    assert home(json.dumps(listed), name="s.json").found[0].value.reveal() == KEY
    assert home("kind: ConfigMap\n---\n" + secret(f"  apiKey: {encoded(KEY)}\n")).found[0].value.reveal() == KEY


def test_of_a_hundred_secrets_one_is_asked_for_by_its_name() -> None:
    text = "---\n".join(secret(f"  OKX_API_KEY: {encoded(f'k{at}')}\n", f"bot-{at}") for at in range(100))

    with pytest.raises(UnusableFile, match=r"several credentials: bot-0, .* and 92 more; choose one with --profile"):
        home(text)
    assert home(text, "bot-42").found[0].value.reveal() == "k42"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (secret("  OKX_API_KEY: hidden!\n"), "secret.yaml line 6: data.OKX_API_KEY is not base64 of a text"),
        (secret("  OKX_API_KEY: /w==\n"), "is not base64 of a text"),
        (secret("  password: 'x\n"), "is not YAML at line"),
        ("apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n", "holds a SealedSecret"),
        ("apiVersion: external-secrets.io/v1\nkind: ExternalSecret\n", "holds an ExternalSecret"),
        (secret("  tls.crt: eA==\n"), "holds no credentials"),
    ],
)
def test_what_cannot_be_read_is_named_in_one_line(text: str, said: str) -> None:
    with pytest.raises(UnusableFile) as refused:
        home(text)

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "hidden" not in str(refused.value)


@given(st.text(max_size=40))
def test_any_text_comes_back_from_data(text: str) -> None:
    (found,) = home(secret(f"  passphrase: {encoded(text)}\n")).found

    assert found.value.reveal() == text
