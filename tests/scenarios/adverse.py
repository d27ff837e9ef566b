"""What must not mislead: stale values, swapped secrets, one cause that hides another."""

from __future__ import annotations

from okx_doctor.gate.api.faults import Fault
from okx_doctor.settings import Options
from tests.scenarios.scenario import Scenario, likely, possible, proven, stated, warned
from tests.scenarios.stages import (
    HEX,
    KEY,
    LONG_AGO,
    PASSPHRASE,
    SECRET,
    SWAPPED_BACK,
    TIME,
    fault,
    filed,
    formed,
    held,
    lined,
    permuted,
    planned,
    really,
    set_to,
    without,
)

SCENARIOS: tuple[Scenario, ...] = (
    # A hidden value that OKX refuses at an earlier step is not the one that is meant.
    Scenario(
        name="wrong secret and a stale passphrase in the file",
        steps=("secret-wrong", lined(PASSPHRASE, "'Stale-123456!'")),
        causes=(likely("secret-wrong"),),
        exit=1,
    ),
    Scenario(
        name="wrong passphrase and a deleted key's three values in the file",
        steps=(
            "passphrase-wrong",
            lined(KEY, LONG_AGO),
            lined(SECRET, HEX),
            lined(PASSPHRASE, "'Stale-123456!'"),
        ),
        causes=(stated("passphrase-wrong"),),
        exit=1,
    ),
    Scenario(
        name="wrong secret and a deleted key's three values in the file",
        steps=(
            "secret-wrong",
            lined(KEY, LONG_AGO),
            lined(SECRET, HEX),
            lined(PASSPHRASE, "'Stale-123456!'"),
        ),
        causes=(likely("secret-wrong"),),
        exit=1,
    ),
    Scenario(
        name="wrong passphrase and a deleted key in the file",
        steps=("passphrase-wrong", lined(KEY, LONG_AGO)),
        causes=(stated("passphrase-wrong"),),
        exit=1,
    ),
    Scenario(
        name="unknown key and a malformed one in the file",
        steps=("api-key-unknown", lined(KEY, LONG_AGO[:-2])),
        causes=(stated("api-key-unknown"),),
        exit=1,
    ),
    Scenario(
        name="the file has the right passphrase and a stale secret",
        steps=(lined(PASSPHRASE, "'{}'"), set_to(PASSPHRASE, "Stale-123456!"), lined(SECRET, HEX)),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
    ),
    Scenario(
        name="unknown key and another unknown one in the file",
        steps=("api-key-unknown", lined(KEY, LONG_AGO)),
        causes=(likely("credential-sources-conflict"), stated("api-key-unknown")),
        exit=1,
    ),
    Scenario(
        name="truncated key and the whole one in the file",
        steps=(lined(KEY, "{}"), "api-key-malformed"),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
    ),
    Scenario(
        name="quoted passphrase and a stale one in the file",
        steps=("credential-quoted", lined(PASSPHRASE, "'Stale-123456!'")),
        causes=(proven("credential-quoted"),),
        exit=1,
    ),
    Scenario(
        name="a placeholder in the environment hides the right key in the file",
        steps=(lined(KEY, "{}"), set_to(KEY, "your-api-key")),
        causes=(likely("credentials-placeholder"), proven("credential-sources-conflict")),
        exit=1,
    ),
    # Two attempts are spent on the quotes; that the file has the right one was never tried.
    Scenario(
        name="stale passphrase in quotes in the environment hides the right one in the file",
        steps=(lined(PASSPHRASE, "'{}'"), set_to(PASSPHRASE, '"Stale-123456!"')),
        causes=(likely("credential-sources-conflict"), likely("credential-quoted")),
        exit=1,
    ),
    Scenario(
        name="stale key in quotes in the environment hides the right one in the file",
        steps=(lined(KEY, "{}"), set_to(KEY, f'"{LONG_AGO}"')),
        causes=(likely("credential-sources-conflict"), likely("credential-quoted")),
        exit=1,
    ),
    Scenario(
        name="stale secret in quotes in the environment hides the right one in the file",
        steps=(lined(SECRET, "{}"), set_to(SECRET, f'"{HEX}"')),
        causes=(proven("credential-sources-conflict"), likely("credential-quoted")),
        exit=1,
    ),
    Scenario(
        name="a deleted key's three values hide the right key with a wrong passphrase",
        steps=(
            lined(KEY, "{}"),
            lined(SECRET, "{}"),
            lined(PASSPHRASE, "'Wrong-123456!'"),
            set_to(KEY, LONG_AGO),
            set_to(SECRET, HEX),
            set_to(PASSPHRASE, "Stale-123456!"),
        ),
        causes=(likely("credential-sources-conflict"), stated("passphrase-wrong")),
        exit=1,
    ),
    Scenario(
        name="clock, site and a stale passphrase that hides the right one",
        steps=("credential-sources-conflict", "clock-drift", "wrong-site"),
        causes=(proven("clock-drift"), proven("wrong-site"), proven("credential-sources-conflict")),
        exit=1,
    ),
    Scenario(
        name="two equals signs before a wrong secret in the file",
        steps=(filed(SECRET, "={}"), "secret-wrong"),
        causes=(likely("env-file-mangled"), likely("secret-wrong")),
        exit=1,
    ),
    Scenario(
        name="two slots mangled and a wrong secret",
        steps=("env-file-mangled", filed(SECRET, "={}"), "secret-wrong"),
        causes=(proven("env-file-mangled"), likely("secret-wrong")),
        exit=1,
    ),
    # What OKX accepts with only another thing corrected is right as it stands.
    Scenario(
        name="passphrase that reads like an example and clock",
        steps=("clock-drift", really(PASSPHRASE, "my-okx-passphrase-1A")),
        causes=(proven("clock-drift"),),
        exit=1,
    ),
    Scenario(
        name="passphrase that reads like an example and site",
        steps=("wrong-site", really(PASSPHRASE, "my-okx-passphrase-1A")),
        causes=(proven("wrong-site"),),
        exit=1,
    ),
    Scenario(
        name="secret and passphrase are one text, which is not sent, and site",
        steps=("wrong-site", "passphrase-as-secret"),
        causes=(likely("passphrase-as-secret"),),
        exit=1,
        open=("wrong-site",),
    ),
    Scenario(
        name="passphrase that really has quotes and environment",
        steps=("wrong-environment", really(PASSPHRASE, '"Abc-123456!"')),
        causes=(proven("wrong-environment"),),
        exit=1,
    ),
    # A secret in a header's slot is not sent, whatever hangs on it.
    Scenario(
        name="swapped secret and passphrase and a zero-width space in the secret",
        steps=(held(SECRET, formed("{}\u200b")), permuted(**SWAPPED_BACK["secret and passphrase"])),
        causes=(likely("credentials-swapped"), likely("credential-characters")),
        exit=1,
    ),
    Scenario(
        name="swapped secret and key and a byte order mark in the secret",
        steps=(held(SECRET, formed("\ufeff{}")), permuted(secret="api_key", api_key="secret")),
        causes=(likely("credentials-swapped"), likely("credential-characters")),
        exit=1,
    ),
    Scenario(
        name="swapped secret and passphrase and quotes within quotes",
        steps=(held(SECRET, formed("'\"{}\"'")), permuted(**SWAPPED_BACK["secret and passphrase"])),
        causes=(likely("credentials-swapped"), likely("credential-quoted")),
        exit=1,
    ),
    Scenario(
        name="swapped secret and passphrase and O for 0 in the secret",
        steps=(
            really(SECRET, HEX),
            set_to(SECRET, HEX.replace("0", "O")),
            permuted(**SWAPPED_BACK["secret and passphrase"]),
        ),
        causes=(likely("credentials-swapped"), likely("credential-characters")),
        exit=1,
    ),
    Scenario(
        name="swapped secret and passphrase and quotes around the secret",
        steps=(held(SECRET, formed('"{}"')), permuted(**SWAPPED_BACK["secret and passphrase"])),
        causes=(likely("credentials-swapped"), likely("credential-quoted")),
        exit=1,
    ),
    Scenario(
        name="swapped secret and key and a newline after the secret",
        steps=(held(SECRET, formed("{}\n")), permuted(secret="api_key", api_key="secret")),
        causes=(likely("credentials-swapped"), likely("credential-whitespace")),
        exit=1,
    ),
    Scenario(
        name="swapped key and passphrase and two equals signs before the key in the file",
        steps=(permuted(**SWAPPED_BACK["key and passphrase"]), filed(KEY, "={}")),
        causes=(likely("credentials-swapped"), likely("env-file-mangled")),
        exit=1,
    ),
    Scenario(
        name="swapped key and passphrase, mangled key and site",
        steps=(permuted(**SWAPPED_BACK["key and passphrase"]), filed(KEY, "={}"), "wrong-site"),
        causes=(likely("credentials-swapped"), likely("env-file-mangled"), proven("wrong-site")),
        exit=1,
    ),
    Scenario(
        name="a key without its hyphens looks like a secret and is not sent",
        steps=(held(KEY, lambda text: text.replace("-", "")),),
        causes=(likely("api-key-malformed"),),
        exit=1,
        texts=("a UUID without its hyphens", "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"),
    ),
    Scenario(
        name="a passphrase with 32 hexadecimal digits in it is not sent",
        steps=(really(PASSPHRASE, "Pw-0123456789abcdef0123456789abcdef"),),
        causes=(possible("credentials-swapped"),),
        exit=3,
    ),
    Scenario(
        name="swapped in the environment and right in the file",
        steps=(
            lined(KEY, "{}"),
            lined(SECRET, "{}"),
            lined(PASSPHRASE, "'{}'"),
            permuted(**SWAPPED_BACK["key and passphrase"]),
        ),
        causes=(likely("credentials-swapped"),),
        exit=1,
    ),
    Scenario(
        name="quotes within quotes around the secret",
        steps=(held(SECRET, formed("'\"{}\"'")),),
        causes=(proven("credential-quoted"),),
        exit=1,
    ),
    Scenario(
        name="a trailing blank and a wrong passphrase",
        steps=(held(PASSPHRASE, formed("{} ")), "passphrase-wrong"),
        causes=(likely("credential-whitespace"), stated("passphrase-wrong")),
        exit=1,
    ),
    Scenario(
        name="a zero-width space and a wrong secret",
        steps=(held(SECRET, formed("{}\u200b")), "secret-wrong"),
        causes=(likely("credential-characters"), likely("secret-wrong")),
        exit=1,
    ),
    Scenario(
        name="quotes around a malformed key",
        steps=("api-key-malformed", held(KEY, formed('"{}"'))),
        causes=(likely("credential-quoted"), stated("api-key-malformed")),
        exit=1,
    ),
    Scenario(
        name="mangled key that no site knows",
        steps=("api-key-unknown", filed(KEY, "={}")),
        causes=(proven("env-file-mangled"), stated("api-key-unknown")),
        exit=1,
    ),
    Scenario(
        name="no secret, and the passphrase looks like one",
        steps=(lambda bench: set_to(PASSPHRASE, bench.environ[SECRET])(bench), without(SECRET)),
        causes=(proven("credentials-missing"), likely("credentials-swapped")),
        exit=1,
    ),
    Scenario(
        name="wrong passphrase hides a wrong secret",
        steps=("passphrase-wrong", "secret-wrong"),
        causes=(stated("passphrase-wrong"),),
        exit=1,
        open=("secret-wrong",),
    ),
    Scenario(
        name="lower-case passphrase that no other case puts right, with --try-case",
        steps=(really(PASSPHRASE, "mixedCASE-123!"), set_to(PASSPHRASE, "mixedcase-123!")),
        options=Options(try_case=True),
        causes=(stated("passphrase-wrong"), warned("passphrase-case-suspect", "possible")),
        exit=1,
    ),
    Scenario(
        name="OKX says 50102 and nothing else tells the time",
        steps=(planned(ntp="silent", clock_offset=45.0), fault(Fault.EDGE_BLOCK, "*", TIME)),
        causes=(likely("blocked-by-edge"), likely("clock-drift")),
        exit=1,
    ),
    Scenario(
        name="removed header and clock",
        steps=("header-missing", "clock-drift"),
        causes=(stated("header-missing"), likely("clock-drift")),
        exit=1,
    ),
    Scenario(
        name="no name and a lower-case passphrase",
        steps=("dns-failure", really(PASSPHRASE, "alllowercase1!")),
        causes=(likely("dns-failure"), warned("passphrase-case-suspect", "possible")),
        exit=3,
    ),
    Scenario(
        name="quotes around the passphrase with --try-case",
        steps=("credential-quoted",),
        options=Options(try_case=True),
        causes=(proven("credential-quoted"),),
        exit=1,
    ),
)
