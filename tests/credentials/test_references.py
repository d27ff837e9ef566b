"""References to values that are kept elsewhere: which text is one, of which form, and what of it may be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.credentials.references import FILLINGS, filling, left_empty, reference

FORMS = {
    "${{ secrets.OKX_KEY }}": ("github", "OKX_KEY"),
    "{{secrets.OKX_KEY}}": ("github", "OKX_KEY"),
    "${env:OKX_API_KEY}": ("editor", "OKX_API_KEY"),
    "${input:okx-key}": ("editor", "okx-key"),
    "{{resolve:secretsmanager:okx:SecretString:key}}": ("stack", ""),
    "{{ okx_key }}": ("engine", ""),
    "{{ .Values.okx.key }}": ("engine", ""),
    '<%= ENV["OKX_KEY"] %>': ("erb", ""),
    "#{OKX_KEY}#": ("erb", "OKX_KEY"),
    "@OKX_KEY@": ("erb", "OKX_KEY"),
    "__OKX_KEY__": ("erb", "OKX_KEY"),
    "${OKX_KEY}": ("shell", "OKX_KEY"),
    "${OKX_KEY:-}": ("shell", "OKX_KEY"),
    "${okx_key}": ("shell", ""),
    "$OKX_KEY": ("shell", "OKX_KEY"),
    "$env:OKX_KEY": ("powershell", "OKX_KEY"),
    "%OKX_KEY%": ("cmd", "OKX_KEY"),
    "$(pass show okx)": ("command", ""),
    "op://trading/okx/key": ("1password", ""),
    "vault:secret/data/okx#key": ("vault", ""),
    ">>vault:secret/data/okx#key": ("vault", ""),
    "ref+vault://secret/okx#/key": ("vals", ""),
    "arn:aws:secretsmanager:eu-west-1:1:secret:okx": ("cloud", ""),
    "projects/bot/secrets/okx/versions/latest": ("cloud", ""),
    "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/okx)": ("cloud", ""),
    "/run/secrets/okx_key": ("path", ""),
    "process.env.OKX_KEY": ("code", "OKX_KEY"),
    'os.environ["OKX_KEY"]': ("code", "OKX_KEY"),
    'os.getenv("OKX_KEY")': ("code", "OKX_KEY"),
}


@pytest.mark.parametrize("text", FORMS)
def test_a_reference_is_known_with_who_fills_it_in(text: str) -> None:
    found = reference(text)

    assert found is not None
    assert (found.form, found.name) == FORMS[text]
    known = filling(found.form)
    assert known is not None
    assert known.filled_by
    assert known.cure


def test_every_form_is_tried() -> None:
    assert {known.id for known in FILLINGS} - {"mcp"} == {form for form, _ in FORMS.values()}


def test_in_the_settings_of_an_mcp_program_it_is_for_that_program_to_fill_in() -> None:
    found = reference("${OKX_KEY}", "mcpServers.okx.env.OKX_API_KEY")

    assert found is not None
    assert found.form == "mcp"


@pytest.mark.parametrize(
    "text", ["", "Tern-Harbour7", "$Tern2026", "${Tern-7}Bay", "Pa{{x}}7", "5%OFF%", "a@B@", "vault: Tern-7"]
)
def test_a_passphrase_with_such_signs_in_it_is_none(text: str) -> None:
    assert reference(text) is None


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=8, max_size=32))
def test_no_passphrase_that_okx_would_take_is_shown(text: str) -> None:
    for around in ("{}", "${{{}}}", "%{}%", "@{}@", "__{}__", "#{{{}}}", "{{{{{}}}}}"):
        found = reference(around.format(text))
        assert found is None or not found.name or found.name.upper() == found.name


@pytest.mark.parametrize("written", ["${KEY}", '"${KEY}"', "${KEY} # from the vault", "  ${KEY:-}"])
def test_a_value_that_a_loader_made_empty_is_told_by_what_is_written(written: str) -> None:
    found = left_empty(written, "")

    assert found is not None
    assert found.name == "KEY"
    assert left_empty(written, "a value") is None
